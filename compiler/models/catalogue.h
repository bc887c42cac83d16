// SPDX-License-Identifier: Apache-2.0
// The catalogue: every neuron model, synapse, connectivity, readout, metric and initialiser, once.
//
// An entry contributes IR and a parameter table; names in JSON, checks, docs/models.md and the tests follow from it.
// Adding one: a file in the kind's folder and a line in catalogue.cpp (docs/extending.md).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/models/parameters.h"

namespace mlgenn::models {

class NeuronBuilder;
class SynapseBuilder;
class RowBuilder;
class ReadoutBuilder;
class MetricBuilder;
class ElementRandom;

enum class InputForm : std::uint8_t { none, values, events };

struct NeuronModel {
    Entry entry{};
    bool spiking = true;
    InputForm input = InputForm::none;
    /// Variable that readouts read ("V"); empty: variable readouts do not apply.
    std::string output_variable{};
    /// Boolean parameter that lets the model emit negative events; empty: it never does.
    std::string negative_events_switch{};
    /// State variables, recordable by name.
    std::vector<std::string> variables{};
    /// Codes numbers as the spikes of a presentation (docs/few_spike.md); parameters k and alpha.
    bool few_spike = false;
    std::function<void(NeuronBuilder&)> build{};
};

struct SynapseModel {
    Entry entry{};
    std::function<void(SynapseBuilder&)> build{};
};

/// What a connectivity is asked about shapes. Findings go into `diagnostics` with `where` as their place.
struct ConnectivityQuery {
    ParameterReader params;
    Shape source{};
    /// Empty while not known.
    Shape target{};
    std::string where{};
    std::vector<Diagnostic>& diagnostics;
};

/// A validated connection that is to be lowered.
struct ConnectivityRequest {
    ParameterReader params;
    const Shape& source;
    const Shape& target;
    /// Extra delay of every synapse, of the shape that element_shape names; null: all synapses share the connection's.
    const Array* delays = nullptr;
    /// Source and target are the same population.
    bool recurrent = false;
    /// Random connectivities depend on these two and their parameters alone.
    std::uint64_t seed = 0;
    std::string_view name{};
};

/// A connection as its row view needs it: weights in the order in which rows read them.
struct LoweredConnectivity {
    /// Empty with `uniform_weight`.
    std::vector<float> weights{};
    std::optional<float> uniform_weight{};
    /// Steps in the order of the weights, or empty.
    std::vector<std::uint32_t> delays{};
    /// Extra constant index arrays by name ("row_start", "target").
    std::vector<std::pair<std::string, std::vector<std::uint32_t>>> indices{};
    std::uint64_t num_synapses = 0;
    /// max over targets of the sum of |weight| over its synapses (a convolution: over the full kernel).
    double max_abs_input = 0.0;
    /// Distance between rows for connectivities whose rows reach every target (RowBuilder::dense_row).
    std::uint32_t row_stride = 0;
};

/// What an element of an array of weights or delays belongs to.
enum class ElementKind : std::uint8_t {
    none,      ///< there are no such arrays
    matrix,    ///< the synapse from element / targets to element % targets
    diagonal,  ///< the synapse from neuron `element` to neuron `element`
    kernel,    ///< an element of a kernel that several synapses share
    listed,    ///< the synapse that list_synapses gives
};

/// Source and target neurons, of equal length.
struct SynapseLists {
    std::vector<std::uint32_t> pre{};
    std::vector<std::uint32_t> post{};
};

struct ConnectivityModel {
    Entry entry{};
    /// Checks parameters against the source (and target, if known) and returns the target shape that the connection
    /// produces, or nothing when it fits any / after a finding.
    std::optional<Shape> (*target_shape)(const ConnectivityQuery&) = nullptr;
    /// The shape of an array of weights or delays, with an element per synapse or per element of a kernel (empty where
    /// the parameters do not tell); null: nobody can list them, or there are none.
    Shape (*element_shape)(const ParameterReader&, const Shape& source, const Shape& target) = nullptr;
    ElementKind elements = ElementKind::none;
    /// With ElementKind::listed: source and target of every element.
    SynapseLists (*list_synapses)(const ConnectivityRequest&) = nullptr;
    LoweredConnectivity (*lower)(const ConnectivityRequest&) = nullptr;
    /// Row view: the synapses of one presynaptic neuron, as loops around RowBuilder::synapse.
    void (*row)(RowBuilder&) = nullptr;
};

struct ReadoutModel {
    Entry entry{};
    bool needs_spiking = false;
    bool needs_variable = false;
    Storage storage = Storage::f32;
    void (*build)(ReadoutBuilder&) = nullptr;
};

struct MetricObstacle {
    std::string problem{};
    std::string remedy{};
};

struct MetricModel {
    Entry entry{};
    TargetKind target = TargetKind::label;
    ScoreKind score = ScoreKind::count;
    /// Compiled for every output when nobody names metrics.
    bool by_default = false;
    /// Of counts and sums: the result is divided by the number of neurons.
    bool divide_by_neurons = false;
    /// Of histograms: the shape of the bins of an output with that many neurons.
    Shape (*bins)(std::uint32_t num_neurons) = nullptr;
    /// Why it cannot score an output with that many neurons, and what to do; null: it can score any.
    std::optional<MetricObstacle> (*obstacle)(const ParameterReader&, std::uint32_t num_neurons) = nullptr;
    std::function<void(MetricBuilder&)> build{};
};

/// How the elements of an array are drawn.
struct InitialiserModel {
    Entry entry{};
    /// Ascending parameters that every draw lies between; a single one is the value itself, none: draws are unbounded.
    std::vector<std::string> bounds{};
    /// One element; `random` stands at its beginning.
    double (*draw)(const ParameterReader&, ElementRandom& random) = nullptr;
};

[[nodiscard]] std::span<const NeuronModel> neuron_models();
[[nodiscard]] std::span<const SynapseModel> synapse_models();
[[nodiscard]] std::span<const ConnectivityModel> connectivity_models();
[[nodiscard]] std::span<const ReadoutModel> readout_models();
[[nodiscard]] std::span<const MetricModel> metric_models();
[[nodiscard]] std::span<const InitialiserModel> initialiser_models();

[[nodiscard]] const NeuronModel* find_neuron_model(std::string_view name);
[[nodiscard]] const SynapseModel* find_synapse_model(std::string_view name);
[[nodiscard]] const ConnectivityModel* find_connectivity_model(std::string_view name);
[[nodiscard]] const ReadoutModel* find_readout_model(std::string_view name);
[[nodiscard]] const MetricModel* find_metric_model(std::string_view name);
[[nodiscard]] const InitialiserModel* find_initialiser_model(std::string_view name);

}  // namespace mlgenn::models
