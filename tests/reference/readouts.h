// SPDX-License-Identifier: Apache-2.0
// Readouts of the reference interpreter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "mlgenn/array.h"
#include "tests/reference/moment.h"
#include "tests/reference/parameters.h"

namespace mlgenn::reference {

struct ReadoutContext {
    std::size_t num_neurons = 0;
    std::uint32_t num_timesteps = 0;
    double dt = 1.0;
};

class Readout {
public:
    virtual ~Readout() = default;
    virtual void reset() = 0;
    virtual void begin_step(const Moment&) {}
    /// In every step, before the threshold test: the output variable of neuron j.
    virtual void accumulate(std::size_t j, float variable) = 0;
    virtual void on_spike(std::size_t j) = 0;
    [[nodiscard]] virtual DType dtype() const = 0;
    /// Bit pattern of the result for neuron j, whose output variable ends (after any reset) as `variable`.
    [[nodiscard]] virtual std::uint32_t result_bits(std::size_t j, float variable) const = 0;
};

struct ReadoutKind {
    std::string_view name;
    std::unique_ptr<Readout> (*make)(ParameterView&, const ReadoutContext&) = nullptr;
};
/// Throws Unsupported for a name that the interpreter does not know.
[[nodiscard]] const ReadoutKind& find_readout_kind(std::string_view name);

[[nodiscard]] std::unique_ptr<Readout> make_spike_count(ParameterView&, const ReadoutContext&);
[[nodiscard]] std::unique_ptr<Readout> make_first_spike_time(ParameterView&, const ReadoutContext&);
[[nodiscard]] std::unique_ptr<Readout> make_avg_var_exp_weight(ParameterView&, const ReadoutContext&);
[[nodiscard]] std::unique_ptr<Readout> make_sum_var(ParameterView&, const ReadoutContext&);
[[nodiscard]] std::unique_ptr<Readout> make_max_var(ParameterView&, const ReadoutContext&);
[[nodiscard]] std::unique_ptr<Readout> make_var(ParameterView&, const ReadoutContext&);
[[nodiscard]] std::unique_ptr<Readout> make_avg_var(ParameterView&, const ReadoutContext&);

}  // namespace mlgenn::reference
