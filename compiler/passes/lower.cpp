// SPDX-License-Identifier: Apache-2.0
#include "compiler/passes/lower.h"

#include <algorithm>
#include <bit>
#include <map>
#include <span>

#include "compiler/language/user_models.h"
#include "compiler/models/builders.h"
#include "compiler/passes/connection_matrix.h"
#include "compiler/passes/lower_few_spike.h"
#include "compiler/passes/lower_scores.h"
#include "compiler/passes/recorded_values.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

using ir::E;
using ir::Type;
using namespace models;

/// Generated code indexes with u32; what needs more elements is refused before it is allocated.
void require_indexable(std::uint64_t count, const std::string& where, const std::string& what,
                       const std::string& remedy = "split the population or the recording") {
    constexpr std::uint64_t limit = (std::uint64_t{1} << 32) - 64;
    if (count > limit) {
        throw DescriptionError({where,
                                what + " has " + std::to_string(count) + " elements, more than " +
                                    std::to_string(limit) + " that code can index",
                                {},
                                remedy});
    }
}

class Lowering {
public:
    Lowering(const Network& network, const CompilerOptions& options)
        : network_(network), options_(options), models_(network) {
        program_.name = network.name;
        program_.dt_ms = options.dt;
        program_.num_timesteps = options.example_timesteps;
        program_.accumulation = options.accumulation;
        begin_few_spike(program_, network, options);
    }

    ir::Program run() {
        add_populations();
        add_recordings();
        add_queues();
        for (std::size_t p = 0; p < network_.populations.size(); ++p) {
            lower_population(p);
        }
        program_.loops.push_back({std::move(phases_), false});
        lower_scores(program_, network_, models_, options_);
        return std::move(program_);
    }

private:
    [[nodiscard]] const NeuronModel& neuron_model(const Population& population) const {
        const NeuronModel* model = models_.find_neuron_model(population.neuron.model);
        if (model == nullptr) {
            throw InternalError("population '" + population.name + "' reached lowering with an unknown model");
        }
        return *model;
    }

    [[nodiscard]] std::uint32_t index_of(const std::string& population) const {
        for (std::size_t p = 0; p < network_.populations.size(); ++p) {
            if (network_.populations[p].name == population) {
                return static_cast<std::uint32_t>(p);
            }
        }
        throw InternalError("connection to an unknown population reached lowering");
    }

    /// Steps between a spike and its delivery; delays of single synapses come on top.
    [[nodiscard]] std::uint32_t delay_steps(const Connection& connection) const {
        if (!program_.few_spike.empty()) {
            return few_spike_delay(program_.few_spike[index_of(connection.source)],
                                   program_.few_spike[index_of(connection.target)]);
        }
        const double* delay = connection.delay.get_if<double>();
        return delay != nullptr ? 1 + static_cast<std::uint32_t>(*delay) : 1;
    }

    void add_populations() {
        for (const Population& population : network_.populations) {
            program_.populations.push_back(
                {population.name, population.shape, static_cast<std::uint32_t>(num_elements(population.shape)), {}});
        }
        for (const Connection& connection : network_.connections) {
            program_.populations[index_of(connection.target)].sources.push_back(index_of(connection.source));
        }
    }

    /// Rasters exist before the populations that fill them; traces are added with their variables.
    void add_recordings() {
        for (const Recording& recording : options_.recordings) {
            const Population* population = network_.find_population(recording.population);
            const std::string where = "recording of '" + recording.population + "'";
            if (population == nullptr) {
                throw DescriptionError(
                    {where, "the network has no such population", {}, "name one of its populations"});
            }
            const NeuronModel& model = neuron_model(*population);
            const bool spikes = recording.variable.empty();
            if (spikes && !model.spiking) {
                throw DescriptionError(
                    {where, "model '" + model.entry.name + "' never spikes", {}, "record a variable"});
            }
            if (!spikes && model.input == InputForm::events) {
                throw DescriptionError({where,
                                        "model '" + model.entry.name + "' has no variable '" + recording.variable + "'",
                                        {},
                                        "it has none; record its spikes"});
            }
            add_recording(recording, *population, spikes);
        }
        for (const ConnectionVariable& wanted : options_.recorded_connections) {
            program_.connection_variables.push_back(connection_matrix(network_, wanted, options_.rng_seed));
        }
    }

    void add_recording(const Recording& recording, const Population& population, bool spikes) {
        const auto n = static_cast<std::uint32_t>(num_elements(population.shape));
        RecordingPlan plan;
        plan.key = !recording.key.empty() ? recording.key
                                          : recording.population + "." + (spikes ? "spikes" : recording.variable);
        plan.returned = recording.returned;
        plan.population = recording.population;
        plan.shape = population.shape;
        plan.num_neurons = n;
        plan.spikes = spikes;
        plan.variable = recording.variable;
        plan.storage = spikes ? Storage::u32 : Storage::f32;
        const std::uint32_t row = spikes ? (n + 31) / 32 : n;
        plan.row_bytes = std::size_t{row} * 4;
        if (!program_.few_spike.empty()) {
            plan.rows = few_spike_rows(program_, program_.few_spike[index_of(population.name)]);
        }
        require_indexable(std::uint64_t{row} * program_.num_timesteps, "recording of '" + recording.population + "'",
                          "one example's recording");
        ir::Buffer buffer{.name = recording.population + (spikes ? ".raster" : "." + recording.variable + "_trace") +
                                  (program_.recordings.empty() ? "" : "_" + std::to_string(program_.recordings.size())),
                          .storage = plan.storage,
                          .count = std::uint64_t{row} * program_.num_timesteps,
                          .space = ir::Space::argument};
        program_.recordings.push_back(std::move(plan));
        program_.recording_buffers.push_back(program_.add_buffer(std::move(buffer)));
    }

    [[nodiscard]] std::optional<ir::BufferId> raster_of(const std::string& population) const {
        for (std::size_t r = 0; r < program_.recordings.size(); ++r) {
            if (program_.recordings[r].spikes && program_.recordings[r].population == population) {
                return program_.recording_buffers[r];
            }
        }
        return std::nullopt;
    }

    /// One queue per population whose spikes anybody reads.
    void add_queues() {
        for (const Population& population : network_.populations) {
            std::uint32_t max_delay = 0;
            for (const Connection& connection : network_.connections) {
                if (connection.source == population.name) {
                    max_delay = std::max(max_delay, delay_steps(connection));
                }
            }
            if (max_delay == 0 && !raster_of(population.name)) {
                continue;
            }
            if (!neuron_model(population).spiking) {
                throw InternalError("a connection from a population that never spikes reached lowering");
            }
            queues_[population.name] = add_queue(population.name, population, std::max(max_delay, 1U));
            if (max_delay != 0 && emits_negative_events(population)) {
                negative_queues_[population.name] = add_queue(population.name + ".negative", population, max_delay);
            }
        }
    }

    ir::QueueId add_queue(const std::string& name, const Population& population, std::uint32_t max_delay) {
        program_.queues.push_back({.population = name,
                                   .num_neurons = static_cast<std::uint32_t>(num_elements(population.shape)),
                                   .max_delay = max_delay});
        return static_cast<ir::QueueId>(program_.queues.size() - 1);
    }

    [[nodiscard]] bool emits_negative_events(const Population& population) const {
        const NeuronModel& model = neuron_model(population);
        return !model.negative_events_switch.empty() &&
               ParameterReader(model.entry, population.neuron.params).boolean(model.negative_events_switch);
    }

    void lower_population(std::size_t p) {
        const Population& population = network_.populations[p];
        const NeuronModel& model = neuron_model(population);
        if (model.input == InputForm::events) {
            lower_events(p, population);
            return;
        }
        for (const Connection& connection : network_.connections) {
            if (connection.target == population.name) {
                lower_connection(connection, p);
            }
        }
        if (!program_.few_spike.empty() && model.input == InputForm::none) {
            choose_few_spike_scale(program_, p, network_, few_spike_fractions_);
        }
        const auto n = program_.populations[p].num_neurons;
        CodeBuilder code;
        code.loop("j", E(0U), E(n), ir::LoopKind::parallel, [&](const E& j) { neuron_body(p, code, j); });
        ir::Block body = code.take();
        language::require_distinct_locals(body, state_locals(population, model),
                                          "population '" + population.name + "'");
        add_phase({ir::PhaseKind::update_neurons, population.name, static_cast<std::uint32_t>(p), model.entry.name,
                   std::move(body)});
    }

    /// Locals of a population's phase that are called as a user model's variables are.
    [[nodiscard]] std::vector<std::string> state_locals(const Population& population, const NeuronModel& model) const {
        std::vector<std::string> locals = model.variables;
        for (const Connection& connection : network_.connections) {
            for (const UserSynapseModel& synapse : network_.synapse_models) {
                if (connection.target != population.name || connection.synapse.model != synapse.name) {
                    continue;
                }
                for (const auto& [name, initial] : synapse.vars) {
                    locals.push_back(connection.name + "_" + name);
                }
                for (const auto& [name, equation] : synapse.equations) {
                    if (synapse.vars.count(name) == 0) {
                        locals.push_back(connection.name + "_" + name);
                    }
                }
            }
        }
        return locals;
    }

    void neuron_body(std::size_t p, CodeBuilder& code, const E& j) {
        const Population& population = network_.populations[p];
        const NeuronModel& model = neuron_model(population);
        const auto n = program_.populations[p].num_neurons;
        E input = E(0.0F);
        std::vector<NeuronScope> synapse_scopes;
        synapse_scopes.reserve(network_.connections.size());
        bool first = true;
        for (const Connection& connection : network_.connections) {
            if (connection.target != population.name) {
                continue;
            }
            const SynapseModel* synapse = models_.find_synapse_model(connection.synapse.model);
            synapse_scopes.emplace_back(program_, code, connection.name, n, j,
                                        ParameterReader(synapse->entry, connection.synapse.params));
            SynapseBuilder builder(synapse_scopes.back(), accumulators_.at(connection.name), program_, connection.name,
                                   options_.rng_seed);
            synapse->build(builder);
            input = first ? E(builder.current()) : input + E(builder.current());
            first = false;
        }
        NeuronScope scope(program_, code, population.name, n, j,
                          ParameterReader(model.entry, population.neuron.params));
        if (model.input == InputForm::values) {
            input = input_value(population, model, n, j);
        }
        input = code.let(model.input == InputForm::values ? "Input" : "Isyn", input);
        build_neuron(population, model, scope, input, j);
        add_states(p, "", scope);
        for (NeuronScope& synapse_scope : synapse_scopes) {
            synapse_scope.store_states();
            add_states(p, synapse_scope.owner(), synapse_scope);
        }
        add_traces(population, scope, code, j, n);
    }

    void add_states(std::size_t p, const std::string& connection, const NeuronScope& scope) {
        for (const NeuronScope::State& state : scope.states()) {
            program_.states.push_back({static_cast<std::uint32_t>(p), connection, state.name, state.buffer});
        }
    }

    void build_neuron(const Population& population, const NeuronModel& model, NeuronScope& scope, const E& input,
                      const E& j) {
        const ReadoutModel* readout_model =
            population.readout ? find_readout_model(population.readout->model) : nullptr;
        ReadoutBuilder readout(scope,
                               readout_model != nullptr
                                   ? ParameterReader(readout_model->entry, population.readout->params)
                                   : scope.params(),
                               model.output_variable);
        const auto queue = queues_.find(population.name);
        const auto negative_queue = negative_queues_.find(population.name);
        const auto emit = [&](const E& condition) {
            if (queue != queues_.end()) {
                scope.code().append(
                    ir::make(ir::EmitSpike{queue->second, j.ptr(), condition.ptr(), raster_of(population.name)}));
            }
        };
        const auto emit_negative = [&](const E& condition) {
            if (negative_queue != negative_queues_.end()) {
                scope.code().append(ir::make(ir::EmitSpike{negative_queue->second, j.ptr(), condition.ptr(), {}}));
            }
        };
        NeuronBuilder builder(scope, input, emit, emit_negative, options_.rng_seed);
        if (!program_.few_spike.empty()) {
            builder.attach(program_.few_spike[index_of(population.name)]);
        }
        // The model's variables come before the readout's, so that "V" is declared when a readout refers to it.
        if (readout_model != nullptr) {
            readout_model->build(readout);
            builder.attach(readout);
        }
        model.build(builder);
        builder.finish();
        if (readout_model != nullptr) {
            add_output(population, scope, readout);
        }
        if (!program_.few_spike.empty()) {
            ir::FewSpikePopulation& few_spike = program_.few_spike[index_of(population.name)];
            few_spike.value = scope.find_state("Value");
            few_spike.queue = queue != queues_.end() ? std::optional(queue->second) : std::nullopt;
        }
    }

    /// The value of the frame that this step uses.
    E input_value(const Population& population, const NeuronModel& model, std::uint32_t n, const E& j) {
        const ParameterReader params(model.entry, population.neuron.params);
        if (!program_.few_spike.empty()) {
            return few_spike_input(population, n, j);
        }
        const auto frames = static_cast<std::uint32_t>(params.integer("input_frames"));
        require_indexable(std::uint64_t{n} * frames, "population '" + population.name + "'",
                          "the input of one example");
        const auto frame_steps = static_cast<std::uint32_t>(params.integer("input_frame_timesteps"));
        const ir::BufferId buffer = add_value_input(population, n, frames);
        E start = E(0U);
        if (frames > 1) {
            start = ir::min(ir::index("t") / E(frame_steps), E(frames - 1)) * E(n);
        }
        return ir::load(buffer, Type::f32, start + j);
    }

    E few_spike_input(const Population& population, std::uint32_t n, const E& j) {
        const ir::BufferId buffer = add_value_input(population, n, 1);
        program_.few_spike[index_of(population.name)].input = buffer;
        return ir::load(buffer, Type::f32, j);
    }

    ir::BufferId add_value_input(const Population& population, std::uint32_t n, std::uint32_t frames) {
        const ir::BufferId buffer = program_.add_buffer(
            {.name = population.name + ".Input", .storage = Storage::f32, .count = std::uint64_t{n} * frames});
        InputPlan plan;
        plan.population = population.name;
        plan.shape = population.shape;
        plan.num_neurons = n;
        plan.kind = InputPlan::Kind::values;
        plan.num_frames = frames;
        program_.inputs.push_back(std::move(plan));
        program_.input_buffers.push_back({buffer});
        return buffer;
    }

    void add_output(const Population& population, const NeuronScope& scope, const ReadoutBuilder& readout) {
        const auto buffer = scope.find_state(readout.result_name());
        if (!buffer) {
            throw InternalError("readout of population '" + population.name + "' has no result");
        }
        OutputPlan plan;
        plan.population = population.name;
        plan.readout = population.readout->model;
        plan.shape = population.shape;
        plan.num_neurons = static_cast<std::uint32_t>(num_elements(population.shape));
        plan.storage = program_.buffer(*buffer).storage;
        program_.outputs.push_back(std::move(plan));
        program_.output_buffers.push_back(*buffer);
    }

    void add_traces(const Population& population, NeuronScope& scope, CodeBuilder& code, const E& j, std::uint32_t n) {
        for (std::size_t r = 0; r < program_.recordings.size(); ++r) {
            RecordingPlan& plan = program_.recordings[r];
            if (plan.spikes || plan.population != population.name) {
                continue;
            }
            const auto [variable, value] = recorded_value(population, neuron_model(population), scope, plan.variable);
            plan.variable = variable;
            plan.storage = value.type() == Type::f32 ? Storage::f32 : Storage::u32;
            program_.buffer(program_.recording_buffers[r]).storage = plan.storage;
            code.append(ir::make(
                ir::Store{program_.recording_buffers[r], (ir::index("io_row") * E(n) + j).ptr(), value.ptr()}));
        }
    }

    void lower_connection(const Connection& connection, std::size_t target) {
        const ConnectivityModel* model = find_connectivity_model(connection.connectivity.model);
        const ParameterReader params(model->entry, connection.connectivity.params);
        const Shape& source_shape = network_.populations[index_of(connection.source)].shape;
        const Shape& target_shape = network_.populations[target].shape;
        const LoweredConnectivity lowered = model->lower({.params = params,
                                                          .source = source_shape,
                                                          .target = target_shape,
                                                          .delays = connection.delay.get_if<Array>(),
                                                          .recurrent = connection.source == connection.target,
                                                          .seed = options_.rng_seed,
                                                          .name = connection.name});
        require_indexable(lowered.weights.size(), "connection '" + connection.name + "'", "its padded weights");
        const auto id = static_cast<ir::AccumulatorId>(program_.accumulators.size());
        ir::Accumulator accumulator;
        accumulator.connection = connection.name;
        accumulator.num_neurons = program_.populations[target].num_neurons;
        accumulator.queue = queues_.at(connection.source);
        accumulator.delay = delay_steps(connection);
        accumulator.max_abs_input = lowered.max_abs_input;
        accumulator.num_synapses = lowered.num_synapses;
        if (!program_.few_spike.empty()) {
            few_spike_fractions_[connection.name] = weight_fraction_bits(lowered);
        }
        if (const auto negative = negative_queues_.find(connection.source); negative != negative_queues_.end()) {
            accumulator.negative_queue = negative->second;
        }
        if (!lowered.uniform_weight) {
            accumulator.weights = add_constant(connection.name + ".weight", Storage::f32, std::span(lowered.weights));
        }
        add_delays(connection, lowered, accumulator);
        program_.accumulators.push_back(std::move(accumulator));
        accumulators_.emplace(connection.name, id);
        program_.num_synapses += lowered.num_synapses;

        const auto deliver = [&](ir::QueueId queue, const std::string& phase_name, bool negated) {
            CodeBuilder code;
            RowBuilder row(program_, code, id, params, source_shape, target_shape, lowered, negated);
            model->row(row);
            const std::uint32_t delay = program_.accumulators.back().delay;
            ir::Block body = {ir::make(ir::ForSpikes{queue, delay, "i", code.take()})};
            add_phase({ir::PhaseKind::deliver_spikes, phase_name, static_cast<std::uint32_t>(target),
                       connection.connectivity.model + ", " + connection.synapse.model, std::move(body)});
        };
        if (const auto negative = program_.accumulators.back().negative_queue) {
            deliver(*negative, connection.name + ".negative", true);
        }
        deliver(program_.accumulators.back().queue, connection.name, false);
    }

    template <class T>
    ir::BufferId add_constant(std::string name, Storage storage, std::span<const T> values) {
        ir::Buffer buffer{
            .name = std::move(name), .storage = storage, .count = values.size(), .space = ir::Space::constant};
        const auto bytes = std::as_bytes(values);
        buffer.data = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
        return program_.add_buffer(std::move(buffer));
    }

    /// A ring for connections whose synapses have delays of their own. The generated code counts its elements in u32.
    void add_delays(const Connection& connection, const LoweredConnectivity& lowered, ir::Accumulator& accumulator) {
        if (lowered.delays.empty()) {
            return;
        }
        const std::uint32_t longest = *std::max_element(lowered.delays.begin(), lowered.delays.end());
        accumulator.ring_slots = std::max(std::bit_ceil(longest + 1), 2U);
        require_indexable(std::uint64_t{accumulator.ring_slots} * accumulator.ring_stride(),
                          "connection '" + connection.name + "'",
                          "the ring for delays up to " + std::to_string(longest) + " timesteps",
                          "shorten the delays, or split the population");
        const std::string name = connection.name + ".delay";
        if (longest <= 0xff) {
            const std::vector<std::uint8_t> narrow(lowered.delays.begin(), lowered.delays.end());
            accumulator.delays = add_constant(name, Storage::u8, std::span(narrow));
        } else {
            const std::vector<std::uint16_t> narrow(lowered.delays.begin(), lowered.delays.end());
            accumulator.delays = add_constant(name, Storage::u16, std::span(narrow));
        }
    }

    /// The caller's events of this step become the population's spikes.
    void lower_events(std::size_t p, const Population& population) {
        const auto n = program_.populations[p].num_neurons;
        const ir::BufferId offsets = program_.add_buffer({.name = population.name + ".step_offsets",
                                                          .storage = Storage::u32,
                                                          .count = program_.num_timesteps + 1ULL,
                                                          .space = ir::Space::argument});
        const ir::BufferId ids = program_.add_buffer({.name = population.name + ".event_ids",
                                                      .storage = Storage::u32,
                                                      .count = std::uint64_t{n} * program_.num_timesteps,
                                                      .space = ir::Space::argument});
        InputPlan plan;
        plan.population = population.name;
        plan.shape = population.shape;
        plan.num_neurons = n;
        plan.kind = InputPlan::Kind::events;
        plan.max_events = options_.max_input_events;
        program_.inputs.push_back(std::move(plan));
        program_.input_buffers.push_back({offsets, ids});

        CodeBuilder code;
        const E begin = code.let("first", ir::load(offsets, Type::u32, ir::index("io_row")));
        const E end = code.let("last", ir::load(offsets, Type::u32, ir::index("io_row") + E(1U)));
        if (const auto queue = queues_.find(population.name); queue != queues_.end()) {
            code.loop("k", begin, end, ir::LoopKind::parallel, [&](const E& k) {
                code.append(
                    ir::make(ir::EmitSpike{queue->second, ir::load(ids, Type::u32, k).ptr(), E(true).ptr(), {}}));
            });
        }
        event_extras(population, code, begin, end, ids, n);
        add_phase(
            {ir::PhaseKind::read_input, population.name, static_cast<std::uint32_t>(p), "spike_input", code.take()});
    }

    /// Rasters and spike readouts of an event input, one event after another because neurons are scattered.
    void event_extras(const Population& population, CodeBuilder& code, const E& begin, const E& end, ir::BufferId ids,
                      std::uint32_t n) {
        if (const auto raster = raster_of(population.name)) {
            code.loop("k", begin, end, ir::LoopKind::serial, [&](const E& k) {
                const E id = code.let("id", ir::load(ids, Type::u32, k));
                const E word = ir::index("io_row") * E((n + 31) / 32) + id / E(32U);
                const E bit = ir::binary(ir::BinaryOp::shift_left, E(1U), id % E(32U));
                code.append(ir::make(ir::AddTo{*raster, word.ptr(), bit.ptr()}));
            });
        }
        if (!population.readout) {
            return;
        }
        code.loop("k", begin, end, ir::LoopKind::serial, [&](const E& k) {
            const E id = code.let("id", ir::load(ids, Type::u32, k));
            const ReadoutModel* model = find_readout_model(population.readout->model);
            const ParameterReader params(model->entry, population.readout->params);
            NeuronScope scope(program_, code, population.name, n, id, params);
            ReadoutBuilder readout(scope, params, "");
            model->build(readout);
            readout.run_spike_bodies();
            scope.store_states();
            add_states(index_of(population.name), "", scope);
            add_output(population, scope, readout);
        });
    }

    void add_phase(ir::Phase phase) { phases_.push_back(std::move(phase)); }

    const Network& network_;
    const CompilerOptions& options_;
    language::ModelTable models_;
    ir::Program program_;
    std::map<std::string, ir::QueueId> queues_;
    std::map<std::string, ir::QueueId> negative_queues_;
    std::map<std::string, ir::AccumulatorId> accumulators_;
    /// By connection: bits behind the binary point of its weights.
    std::map<std::string, int> few_spike_fractions_;
    std::vector<ir::Phase> phases_;
};

}  // namespace

ir::Program lower(const Network& network, const CompilerOptions& options) {
    return Lowering(network, options).run();
}

}  // namespace mlgenn::passes
