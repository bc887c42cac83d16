// SPDX-License-Identifier: Apache-2.0
// One timestep of the reference interpreter: deliver, update, fire.
#include "tests/reference/slot.h"

namespace mlgenn::reference {

Slot::Slot(const NetworkModel& model) : model_(&model) {
    const Network& network = *model.network;
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        const Population& population = network.populations[p];
        ParameterView parameters(population.neuron, population.name);
        neurons_.push_back(
            model.neuron_kinds[p]->make(parameters, {model.num_neurons[p], model.dt, population.name, model.rng_seed}));
        if (model.neuron_kinds[p]->input == InputKind::values) {
            static_cast<void>(parameters.whole_number("input_frames", 1));
            static_cast<void>(parameters.whole_number("input_frame_timesteps", 1));
        }
        parameters.require_all_read();
        readouts_.push_back(nullptr);
        if (population.readout) {
            ParameterView readout_parameters(*population.readout, population.name + " readout");
            readouts_.back() = find_readout_kind(population.readout->model)
                                   .make(readout_parameters, {model.num_neurons[p], model.timesteps, model.dt});
            readout_parameters.require_all_read();
        }
    }
    for (std::size_t c = 0; c < network.connections.size(); ++c) {
        const Connection& connection = network.connections[c];
        ParameterView parameters(connection.synapse, connection.name);
        synapses_.push_back(
            find_synapse_kind(connection.synapse.model).make(parameters, {model.connections[c].num_targets, model.dt}));
        parameters.require_all_read();
    }
}

void Slot::begin_example(std::uint32_t example, const ResetOptions& reset) {
    example_ = example;
    if (reset.time) {
        step_ = 0;
    }
    example_step_ = 0;
    if (reset.in_flight) {
        history_.clear();
    }
    // Older spikes can no longer arrive.
    if (history_.size() > model_->max_delay + 1) {
        history_.erase(history_.begin(), history_.end() - static_cast<std::ptrdiff_t>(model_->max_delay + 1));
    }
    for (std::size_t p = 0; p < neurons_.size(); ++p) {
        if (reset.vars) {
            neurons_[p]->reset();
        }
        if (readouts_[p]) {
            readouts_[p]->reset();
        }
    }
    if (reset.in_syn) {
        for (const auto& synapses : synapses_) {
            synapses->reset();
        }
    }
}

void Slot::deliver_ordered(const ConnectionModel& connection, Synapses& synapses, const SpikeIds& spikes, float sign) {
    const std::vector<float>& weights = connection.connectivity->weights();
    for (const std::size_t pre : spikes) {
        connection.connectivity->row(pre, row_);
        for (const Synapse& synapse : row_) {
            synapses.add(synapse.post, sign * weights[synapse.weight]);
        }
    }
}

void Slot::add_integers(const ConnectionModel& connection, const SpikeIds& spikes, std::int32_t sign,
                        std::vector<std::int32_t>& sums) {
    for (const std::size_t pre : spikes) {
        connection.connectivity->row(pre, row_);
        for (const Synapse& synapse : row_) {
            sums[synapse.post] += sign * connection.integer_weights[synapse.weight];
        }
    }
}

void Slot::deliver_exact(const ConnectionModel& connection, Synapses& synapses, const Fired* fired) {
    std::vector<std::int32_t> sums(connection.num_targets, 0);
    if (fired != nullptr) {
        add_integers(connection, fired->negative, -1, sums);
        add_integers(connection, fired->spikes, 1, sums);
    }
    for (std::size_t j = 0; j < sums.size(); ++j) {
        synapses.add(j, static_cast<float>(sums[j]) * connection.unscale);
    }
}

void Slot::deliver(std::size_t c) {
    const ConnectionModel& connection = model_->connections[c];
    // The last entry of the history is the previous step, whose spikes arrive now with delay 0.
    const Fired* fired = nullptr;
    if (history_.size() > connection.delay) {
        fired = &history_[history_.size() - 1 - connection.delay][connection.source];
    }
    if (model_->accumulation == Accumulation::exact) {
        deliver_exact(connection, *synapses_[c], fired);
    } else if (fired != nullptr) {
        deliver_ordered(connection, *synapses_[c], fired->negative, -1.0f);
        deliver_ordered(connection, *synapses_[c], fired->spikes, 1.0f);
    }
}

float Slot::synaptic_current(std::size_t population, std::size_t j) {
    float isyn = 0.0f;
    bool first = true;
    for (std::size_t c = 0; c < synapses_.size(); ++c) {
        if (model_->connections[c].target != population) {
            continue;
        }
        const float current = synapses_[c]->take_current(j);
        isyn = first ? current : isyn + current;
        first = false;
    }
    return isyn;
}

Slot::Fired Slot::update_population(std::size_t population, std::optional<ExampleFeed>& feed) {
    Neurons& neurons = *neurons_[population];
    Readout* readout = readouts_[population].get();
    const float t = static_cast<float>(example_step_) * static_cast<float>(model_->dt);
    const float dt = static_cast<float>(model_->dt);
    const Moment moment{example_, step_, static_cast<float>(step_) * dt};
    neurons.begin_step(moment);
    if (readout != nullptr) {
        readout->begin_step(moment);
    }
    Fired fired;
    for (std::size_t j = 0; j < model_->num_neurons[population]; ++j) {
        float isyn = synaptic_current(population, j);
        if (feed) {
            isyn = feed->take(j, step_, t);
        }
        neurons.update(j, isyn);
        if (readout != nullptr) {
            readout->accumulate(j, neurons.output(j));
        }
        if (neurons.fires_negative(j)) {
            fired.negative.push_back(j);
        }
        if (neurons.fires(j)) {
            fired.spikes.push_back(j);
            neurons.on_spike(j);
            if (readout != nullptr) {
                readout->on_spike(j);
            }
        }
    }
    return fired;
}

void Slot::step(std::vector<std::optional<ExampleFeed>>& feeds) {
    for (std::size_t c = 0; c < synapses_.size(); ++c) {
        deliver(c);
    }
    std::vector<Fired> fired;
    for (std::size_t p = 0; p < neurons_.size(); ++p) {
        fired.push_back(update_population(p, feeds[p]));
    }
    history_.push_back(std::move(fired));
    ++step_;
    ++example_step_;
}

const std::vector<std::size_t>& Slot::last_spikes(std::size_t population) const {
    return history_.back()[population].spikes;
}

}  // namespace mlgenn::reference
