// SPDX-License-Identifier: Apache-2.0
// Feeds input populations of the reference interpreter.
#include "tests/reference/inputs.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace mlgenn::reference {
namespace {

std::size_t examples_in(const Input& input) {
    if (const auto* dense = std::get_if<DenseInput>(&input)) {
        return dense->values.shape().at(0);
    }
    return std::get<SpikeInput>(input).offsets.size() - 1;
}

std::size_t whole_number(const Population& population, const std::string& name) {
    const auto found = population.neuron.params.find(name);
    const double* number = found == population.neuron.params.end() ? nullptr : found->second.get_if<double>();
    return number == nullptr ? 1 : static_cast<std::size_t>(*number);
}

}  // namespace

std::size_t num_examples_of(const Inputs& inputs) {
    std::optional<std::size_t> examples;
    for (const auto& [population, input] : inputs) {
        if (examples && *examples != examples_in(input)) {
            throw std::invalid_argument("inputs hold different numbers of examples");
        }
        examples = examples_in(input);
    }
    return examples.value_or(0);
}

ExampleFeed::ExampleFeed(const Population& population, const NeuronKind& kind, const Input& input, std::size_t example)
    : events_(kind.input == InputKind::events),
      num_neurons_(num_elements(population.shape)),
      num_frames_(whole_number(population, "input_frames")),
      frame_timesteps_(whole_number(population, "input_frame_timesteps")) {
    if (events_) {
        read_events(std::get<SpikeInput>(input), example);
    } else {
        read_values(std::get<DenseInput>(input), example);
    }
}

void ExampleFeed::read_values(const DenseInput& input, std::size_t example) {
    const std::size_t count = num_frames_ * num_neurons_;
    if (input.values.size() != input.values.shape().at(0) * count) {
        throw std::invalid_argument("input " + to_string(input.values.shape()) + " does not hold " +
                                    std::to_string(count) + " values per example");
    }
    for (std::size_t i = 0; i < count; ++i) {
        values_.push_back(static_cast<float>(input.values.value(example * count + i) * input.scale));
    }
}

void ExampleFeed::read_events(const SpikeInput& input, std::size_t example) {
    event_times_.resize(num_neurons_);
    next_.assign(num_neurons_, 0);
    const auto begin = static_cast<std::size_t>(input.offsets.value(example));
    const auto end = static_cast<std::size_t>(input.offsets.value(example + 1));
    for (std::size_t i = begin; i < end; ++i) {
        const auto id = static_cast<std::size_t>(input.ids.value(i));
        event_times_.at(id).push_back(static_cast<float>(input.times_ms.value(i)));
    }
    for (std::vector<float>& times : event_times_) {
        std::sort(times.begin(), times.end());
    }
}

float ExampleFeed::take(std::size_t j, std::uint32_t step, float t) {
    if (!events_) {
        const std::size_t frame = std::min<std::size_t>(step / frame_timesteps_, num_frames_ - 1);
        return values_[frame * num_neurons_ + j];
    }
    if (next_[j] == event_times_[j].size() || !(t >= event_times_[j][next_[j]])) {
        return 0.0f;
    }
    next_[j] += 1;
    return 1.0f;
}

}  // namespace mlgenn::reference
