// SPDX-License-Identifier: Apache-2.0
// Runs all examples on the reference interpreter and collects what they give.
#include "tests/reference/reference_interpreter.h"

#include <algorithm>
#include <cstring>

#include "tests/reference/few_spike.h"
#include "tests/reference/flush_subnormals.h"
#include "tests/reference/slot.h"

namespace mlgenn::reference {
namespace {

struct Trace {
    std::size_t population = 0;
    std::string variable;
    Array* values = nullptr;
};

std::size_t index_of(const Network& network, const std::string& name) {
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        if (network.populations[p].name == name) {
            return p;
        }
    }
    throw Unsupported("there is no population '" + name + "' to trace");
}

Shape with_leading(std::initializer_list<std::size_t> leading, const Shape& shape) {
    Shape result(leading);
    result.insert(result.end(), shape.begin(), shape.end());
    return result;
}

class Run {
public:
    Run(const Network& network, const ReferenceOptions& options, const Inputs& inputs)
        : options_(&options),
          inputs_(&inputs),
          model_(make_model(network, options.accumulation, options.timesteps, options.dt, options.rng_seed)),
          num_examples_(num_examples_of(inputs)) {
        for (const Recording& recording : options.traces) {
            const std::string key =
                recording.key.empty() ? recording.population + "." + recording.variable : recording.key;
            const std::size_t population = index_of(network, recording.population);
            Array& values = result_.recordings.traces[key];
            values = Array(DType::f32,
                           with_leading({num_examples_, options.timesteps}, network.populations[population].shape));
            traces_.push_back({population, recording.variable, &values});
        }
        for (const Population& population : network.populations) {
            result_.recordings.spikes[population.name + ".spikes"].resize(num_examples_);
        }
        const std::size_t num_slots =
            std::min<std::size_t>(options.batch_size, std::max<std::size_t>(num_examples_, 1));
        for (std::size_t s = 0; s < num_slots; ++s) {
            slots_.emplace_back(model_);
        }
    }

    ReferenceResult all_examples() {
        const FlushSubnormals flush;
        for (std::size_t example = 0; example < num_examples_; ++example) {
            run_example(example, slots_[example % options_->batch_size]);
        }
        return std::move(result_);
    }

private:
    std::vector<std::optional<ExampleFeed>> feeds_of(std::size_t example) const {
        std::vector<std::optional<ExampleFeed>> feeds;
        for (std::size_t p = 0; p < model_.neuron_kinds.size(); ++p) {
            const Population& population = model_.network->populations[p];
            feeds.emplace_back();
            if (model_.neuron_kinds[p]->input != InputKind::none) {
                feeds.back().emplace(population, *model_.neuron_kinds[p], inputs_->at(population.name), example);
            }
        }
        return feeds;
    }

    void run_example(std::size_t example, Slot& slot) {
        std::vector<std::optional<ExampleFeed>> feeds = feeds_of(example);
        slot.begin_example(static_cast<std::uint32_t>(example), options_->reset);
        for (std::uint32_t n = 0; n < options_->timesteps; ++n) {
            slot.step(feeds);
            record(example, n, slot);
        }
        store_readouts(example, slot);
    }

    void record(std::size_t example, std::uint32_t n, const Slot& slot) {
        for (std::size_t p = 0; p < model_.neuron_kinds.size(); ++p) {
            SpikeRecord& spikes = result_.recordings.spikes[model_.network->populations[p].name + ".spikes"][example];
            for (const std::size_t id : slot.last_spikes(p)) {
                spikes.steps.push_back(n);
                spikes.ids.push_back(static_cast<std::uint32_t>(id));
            }
        }
        for (const Trace& trace : traces_) {
            const std::vector<float>* state = slot.neurons(trace.population).variable(trace.variable);
            if (state == nullptr) {
                throw Unsupported("the reference does not know variable '" + trace.variable + "'");
            }
            const std::size_t row = example * options_->timesteps + n;
            std::copy(state->begin(), state->end(),
                      trace.values->as_mutable<float>().begin() + static_cast<std::ptrdiff_t>(row * state->size()));
        }
    }

    void store_readouts(std::size_t example, const Slot& slot) {
        for (std::size_t p = 0; p < model_.neuron_kinds.size(); ++p) {
            const Readout* readout = slot.readout(p);
            if (readout == nullptr) {
                continue;
            }
            const Population& population = model_.network->populations[p];
            Array& output = result_.outputs[population.name];
            if (example == 0) {
                output = Array(readout->dtype(), with_leading({num_examples_}, population.shape));
            }
            for (std::size_t j = 0; j < model_.num_neurons[p]; ++j) {
                const std::uint32_t bits = readout->result_bits(j, slot.neurons(p).output(j));
                std::memcpy(output.mutable_bytes().data() + (example * model_.num_neurons[p] + j) * sizeof(bits), &bits,
                            sizeof(bits));
            }
        }
    }

    const ReferenceOptions* options_;
    const Inputs* inputs_;
    NetworkModel model_;
    std::size_t num_examples_;
    std::vector<Slot> slots_;
    std::vector<Trace> traces_;
    ReferenceResult result_;
};

}  // namespace

ResetOptions mlgenn_2_4_reset() {
    ResetOptions reset;
    reset.in_syn = false;
    reset.in_flight = false;
    return reset;
}

ReferenceResult run_reference(const Network& network, const ReferenceOptions& options, const Inputs& inputs) {
    if (is_few_spike(network)) {
        return run_few_spike(network, options, inputs);
    }
    return Run(network, options, inputs).all_examples();
}

}  // namespace mlgenn::reference
