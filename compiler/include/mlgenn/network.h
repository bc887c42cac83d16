// SPDX-License-Identifier: Apache-2.0
// What the user says: populations, connections and trained weights, as plain values.
//
// Models are named by strings that index the catalogue (docs/models.md), so C++ and JSON are one language:
//
//   mlgenn::Network network;
//   network.name = "mnist";
//   network.populations = {
//       {.name = "input", .shape = {784}, .neuron = {"integrate_fire_input", {{"v_thresh", 5.0}}}},
//       {.name = "output", .shape = {10}, .neuron = {"integrate_fire", {{"v_thresh", 5.0}}},
//        .readout = "spike_count"}};
//   network.connections = {{.source = "input", .target = "output",
//                           .connectivity = {"dense", {{"weight", weights}}}}};
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mlgenn/array.h"

namespace mlgenn {

/// How the elements of an array are drawn when a network is compiled (docs/initialisers.md): by an entry of the
/// catalogue, or by code that assigns `value`.
struct Initialiser {
    /// "constant", "uniform", "normal", or "code".
    std::string name{};
    /// Those that differ from the entry's defaults; of code: all that it uses.
    std::map<std::string, double> params{};
    /// Only with the name "code".
    std::string code{};

    [[nodiscard]] static Initialiser constant(double value) { return {"constant", {{"value", value}}, {}}; }
    /// Evenly distributed from `min` to `max`.
    [[nodiscard]] static Initialiser uniform(double min, double max) {
        return {"uniform", {{"min", min}, {"max", max}}, {}};
    }
    [[nodiscard]] static Initialiser normal(double mean, double sd) {
        return {"normal", {{"mean", mean}, {"sd", sd}}, {}};
    }
    [[nodiscard]] static Initialiser from_code(std::string code, std::map<std::string, double> params = {}) {
        return {"code", std::move(params), std::move(code)};
    }
};

/// A parameter's value: off (JSON null), a switch, a number, a word, or one number per neuron / synapse, listed or to
/// be drawn. Numbers are doubles and rounded once, where they enter generated code.
class Value {
public:
    using Variant = std::variant<std::monostate, bool, double, std::string, Array, Initialiser>;

    Value() = default;
    Value(bool value) : value_(value) {}
    Value(int value) : value_(static_cast<double>(value)) {}
    Value(double value) : value_(value) {}
    Value(const char* value) : value_(std::string(value)) {}
    Value(std::string value) : value_(std::move(value)) {}
    Value(Array value) : value_(std::move(value)) {}
    Value(Initialiser value) : value_(std::move(value)) {}

    [[nodiscard]] const Variant& variant() const { return value_; }
    template <class T>
    [[nodiscard]] const T* get_if() const {
        return std::get_if<T>(&value_);
    }
    [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }

private:
    Variant value_;
};

using Parameters = std::map<std::string, Value>;

/// A catalogue entry by name, with the parameters that differ from its defaults.
struct ModelSpec {
    std::string model{};
    Parameters params{};

    ModelSpec() = default;
    ModelSpec(const char* name) : model(name) {}
    ModelSpec(std::string name) : model(std::move(name)) {}
    ModelSpec(std::string name, Parameters parameters) : model(std::move(name)), params(std::move(parameters)) {}
};

/// A metric by name, with its parameters (docs/metrics.md). Text says the same: "top_k_accuracy(k=3)", or with a name
/// for the results "top3: top_k_accuracy(k=3)".
struct MetricSpec {
    /// The text until validated() takes it apart.
    ModelSpec metric{};
    /// What results are called. Left empty: the metric and the parameters that are given, "top_k_accuracy(k=3)".
    std::string name{};

    MetricSpec() = default;
    MetricSpec(const char* text) : metric(text) {}
    MetricSpec(std::string text) : metric(std::move(text)) {}
    MetricSpec(std::string model, Parameters params, std::string result_name = {})
        : metric(std::move(model), std::move(params)), name(std::move(result_name)) {}
};

struct Population {
    /// Unique in the network; letters, digits and underscores, starting with a letter.
    std::string name{};
    /// Row-major neuron index; images are (height, width, channels). Left empty: taken from the connections into it.
    Shape shape{};
    ModelSpec neuron{};
    /// Present: the population is an output.
    std::optional<ModelSpec> readout{};
    /// Of an output: what evaluate() scores, unless the compiler's options or the call name others.
    std::vector<MetricSpec> metrics{};
    /// The spikes can be recorded by callbacks that are given to calls (docs/callbacks.md).
    bool record_spikes = false;
};

struct Connection {
    /// Left empty: "<source>_to_<target>".
    std::string name{};
    std::string source{};
    std::string target{};
    ModelSpec connectivity{};
    ModelSpec synapse = "delta";
    /// Extra steps: a spike of step t arrives in step t + 1 + delay. A whole number >= 0, an array of them with one per
    /// weight, or an initialiser, whose draws are truncated.
    Value delay = 0;
    /// A longer delay than this is an error. Unset: 65535.
    std::optional<std::uint32_t> max_delay_steps{};
};

/// One variable of a model that is given by equations.
struct VariableEquation {
    /// dx/dt [1/ms] as an expression: "(-V + Isyn) / tau". Empty: it changes at spikes only.
    std::string derivative{};
    /// Its value after a spike, as an expression. Empty: a spike does not change it. Of a synapse: after a spike that
    /// arrives with `weight`.
    std::string jump{};
};

/// A neuron model defined by code strings (docs/user_models.md). Populations refer to it by name; its params and vars
/// are its parameters there, and arrays of them have one element per neuron.
struct UserNeuronModel {
    std::string name{};
    /// Default values.
    std::map<std::string, double> params{};
    /// Expressions of params and dt, evaluated in double and rounded once: {"alpha", "exp(-dt / tau)"}.
    std::map<std::string, std::string> derived_params{};
    /// State variables and their initial values.
    std::map<std::string, double> vars{};
    /// Statements that run in every step.
    std::string sim_code{};
    /// A condition without ';'. Empty: the model never spikes.
    std::string threshold_condition_code{};
    /// Statements that run at a spike.
    std::string reset_code{};
    /// The variable that readouts read. Empty: none.
    std::string output_variable{};
    /// Instead of the three code strings: equations by variable. Those that `vars` does not name start at 0.
    std::map<std::string, VariableEquation> equations{};
    /// With equations: the neuron spikes where this expression is >= 0. Empty: never.
    std::string threshold{};
    /// With equations: "exponential_euler" (exact for the linear part of each equation) or "linear_euler".
    std::string solver = "exponential_euler";
    /// With equations: steps of the solver per timestep, 1 to 1000.
    std::uint32_t sub_steps = 1;
};

/// A synapse model defined by a code string that calls injectCurrent(...). `inSyn` is what has arrived so far.
struct UserSynapseModel {
    std::string name{};
    std::map<std::string, double> params{};
    std::map<std::string, std::string> derived_params{};
    std::map<std::string, double> vars{};
    std::string code{};
    /// Instead of code: equations by variable; jumps are the variable plus a constant times `weight`.
    std::map<std::string, VariableEquation> equations{};
    /// With equations: the current into the target, before the step of the variables.
    std::string inject_current{};
    std::string solver = "exponential_euler";
    std::uint32_t sub_steps = 1;
};

/// A metric defined by a code string (docs/metrics.md) that scores one example; the result is the mean over examples.
/// Metrics refer to it by name; its params are their parameters there.
struct UserMetricModel {
    std::string name{};
    std::map<std::string, double> params{};
    /// Reads output(j), and `label` or target(j); assigns `score`.
    std::string code{};
};

/// Where a network came from, so that errors can point into the file. Filled by the readers.
struct NetworkOrigin {
    /// File name for messages; empty for networks built in C++.
    std::string file{};
};

struct Network {
    std::string name = "network";
    std::vector<Population> populations{};
    std::vector<Connection> connections{};
    std::vector<UserNeuronModel> neuron_models{};
    std::vector<UserSynapseModel> synapse_models{};
    std::vector<UserMetricModel> metric_models{};
    NetworkOrigin origin{};

    [[nodiscard]] const Population* find_population(const std::string& population_name) const;
};

/// Checks everything that can be checked before compiling, infers missing shapes and connection names, and returns
/// the completed network. Throws DescriptionError with *all* findings.
[[nodiscard]] Network validated(Network network);

/// Replaces every initialiser of a validated network by what a compilation with this `rng_seed` draws: an array, or one
/// number for a constant. Code may read `dt_ms`. Throws DescriptionError for draws that the parameter does not allow.
[[nodiscard]] Network drawn(Network network, std::uint64_t rng_seed, double dt_ms = 1.0);

}  // namespace mlgenn
