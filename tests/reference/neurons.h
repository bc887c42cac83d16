// SPDX-License-Identifier: Apache-2.0
// Neuron models of the reference interpreter: one class per model, in neurons/, and one line each in kinds.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/reference/moment.h"
#include "tests/reference/parameters.h"

namespace mlgenn::reference {

struct NeuronContext {
    std::size_t num_neurons = 0;
    double dt = 1.0;
    std::string population;
    std::uint64_t rng_seed = 0;
};

/// All neurons of one population: their state, and the parts of a timestep in the order in which they run.
class Neurons {
public:
    virtual ~Neurons() = default;
    virtual void reset() = 0;
    virtual void begin_step(const Moment&) {}
    /// Simulation code of neuron j. `isyn` is its summed synaptic current; for value inputs the input value instead,
    /// for event inputs 1 when an event is due and 0 otherwise.
    virtual void update(std::size_t j, float isyn) = 0;
    [[nodiscard]] virtual bool fires(std::size_t j) const = 0;
    /// Whether it emits a negative event: -weight through every connection.
    [[nodiscard]] virtual bool fires_negative(std::size_t) const { return false; }
    virtual void on_spike(std::size_t j) = 0;
    /// What variable readouts read.
    [[nodiscard]] virtual float output(std::size_t j) const = 0;
    /// State by name; null when the model has no such variable.
    [[nodiscard]] virtual const std::vector<float>* variable(std::string_view name) const = 0;
};

enum class InputKind : std::uint8_t { none, values, events };

struct NeuronKind {
    std::string_view name;
    InputKind input = InputKind::none;
    std::unique_ptr<Neurons> (*make)(ParameterView&, const NeuronContext&) = nullptr;
};
/// Stands for all models that networks bring with them.
inline constexpr NeuronKind user_neuron_kind{"user model", InputKind::none, nullptr};
/// Throws Unsupported for a name that the interpreter does not know.
[[nodiscard]] const NeuronKind& find_neuron_kind(std::string_view name);

[[nodiscard]] std::unique_ptr<Neurons> make_spike_input(ParameterView&, const NeuronContext&);
[[nodiscard]] std::unique_ptr<Neurons> make_binary_spike_input(ParameterView&, const NeuronContext&);
[[nodiscard]] std::unique_ptr<Neurons> make_poisson_input(ParameterView&, const NeuronContext&);
[[nodiscard]] std::unique_ptr<Neurons> make_adaptive_leaky_integrate_fire(ParameterView&, const NeuronContext&);
[[nodiscard]] std::unique_ptr<Neurons> make_integrate_fire(ParameterView&, const NeuronContext&);
[[nodiscard]] std::unique_ptr<Neurons> make_leaky_integrate(ParameterView&, const NeuronContext&);
[[nodiscard]] std::unique_ptr<Neurons> make_leaky_integrate_fire(ParameterView&, const NeuronContext&);

}  // namespace mlgenn::reference
