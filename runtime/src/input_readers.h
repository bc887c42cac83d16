// SPDX-License-Identifier: Apache-2.0
// Converts the caller's inputs, one example at a time, into what generated code reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mlgenn/execution_plan.h"
#include "mlgenn/executor.h"
#include "mlgenn/inputs.h"
#include "runtime/src/spike_events.h"

namespace mlgenn::runtime {

/// Dense values as float32(double(x) * scale). Reading is const: any number of threads, each with its own scratch.
class DenseReader {
public:
    DenseReader(const DenseInput& input, std::size_t values_per_example);

    /// Views the caller's array where nothing has to be converted, else `scratch`.
    [[nodiscard]] std::span<const float> read(std::size_t example, std::vector<float>& scratch) const;
    /// Views the caller's array if it is of bytes (u8 or bool).
    [[nodiscard]] std::optional<ByteValues> read_bytes(std::size_t example) const;

private:
    Array values_;
    double scale_;
    std::size_t values_per_example_;
    /// For u8 and bool: what each of the 256 possible bytes becomes.
    std::vector<float> table_{};
};

/// What one thread needs to read events.
struct EventScratch {
    SpikeEventBinner binner;
    std::vector<float> times{};
    std::vector<std::uint32_t> ids{};
};

/// Spike events, sorted into steps.
class EventReader {
public:
    EventReader(const SpikeInput& input, const InputPlan& plan);

    [[nodiscard]] EventScratch make_scratch(std::uint32_t num_timesteps, double dt_ms) const;
    /// The result lies in `scratch`. Throws DescriptionError for a NaN time and an id that is no neuron.
    [[nodiscard]] StepEvents read(std::size_t example, EventScratch& scratch) const;

private:
    [[nodiscard]] std::span<const float> times_of(std::size_t begin, std::size_t end, EventScratch& scratch) const;
    [[nodiscard]] std::span<const std::uint32_t> ids_of(EventOrigin origin, std::size_t end,
                                                        EventScratch& scratch) const;

    std::string population_;
    std::uint32_t num_neurons_;
    Array times_;
    Array ids_;
    std::vector<std::size_t> offsets_;
    std::size_t most_events_ = 0;
};

}  // namespace mlgenn::runtime
