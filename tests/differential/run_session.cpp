// SPDX-License-Identifier: Apache-2.0
#include "tests/differential/run_session.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <variant>

#include "mlgenn/execution_plan.h"
#include "mlgenn/session.h"
#include "runtime/src/input_readers.h"

namespace mlgenn::differential {
namespace {

constexpr std::array<std::uint32_t, 7> call_sizes = {1, 2, 1, 5, 1, 70, 3};
constexpr std::size_t calls_between_snapshots = 4;

std::size_t num_examples_of(const Inputs& inputs) {
    const Input& input = inputs.begin()->second;
    if (const auto* dense = std::get_if<DenseInput>(&input)) {
        return dense->values.shape()[0];
    }
    return std::get<SpikeInput>(input).offsets.size() - 1;
}

/// Events by the rules of an example, in which what is not due by its last step is dropped.
void push_example(Session& session, const Inputs& inputs, std::size_t example) {
    const ExecutionPlan& plan = session.plan();
    for (const InputPlan& input : plan.inputs) {
        const Input& given = inputs.at(input.population);
        if (const auto* dense = std::get_if<DenseInput>(&given)) {
            std::vector<float> scratch;
            const std::size_t num_values = std::size_t{input.num_frames} * input.num_neurons;
            session.set_values(input.population, runtime::DenseReader(*dense, num_values).read(example, scratch));
            continue;
        }
        const runtime::EventReader reader(std::get<SpikeInput>(given), input);
        runtime::EventScratch scratch = reader.make_scratch(plan.num_timesteps, plan.dt_ms);
        const runtime::StepEvents events = reader.read(example, scratch);
        std::vector<std::uint64_t> steps;
        for (std::uint32_t step = 0; step < plan.num_timesteps; ++step) {
            steps.insert(steps.end(), events.offsets[step + 1] - events.offsets[step], session.position() + step);
        }
        session.push_events(input.population, steps, events.ids);
    }
}

class Collector {
public:
    Collector(const ExecutionPlan& plan, std::size_t num_examples) : plan_(plan), num_examples_(num_examples) {
        for (const RecordingPlan& recording : plan.recordings) {
            if (recording.spikes) {
                result_.recordings.spikes[recording.key].resize(num_examples);
            } else {
                result_.recordings.traces[recording.key] =
                    Array(DType::f32, leading({num_examples, plan.num_timesteps}, recording.shape));
            }
        }
    }

    void add_call(const Session& session, std::size_t example, std::uint32_t begin) {
        for (const RecordingPlan& recording : plan_.recordings) {
            if (recording.spikes) {
                const SpikeRecord& spikes = session.spikes(recording.key);
                SpikeRecord& all = result_.recordings.spikes.at(recording.key)[example];
                for (const std::uint32_t step : spikes.steps) {
                    all.steps.push_back(begin + step);
                }
                all.ids.insert(all.ids.end(), spikes.ids.begin(), spikes.ids.end());
                continue;
            }
            const std::span<const float> trace = session.trace(recording.key);
            const std::size_t row = example * plan_.num_timesteps + begin;
            std::copy(trace.begin(), trace.end(),
                      result_.recordings.traces.at(recording.key).as_mutable<float>().begin() +
                          static_cast<std::ptrdiff_t>(row * recording.num_neurons));
        }
    }

    void add_window(const Session& session, std::size_t example) {
        for (const OutputPlan& output : plan_.outputs) {
            const Array window = session.window_output(output.population);
            Array& all = result_.outputs[output.population];
            if (example == 0) {
                all = Array(window.dtype(), leading({num_examples_}, output.shape));
            }
            std::memcpy(all.mutable_bytes().data() + example * window.bytes().size(), window.bytes().data(),
                        window.bytes().size());
        }
    }

    Predictions take() { return std::move(result_); }

private:
    static Shape leading(std::initializer_list<std::size_t> first, const Shape& shape) {
        Shape all(first);
        all.insert(all.end(), shape.begin(), shape.end());
        return all;
    }

    const ExecutionPlan& plan_;
    std::size_t num_examples_;
    Predictions result_{};
};

}  // namespace

Predictions predict_in_session(const CompiledNetwork& network, const Inputs& inputs) {
    const std::size_t num_examples = num_examples_of(inputs);
    const std::uint32_t timesteps = network.plan().num_timesteps;
    Collector collector(network.plan(), num_examples);
    Session session = network.open_session();
    std::size_t call = 0;
    for (std::size_t example = 0; example < num_examples; ++example) {
        push_example(session, inputs, example);
        for (std::uint32_t begin = 0; begin < timesteps;) {
            const std::uint32_t size = std::min(call_sizes[call % call_sizes.size()], timesteps - begin);
            session.step(size);
            collector.add_call(session, example, begin);
            begin += size;
            if (++call % calls_between_snapshots == 0) {
                const std::vector<std::byte> snapshot = session.snapshot();
                session = network.open_session({.steps_per_call = 3});
                session.restore(snapshot);
            }
        }
        collector.add_window(session, example);
    }
    return collector.take();
}

}  // namespace mlgenn::differential
