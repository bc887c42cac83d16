// SPDX-License-Identifier: Apache-2.0
// One timestep of the reference interpreter: deliver, update, fire.
#include "tests/reference/slot.h"

#include "tests/reference/language/user_kinds.h"

namespace mlgenn::reference {

std::unique_ptr<Neurons> Slot::make_neurons(std::size_t p) const {
    const Population& population = model_->network->populations[p];
    const NeuronKind& kind = *model_->neuron_kinds[p];
    const NeuronContext context{model_->num_neurons[p], model_->dt, population.name, model_->rng_seed};
    ParameterView parameters(population.neuron, {population.name, "neuron", model_->rng_seed});
    const UserNeuronModel* users = find_user_model(model_->network->neuron_models, population.neuron.model);
    auto neurons = users != nullptr ? make_user_neurons(*users, parameters, context) : kind.make(parameters, context);
    if (kind.input == InputKind::values) {
        static_cast<void>(parameters.whole_number("input_frames", 1));
        static_cast<void>(parameters.whole_number("input_frame_timesteps", 1));
    }
    parameters.require_all_read();
    return neurons;
}

std::unique_ptr<Synapses> Slot::make_synapses(std::size_t c) const {
    const Connection& connection = model_->network->connections[c];
    const SynapseContext context{model_->connections[c].num_targets, model_->dt};
    ParameterView parameters(connection.synapse, {connection.name, "synapse", model_->rng_seed});
    const UserSynapseModel* users = find_user_model(model_->network->synapse_models, connection.synapse.model);
    auto synapses = users != nullptr
                        ? make_user_synapses(*users, parameters, context, connection.name, model_->rng_seed)
                        : find_synapse_kind(connection.synapse.model).make(parameters, context);
    parameters.require_all_read();
    return synapses;
}

Slot::Slot(const NetworkModel& model) : model_(&model) {
    const Network& network = *model.network;
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        const Population& population = network.populations[p];
        neurons_.push_back(make_neurons(p));
        readouts_.push_back(nullptr);
        if (population.readout) {
            ParameterView readout_parameters(*population.readout, {population.name, "readout", model.rng_seed});
            readouts_.back() = find_readout_kind(population.readout->model)
                                   .make(readout_parameters, {model.num_neurons[p], model.timesteps, model.dt});
            readout_parameters.require_all_read();
        }
    }
    for (std::size_t c = 0; c < network.connections.size(); ++c) {
        synapses_.push_back(make_synapses(c));
        arrivals_.emplace_back();
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
    for (std::size_t c = 0; c < synapses_.size(); ++c) {
        if (reset.in_syn) {
            synapses_[c]->reset();
        }
        // What waits for its time belongs to the synapse's state, or is in flight where it has none.
        const bool has_state = model_->network->connections[c].synapse.model != "delta";
        if (has_state ? reset.in_syn : reset.in_flight) {
            arrivals_[c].clear();
        }
    }
}

void Slot::deliver_ordered(const ConnectionModel& connection, Synapses& synapses, const SpikeIds& spikes, float sign) {
    const std::vector<float>& weights = connection.connectivity->weights();
    for (const std::size_t pre : spikes) {
        connection.connectivity->row(pre, row_);
        for (const Synapse& synapse : row_) {
            synapses.add(synapse.post, sign * shared_or_own(weights, synapse.index));
        }
    }
}

void Slot::add_integers(const ConnectionModel& connection, const SpikeIds& spikes, std::int32_t sign,
                        std::vector<std::int32_t>& sums) {
    for (const std::size_t pre : spikes) {
        connection.connectivity->row(pre, row_);
        for (const Synapse& synapse : row_) {
            sums[synapse.post] += sign * shared_or_own(connection.integer_weights, synapse.index);
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

/// Every synapse adds to the sum of the step that its delay names.
void Slot::add_later(std::size_t c, const SpikeIds& spikes, bool negative) {
    const ConnectionModel& connection = model_->connections[c];
    for (const std::size_t pre : spikes) {
        connection.connectivity->row(pre, row_);
        for (const Synapse& synapse : row_) {
            Arrivals& sums = sums_after(c, connection.synapse_delays.at(synapse.index));
            if (model_->accumulation == Accumulation::exact) {
                const std::int32_t weight = shared_or_own(connection.integer_weights, synapse.index);
                sums.exact[synapse.post] += negative ? -weight : weight;
            } else {
                const float weight = shared_or_own(connection.connectivity->weights(), synapse.index);
                sums.ordered[synapse.post] += negative ? -weight : weight;
            }
        }
    }
}

Slot::Arrivals& Slot::sums_after(std::size_t c, std::size_t delay) {
    const std::size_t num_targets = model_->connections[c].num_targets;
    while (arrivals_[c].size() <= delay) {
        arrivals_[c].push_back({std::vector<float>(num_targets, 0.0f), std::vector<std::int32_t>(num_targets, 0)});
    }
    return arrivals_[c][delay];
}

/// Adds what was emitted, then hands over the sum of this step.
void Slot::deliver_later(std::size_t c, const Fired* fired) {
    const ConnectionModel& connection = model_->connections[c];
    if (fired != nullptr) {
        add_later(c, fired->negative, true);
        add_later(c, fired->spikes, false);
    }
    const bool exact = model_->accumulation == Accumulation::exact;
    const Arrivals& due = sums_after(c, 0);
    for (std::size_t j = 0; j < connection.num_targets; ++j) {
        synapses_[c]->add(j, exact ? static_cast<float>(due.exact[j]) * connection.unscale : due.ordered[j]);
    }
    arrivals_[c].pop_front();
}

void Slot::deliver(std::size_t c) {
    const ConnectionModel& connection = model_->connections[c];
    // The last entry of the history is the previous step, whose spikes arrive now with delay 0.
    const Fired* fired = nullptr;
    if (history_.size() > connection.delay) {
        fired = &history_[history_.size() - 1 - connection.delay][connection.source];
    }
    if (!connection.synapse_delays.empty()) {
        deliver_later(c, fired);
    } else if (model_->accumulation == Accumulation::exact) {
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
    for (std::size_t c = 0; c < synapses_.size(); ++c) {
        if (model_->connections[c].target == population) {
            synapses_[c]->begin_step(moment);
        }
    }
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
