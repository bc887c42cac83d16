// SPDX-License-Identifier: Apache-2.0
// Gives an executor the examples of one call of predict or evaluate, and its results their places.
#include "runtime/src/example_feeder.h"

#include <utility>

#include "runtime/src/result_shape.h"

namespace mlgenn::runtime {

ReadoutStore::ReadoutStore(const ExecutionPlan& plan, std::size_t num_examples)
    : ReadoutStore(plan, num_examples, std::vector<bool>(plan.outputs.size(), true)) {}

ReadoutStore::ReadoutStore(const ExecutionPlan& plan, std::size_t num_examples, const std::vector<bool>& wanted) {
    for (const OutputPlan& output : plan.outputs) {
        Channel& channel = channels_.emplace_back();
        if (channels_.size() > wanted.size() || !wanted[channels_.size() - 1]) {
            continue;
        }
        channel.population = output.population;
        channel.bytes_per_example = output.num_neurons * size_of(output.storage);
        channel.values = Array(dtype_of(output.storage), with_leading({num_examples}, output.shape));
        channel.data = channel.values.mutable_bytes().data();
    }
}

std::byte* ReadoutStore::place(std::size_t output, std::size_t example) {
    const Channel& channel = channels_[output];
    return channel.data == nullptr ? nullptr : channel.data + example * channel.bytes_per_example;
}

std::map<std::string, Array> ReadoutStore::take() {
    std::map<std::string, Array> outputs;
    for (Channel& channel : channels_) {
        outputs[channel.population] = std::move(channel.values);
    }
    channels_.clear();
    return outputs;
}

ExampleFeeder::ExampleFeeder(const ExecutionPlan& plan, const Inputs& inputs, unsigned num_workers, Recorder& recorder,
                             ReadoutStore* readouts, Scoring* scoring)
    : num_timesteps_(plan.num_timesteps),
      dt_ms_(plan.dt_ms),
      scratch_(num_workers),
      num_recordings_(plan.recordings.size()),
      recorder_(recorder),
      readouts_(readouts),
      scoring_(scoring) {
    for (const InputPlan& input : plan.inputs) {
        const Input& given = inputs.at(input.population);
        if (const auto* dense = std::get_if<DenseInput>(&given)) {
            readers_.emplace_back(DenseReader(*dense, std::size_t{input.num_frames} * input.num_neurons));
        } else {
            readers_.emplace_back(EventReader(std::get<SpikeInput>(given), input));
        }
    }
}

std::vector<ExampleFeeder::Scratch>& ExampleFeeder::scratch_of(unsigned worker) {
    std::vector<Scratch>& scratch = scratch_[worker];
    if (scratch.empty()) {
        for (const Reader& reader : readers_) {
            if (const auto* events = std::get_if<EventReader>(&reader)) {
                scratch.emplace_back(events->make_scratch(num_timesteps_, dt_ms_));
            } else {
                scratch.emplace_back(std::vector<float>());
            }
        }
    }
    return scratch;
}

void ExampleFeeder::input(std::size_t example, unsigned worker, ExampleInput& input) {
    std::vector<Scratch>& scratch_of_inputs = scratch_of(worker);
    for (std::size_t i = 0; i < readers_.size(); ++i) {
        Scratch& scratch = scratch_of_inputs[i];
        if (const auto* dense = std::get_if<DenseReader>(&readers_[i])) {
            if (const auto bytes =
                    input.byte_values.empty() ? std::nullopt : dense->read_bytes(first_example_ + example)) {
                input.byte_values[i] = *bytes;
                continue;
            }
            input.values[i] = dense->read(first_example_ + example, std::get<std::vector<float>>(scratch));
        } else {
            const StepEvents events =
                std::get<EventReader>(readers_[i]).read(first_example_ + example, std::get<EventScratch>(scratch));
            input.event_offsets[i] = events.offsets;
            input.event_ids[i] = events.ids;
        }
    }
}

void ExampleFeeder::output(std::size_t example, unsigned worker, ExampleOutput& output) {
    const std::size_t index = first_example_ + example;
    if (readouts_ != nullptr) {
        for (std::size_t i = 0; i < output.readouts.size(); ++i) {
            output.readouts[i] = readouts_->place(i, index);
        }
    }
    for (std::size_t i = 0; i < num_recordings_; ++i) {
        output.recordings[i] = recorder_.rows(i, index, worker);
    }
    if (scoring_ != nullptr) {
        for (std::size_t i = 0; i < scoring_->num_scored(); ++i) {
            output.targets[scoring_->metric(i)] = scoring_->target(i, index, worker);
        }
    }
}

void ExampleFeeder::done(std::size_t example, unsigned worker) {
    for (std::size_t i = 0; i < num_recordings_; ++i) {
        recorder_.collect(i, first_example_ + example, worker);
    }
}

}  // namespace mlgenn::runtime
