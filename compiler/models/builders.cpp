// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/builders.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "compiler/models/random_code.h"
#include "mlgenn/errors.h"

namespace mlgenn::models {
namespace {

using ir::E;
using ir::Type;

std::shared_ptr<const std::vector<std::byte>> bytes_of(std::span<const std::byte> bytes) {
    return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
}

/// The parameter as one number for all neurons, or one per neuron.
std::vector<double> numbers(const Value& value) {
    if (const Array* array = value.get_if<Array>()) {
        std::vector<double> result(array->size());
        for (std::size_t k = 0; k < result.size(); ++k) {
            result[k] = array->value(k);
        }
        return result;
    }
    if (const double* number = value.get_if<double>()) {
        return {*number};
    }
    throw InternalError("a parameter that is not a number reached lowering");
}

}  // namespace

E CodeBuilder::let(const std::string& name, const E& value) {
    append(ir::make(ir::Let{name, value.ptr()}));
    return ir::local(name, value.type());
}

void CodeBuilder::assign(const std::string& name, const E& value) {
    append(ir::make(ir::Assign{name, value.ptr()}));
}

ir::Block CodeBuilder::collect(const std::function<void()>& body) {
    blocks_.emplace_back();
    if (body) {
        body();
    }
    ir::Block result = std::move(blocks_.back());
    blocks_.pop_back();
    return result;
}

void CodeBuilder::when(const E& condition, const std::function<void()>& then_body,
                       const std::function<void()>& else_body) {
    ir::Block then_block = collect(then_body);
    ir::Block else_block = collect(else_body);
    if (!then_block.empty() || !else_block.empty()) {
        append(ir::make(ir::If{condition.ptr(), std::move(then_block), std::move(else_block)}));
    }
}

void CodeBuilder::loop(const std::string& index, const E& begin, const E& end, ir::LoopKind kind,
                       const std::function<void(E)>& body) {
    ir::Block inner = collect([&] { body(ir::index(index)); });
    append(ir::make(ir::For{index, begin.ptr(), end.ptr(), kind, std::move(inner)}));
}

ir::Block CodeBuilder::take() {
    ir::Block result = std::move(blocks_.front());
    blocks_.assign(1, {});
    return result;
}

E NeuronScope::per_neuron(const std::string& label, std::vector<float> values) {
    const std::string name = owner_ + "." + label;
    for (std::size_t id = 0; id < program_.buffers.size(); ++id) {
        if (program_.buffers[id].name == name) {
            return ir::load(static_cast<ir::BufferId>(id), Type::f32, neuron_);
        }
    }
    ir::Buffer buffer{.name = name, .storage = Storage::f32, .count = num_neurons_, .space = ir::Space::constant};
    buffer.data = bytes_of(std::as_bytes(std::span(values)));
    return ir::load(program_.add_buffer(std::move(buffer)), Type::f32, neuron_);
}

E NeuronScope::derived(const std::string& label, std::span<const std::string> names,
                       const std::function<double(std::span<const double>)>& formula) {
    std::vector<std::vector<double>> columns;
    bool per_neuron_values = false;
    for (const std::string& name : names) {
        columns.push_back(numbers(params_.value(name)));
        per_neuron_values = per_neuron_values || params_.array(name) != nullptr;
    }
    std::vector<float> results(per_neuron_values ? num_neurons_ : 1);
    std::vector<double> arguments(columns.size());
    for (std::size_t neuron = 0; neuron < results.size(); ++neuron) {
        for (std::size_t c = 0; c < columns.size(); ++c) {
            arguments[c] = columns[c].size() == 1 ? columns[c][0] : columns[c].at(neuron);
        }
        results[neuron] = static_cast<float>(formula(arguments));
    }
    return per_neuron_values ? per_neuron(label, std::move(results)) : E(results[0]);
}

E NeuronScope::param(const std::string& name) {
    return derived(name, std::span(&name, 1), [](std::span<const double> v) { return v[0]; });
}

E NeuronScope::decay(const std::string& label, const std::string& tau) {
    return derived(label, std::span(&tau, 1), [&](std::span<const double> v) { return std::exp(-dt_ms() / v[0]); });
}

Variable NeuronScope::add_state(const std::string& name, const std::string& local, ir::Buffer buffer) {
    buffer.name = owner_ + "." + name;
    buffer.count = num_neurons_;
    buffer.space = ir::Space::workspace;
    const Type type = ir::value_type(buffer.storage);
    const ir::BufferId id = program_.add_buffer(std::move(buffer));
    code_.let(local, ir::load(id, type, neuron_));
    states_.push_back({name, local, id, type});
    return {code_, local, type};
}

Variable NeuronScope::state(const std::string& name, const std::string& initial_param) {
    return state(name, initial_param, ResetClass::variable, name);
}

Variable NeuronScope::state(const std::string& name, const std::string& initial_param, ResetClass reset_class,
                            const std::string& local) {
    const std::vector<double> initial = numbers(params_.value(initial_param));
    ir::Buffer buffer{.storage = Storage::f32, .reset_class = reset_class};
    if (params_.array(initial_param) != nullptr) {
        // A variable and its initial value may have one name.
        const std::string label = initial_param + (initial_param == name ? ".initial" : "");
        const E constant = derived(label, std::span(&initial_param, 1), [](std::span<const double> v) { return v[0]; });
        buffer.initial_from = std::get<ir::Load>(constant.ptr()->node).buffer;
    } else {
        buffer.initial_bits = std::bit_cast<std::uint32_t>(static_cast<float>(initial[0]));
    }
    return add_state(name, local, std::move(buffer));
}

Variable NeuronScope::state(const std::string& name, float initial, ResetClass reset_class, const std::string& local) {
    return add_state(name, local,
                     ir::Buffer{.storage = Storage::f32,
                                .reset_class = reset_class,
                                .initial_bits = std::bit_cast<std::uint32_t>(initial)});
}

Variable NeuronScope::counter(const std::string& name) {
    return add_state(name, name, ir::Buffer{.storage = Storage::u32, .reset_class = ResetClass::readout});
}

Variable NeuronScope::integer(const std::string& name, ResetClass reset_class) {
    return add_state(name, name, ir::Buffer{.storage = Storage::i32, .reset_class = reset_class});
}

E NeuronScope::example_number() {
    if (!program_.example_number) {
        program_.example_number = program_.add_buffer({.name = "example_number", .storage = Storage::u32, .count = 1});
    }
    return ir::load(*program_.example_number, Type::u32, E(0U));
}

void NeuronScope::store_states() {
    for (const State& state : states_) {
        code_.append(ir::make(ir::Store{state.buffer, neuron_.ptr(), ir::local(state.local, state.type).ptr()}));
    }
}

std::optional<ir::BufferId> NeuronScope::find_state(const std::string& name) const {
    for (const State& state : states_) {
        if (state.name == name) {
            return state.buffer;
        }
    }
    return std::nullopt;
}

E ReadoutBuilder::time_ms() const {
    return ir::convert(ir::index("t"), Type::f32) * E(scope_.dt_ms());
}

Variable ReadoutBuilder::accumulator(const std::string& name, float initial) {
    return scope_.state(name, initial, ResetClass::readout, name);
}

void ReadoutBuilder::run_step_bodies() const {
    for (const auto& body : step_bodies_) {
        body();
    }
}

void ReadoutBuilder::run_spike_bodies() const {
    for (const auto& body : spike_bodies_) {
        body();
    }
}

void NeuronBuilder::spike(const E& condition, const std::function<void()>& reset) {
    if (readout_ != nullptr) {
        readout_->run_step_bodies();
    }
    accumulated_ = true;
    const E spiked = code().let("spiked", condition);
    emit_(spiked);
    code().when(spiked, [&] {
        if (reset) {
            reset();
        }
        if (readout_ != nullptr) {
            readout_->run_spike_bodies();
        }
    });
}

E NeuronBuilder::random_uniform(const std::string& name) {
    const std::array<E, 4> counter = {scope_.example_number(), ir::index("t"), scope_.neuron(),
                                      E(stream_of(scope_.owner() + "." + name))};
    return code().let(name, uniform_from(philox4x32(code(), name, philox_key(rng_seed_), counter)[0]));
}

const ir::FewSpikePopulation& NeuronBuilder::few_spike() const {
    if (few_spike_ == nullptr) {
        throw InternalError("population '" + scope_.owner() + "' is not part of a few-spike network");
    }
    return *few_spike_;
}

void NeuronBuilder::finish() {
    if (!accumulated_ && readout_ != nullptr) {
        readout_->run_step_bodies();
    }
    scope_.store_states();
}

Variable SynapseBuilder::state(const std::string& name) {
    Variable variable = scope_.state(name, 0.0F, ResetClass::synaptic, connection_ + "_" + name);
    auto& accumulator = program_.accumulators.at(static_cast<std::size_t>(accumulator_));
    if (!accumulator.state) {
        accumulator.state = scope_.find_state(name);
    }
    return variable;
}

Variable SynapseBuilder::state(const std::string& name, const std::string& initial_param) {
    return scope_.state(name, initial_param, ResetClass::synaptic, connection_ + "_" + name);
}

E SynapseBuilder::receive_with(const ir::ExprPtr& base) {
    const std::string name = connection_ + "_received";
    scope_.code().append(ir::make(ir::Receive{name, accumulator_, scope_.neuron().ptr(), base}));
    return ir::local(name, Type::f32);
}

E SynapseBuilder::receive() {
    return receive_with(nullptr);
}

E SynapseBuilder::receive_into_state() {
    program_.accumulators.at(static_cast<std::size_t>(accumulator_)).belongs_to_state = true;
    return receive();
}

E SynapseBuilder::receive_onto(const Variable& state) {
    return receive_with(state.value().ptr());
}

E RowBuilder::index_array(const std::string& name, const E& at) {
    const auto& accumulator = program_.accumulators.at(static_cast<std::size_t>(accumulator_));
    const std::string full_name = accumulator.connection + "." + name;
    for (std::size_t id = 0; id < program_.buffers.size(); ++id) {
        if (program_.buffers[id].name == full_name) {
            return ir::load(static_cast<ir::BufferId>(id), Type::u32, at);
        }
    }
    for (const auto& [array_name, values] : lowered_.indices) {
        if (array_name == name) {
            ir::Buffer buffer{
                .name = full_name, .storage = Storage::u32, .count = values.size(), .space = ir::Space::constant};
            buffer.data = bytes_of(std::as_bytes(std::span(values)));
            return ir::load(program_.add_buffer(std::move(buffer)), Type::u32, at);
        }
    }
    throw InternalError("connectivity has no index array '" + name + "'");
}

E RowBuilder::weight(const E& index) const {
    if (lowered_.uniform_weight) {
        return E(negated_ ? -*lowered_.uniform_weight : *lowered_.uniform_weight);
    }
    const auto& accumulator = program_.accumulators.at(static_cast<std::size_t>(accumulator_));
    const E weight = ir::load(accumulator.weights.value(), Type::f32, index);
    return negated_ ? -weight : weight;
}

ir::ExprPtr RowBuilder::delay(const E& index) const {
    const auto& accumulator = program_.accumulators.at(static_cast<std::size_t>(accumulator_));
    return accumulator.delays ? ir::load(*accumulator.delays, Type::u32, index).ptr() : nullptr;
}

void RowBuilder::synapse(const E& target, const E& index) {
    code_.append(ir::make(ir::Accumulate{accumulator_, target.ptr(), weight(index).ptr(), delay(index)}));
}

void RowBuilder::dense_row(const E& row_start) {
    auto& accumulator = program_.accumulators.at(static_cast<std::size_t>(accumulator_));
    if (!lowered_.uniform_weight && !accumulator.delays) {
        accumulator.dense_row_start = row_start.ptr();
    }
    code_.loop("j", E(0U), E(accumulator.num_neurons), ir::LoopKind::parallel,
               [&](const E& target) { synapse(target, row_start + target); });
}

E MetricBuilder::readout(const E& at) const {
    return ir::load(function_.readout, ir::value_type(program_.buffer(function_.readout).storage), at);
}

E MetricBuilder::label() const {
    return ir::load(function_.target, Type::i32, E(0U));
}

E MetricBuilder::target(const E& at) const {
    return ir::load(function_.target, Type::f32, at);
}

E MetricBuilder::argmax() {
    const E best = code_.let("best", readout(E(0U)));
    const E best_index = code_.let("best_index", E(0U));
    code_.loop("k", E(1U), E(num_neurons_), ir::LoopKind::serial, [&](const E& k) {
        const E candidate = code_.let("candidate", readout(k));
        const E better = code_.let("better", candidate > best);
        code_.assign("best_index", ir::select(better, k, best_index));
        code_.assign("best", ir::select(better, candidate, best));
    });
    return best_index;
}

void MetricBuilder::score(const E& value) {
    code_.append(ir::make(ir::Store{function_.score, E(0U).ptr(), value.ptr()}));
}

}  // namespace mlgenn::models
