// SPDX-License-Identifier: Apache-2.0
// What an input population gets in each step: values by frame, or events that come due.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mlgenn/inputs.h"
#include "mlgenn/network.h"
#include "tests/reference/neurons.h"

namespace mlgenn::reference {

/// Number of examples in the inputs; throws std::invalid_argument when they disagree.
[[nodiscard]] std::size_t num_examples_of(const Inputs& inputs);

/// The input of one population in one example.
class ExampleFeed {
public:
    ExampleFeed(const Population& population, const NeuronKind& kind, const Input& input, std::size_t example);

    /// The value for neuron j: of the frame for step `step`, or 1 for an event that is due `t` ms after the example's
    /// beginning, which is then used up.
    [[nodiscard]] float take(std::size_t j, std::uint32_t step, float t);

private:
    void read_values(const DenseInput& input, std::size_t example);
    void read_events(const SpikeInput& input, std::size_t example);

    bool events_ = false;
    std::size_t num_neurons_ = 0;
    std::size_t num_frames_ = 1;
    std::size_t frame_timesteps_ = 1;
    std::vector<float> values_;
    /// Per neuron, ascending; next_ counts those already emitted.
    std::vector<std::vector<float>> event_times_;
    std::vector<std::size_t> next_;
};

}  // namespace mlgenn::reference
