// SPDX-License-Identifier: Apache-2.0
// What catalogue entries write their IR with. Each builder gives an entry just the words that its kind may use.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/models/catalogue.h"

namespace mlgenn::models {

/// Collects the statements of one phase, block by block.
class CodeBuilder {
public:
    void append(ir::StmtPtr stmt) { blocks_.back().push_back(std::move(stmt)); }
    /// Introduces a local and gives it back as an expression.
    ir::E let(const std::string& name, const ir::E& value);
    void assign(const std::string& name, const ir::E& value);
    void when(const ir::E& condition, const std::function<void()>& then_body,
              const std::function<void()>& else_body = {});
    void loop(const std::string& index, const ir::E& begin, const ir::E& end, ir::LoopKind kind,
              const std::function<void(ir::E)>& body);
    /// What was collected; the builder is empty afterwards.
    [[nodiscard]] ir::Block take();

private:
    ir::Block collect(const std::function<void()>& body);
    std::vector<ir::Block> blocks_ = std::vector<ir::Block>(1);
};

/// A state variable inside a phase: a local that is stored when the phase ends.
class Variable {
public:
    Variable(CodeBuilder& code, std::string local, ir::Type type)
        : code_(&code), local_(std::move(local)), type_(type) {}
    operator ir::E() const { return ir::local(local_, type_); }
    [[nodiscard]] ir::E value() const { return *this; }
    void set(const ir::E& value) const { code_->assign(local_, value); }
    [[nodiscard]] const std::string& name() const { return local_; }

private:
    CodeBuilder* code_;
    std::string local_;
    ir::Type type_;
};

/// State and parameters of one population's or connection's neurons, as constants and buffers of the program.
class NeuronScope {
public:
    struct State {
        std::string name;
        std::string local;
        ir::BufferId buffer;
        ir::Type type;
    };

    /// `owner` prefixes buffer names; `neuron` is the index expression of the neuron at hand.
    NeuronScope(ir::Program& program, CodeBuilder& code, std::string owner, std::uint32_t num_neurons, ir::E neuron,
                ParameterReader params)
        : program_(program),
          code_(code),
          owner_(std::move(owner)),
          num_neurons_(num_neurons),
          neuron_(std::move(neuron)),
          params_(params) {}

    [[nodiscard]] const ParameterReader& params() const { return params_; }
    [[nodiscard]] const std::string& owner() const { return owner_; }
    [[nodiscard]] const ir::E& neuron() const { return neuron_; }
    [[nodiscard]] std::uint32_t num_neurons() const { return num_neurons_; }
    [[nodiscard]] double dt_ms() const { return program_.dt_ms; }
    [[nodiscard]] std::uint32_t num_timesteps() const { return program_.num_timesteps; }
    [[nodiscard]] CodeBuilder& code() { return code_; }

    /// A parameter rounded to f32: a literal, or one value per neuron.
    [[nodiscard]] ir::E param(const std::string& name);
    /// A constant computed in double from parameters, rounded once: `label` names it when it is per neuron.
    [[nodiscard]] ir::E derived(const std::string& label, std::span<const std::string> names,
                                const std::function<double(std::span<const double>)>& formula);
    /// exp(-dt / tau) of the named time constant.
    [[nodiscard]] ir::E decay(const std::string& label, const std::string& tau);

    /// A state variable "<owner>.<name>" that starts at parameter `initial`.
    [[nodiscard]] Variable state(const std::string& name, const std::string& initial_param);
    /// The same with a reset class and a local of its own.
    [[nodiscard]] Variable state(const std::string& name, const std::string& initial_param, ResetClass reset_class,
                                 const std::string& local);
    [[nodiscard]] Variable state(const std::string& name, float initial, ResetClass reset_class,
                                 const std::string& local);
    [[nodiscard]] Variable counter(const std::string& name);
    /// A state variable of type i32 that starts at 0.
    [[nodiscard]] Variable integer(const std::string& name, ResetClass reset_class);
    /// Number of the example in its call (u32).
    [[nodiscard]] ir::E example_number();
    /// Stores every state variable; called once at the end of the phase.
    void store_states();
    [[nodiscard]] std::optional<ir::BufferId> find_state(const std::string& name) const;

    [[nodiscard]] const std::vector<State>& states() const { return states_; }

private:
    [[nodiscard]] ir::E per_neuron(const std::string& label, std::vector<float> values);
    Variable add_state(const std::string& name, const std::string& local, ir::Buffer buffer);

    ir::Program& program_;
    CodeBuilder& code_;
    std::string owner_;
    std::uint32_t num_neurons_;
    ir::E neuron_;
    ParameterReader params_;
    std::vector<State> states_;
};

/// What a readout does: accumulates every step (before the threshold test) or at every spike, and names its result.
class ReadoutBuilder {
public:
    ReadoutBuilder(NeuronScope& scope, ParameterReader params, std::string output_variable)
        : scope_(scope), params_(params), output_variable_(std::move(output_variable)) {}

    /// The population's neurons; its parameters are the neuron model's.
    [[nodiscard]] NeuronScope& scope() { return scope_; }
    /// The readout's own parameters.
    [[nodiscard]] const ParameterReader& params() const { return params_; }
    /// The model's output variable, as updated in this step.
    [[nodiscard]] ir::E variable() const { return ir::local(output_variable_, ir::Type::f32); }
    /// Time of this step in ms: f32(t) * f32(dt).
    [[nodiscard]] ir::E time_ms() const;
    /// f32 accumulator "<population>.<name>" that every example starts at `initial`.
    [[nodiscard]] Variable accumulator(const std::string& name, float initial);
    /// u32 counter "<population>.<name>" that every example starts at 0.
    [[nodiscard]] Variable counter(const std::string& name) { return scope_.counter(name); }
    void each_step(std::function<void()> body) { step_bodies_.push_back(std::move(body)); }
    void each_spike(std::function<void()> body) { spike_bodies_.push_back(std::move(body)); }
    /// The state variable that is the result after the last step.
    void result(const std::string& name) { result_ = name; }
    void result_is_variable() { result_ = output_variable_; }

    void run_step_bodies() const;
    void run_spike_bodies() const;
    [[nodiscard]] bool has_spike_bodies() const { return !spike_bodies_.empty(); }
    [[nodiscard]] const std::string& result_name() const { return result_; }

private:
    NeuronScope& scope_;
    ParameterReader params_;
    std::string output_variable_;
    std::string result_;
    std::vector<std::function<void()>> step_bodies_;
    std::vector<std::function<void()>> spike_bodies_;
};

/// A neuron model's words. The model updates its variables, then calls spike() once if it can fire.
class NeuronBuilder {
public:
    using Emit = std::function<void(ir::E)>;
    NeuronBuilder(NeuronScope& scope, ir::E input, Emit emit, Emit emit_negative, std::uint64_t rng_seed)
        : scope_(scope),
          input_(std::move(input)),
          emit_(std::move(emit)),
          emit_negative_(std::move(emit_negative)),
          rng_seed_(rng_seed) {}
    void attach(ReadoutBuilder& readout) { readout_ = &readout; }
    [[nodiscard]] bool has_readout() const { return readout_ != nullptr; }
    /// For models that code numbers: the population's part in the network.
    void attach(const ir::FewSpikePopulation& few_spike) { few_spike_ = &few_spike; }
    [[nodiscard]] const ir::FewSpikePopulation& few_spike() const;

    [[nodiscard]] NeuronScope& scope() { return scope_; }
    [[nodiscard]] const ParameterReader& params() const { return scope_.params(); }
    [[nodiscard]] CodeBuilder& code() { return scope_.code(); }
    [[nodiscard]] std::uint64_t rng_seed() const { return rng_seed_; }
    [[nodiscard]] ir::E param(const std::string& name) { return scope_.param(name); }
    [[nodiscard]] Variable state(const std::string& name, const std::string& initial_param) {
        return scope_.state(name, initial_param);
    }
    /// A state variable that starts at 0.
    [[nodiscard]] Variable state(const std::string& name, ResetClass reset_class) {
        return scope_.state(name, 0.0F, reset_class, name);
    }
    /// Synaptic input of this step (Isyn), or the input value for value inputs.
    [[nodiscard]] const ir::E& input() const { return input_; }
    /// Emits a spike where `condition` holds and runs `reset` there. Readouts accumulate just before.
    void spike(const ir::E& condition, const std::function<void()>& reset);
    /// Emits a negative event where `condition` holds: it delivers -weight through every outgoing connection.
    void negative_event(const ir::E& condition) { emit_negative_(condition); }
    /// A number in [0, 1) that depends on seed, population, `name`, example, timestep and neuron alone; `name` also
    /// begins the names of the locals that it introduces.
    [[nodiscard]] ir::E random_uniform(const std::string& name);
    /// Ends the phase: readouts of models that never spike, then the stores.
    void finish();

private:
    NeuronScope& scope_;
    ir::E input_;
    Emit emit_;
    Emit emit_negative_;
    std::uint64_t rng_seed_;
    ReadoutBuilder* readout_ = nullptr;
    const ir::FewSpikePopulation* few_spike_ = nullptr;
    bool accumulated_ = false;
};

/// A synapse model's words: it receives this step's deliveries and injects a current.
class SynapseBuilder {
public:
    SynapseBuilder(NeuronScope& scope, ir::AccumulatorId accumulator, ir::Program& program, std::string connection,
                   std::uint64_t rng_seed)
        : scope_(scope),
          accumulator_(accumulator),
          program_(program),
          connection_(std::move(connection)),
          rng_seed_(rng_seed) {}

    [[nodiscard]] NeuronScope& scope() { return scope_; }
    [[nodiscard]] const ParameterReader& params() const { return scope_.params(); }
    [[nodiscard]] std::uint64_t rng_seed() const { return rng_seed_; }
    /// A synaptic state variable "<connection>.<name>" that starts at 0.
    [[nodiscard]] Variable state(const std::string& name);
    /// The same, starting at parameter `initial_param`.
    [[nodiscard]] Variable state(const std::string& name, const std::string& initial_param);
    /// What was delivered in this step.
    [[nodiscard]] ir::E receive();
    /// `state` plus what was delivered in this step.
    [[nodiscard]] ir::E receive_onto(const Variable& state);
    /// As receive(), of a synapse whose variables are its state: what waits for its time is part of that.
    [[nodiscard]] ir::E receive_into_state();
    /// Adds to the target's Isyn.
    void inject(const ir::E& current) { current_ = current.ptr(); }
    [[nodiscard]] ir::ExprPtr current() const { return current_; }

private:
    ir::E receive_with(const ir::ExprPtr& base);

    NeuronScope& scope_;
    ir::AccumulatorId accumulator_;
    ir::Program& program_;
    std::string connection_;
    std::uint64_t rng_seed_;
    ir::ExprPtr current_;
};

/// A connectivity's words for its row view: the synapses of presynaptic neuron `pre()`.
class RowBuilder {
public:
    RowBuilder(ir::Program& program, CodeBuilder& code, ir::AccumulatorId accumulator, ParameterReader params,
               const Shape& source, const Shape& target, const LoweredConnectivity& lowered, bool negated = false)
        : program_(program),
          code_(code),
          accumulator_(accumulator),
          params_(params),
          source_(source),
          target_(target),
          lowered_(lowered),
          negated_(negated) {}

    [[nodiscard]] const ParameterReader& params() const { return params_; }
    [[nodiscard]] const Shape& source() const { return source_; }
    [[nodiscard]] const Shape& target() const { return target_; }
    [[nodiscard]] CodeBuilder& code() { return code_; }
    [[nodiscard]] ir::E pre() const { return ir::index("i"); }
    [[nodiscard]] const LoweredConnectivity& lowered() const { return lowered_; }
    /// Element of a constant index array of the lowered connectivity.
    [[nodiscard]] ir::E index_array(const std::string& name, const ir::E& at);
    /// One synapse; `index` is the place of its weight and delay, ignored when all synapses share them.
    void synapse(const ir::E& target, const ir::E& index);
    /// A synapse to every target j at index `row_start` + j; `row_start` must depend on pre() alone.
    void dense_row(const ir::E& row_start);

private:
    [[nodiscard]] ir::E weight(const ir::E& index) const;
    [[nodiscard]] ir::ExprPtr delay(const ir::E& index) const;

    ir::Program& program_;
    CodeBuilder& code_;
    ir::AccumulatorId accumulator_;
    ParameterReader params_;
    const Shape& source_;
    const Shape& target_;
    const LoweredConnectivity& lowered_;
    /// Delivers -weight.
    bool negated_;
};

/// A metric's words: one example's readout against its target.
class MetricBuilder {
public:
    MetricBuilder(ir::Program& program, CodeBuilder& code, ir::ScoreFunction& function, std::uint32_t num_neurons,
                  ParameterReader params)
        : program_(program), code_(code), function_(function), num_neurons_(num_neurons), params_(params) {}

    [[nodiscard]] CodeBuilder& code() { return code_; }
    [[nodiscard]] const ParameterReader& params() const { return params_; }
    [[nodiscard]] double dt_ms() const { return program_.dt_ms; }
    [[nodiscard]] std::uint32_t num_timesteps() const { return program_.num_timesteps; }
    [[nodiscard]] std::uint32_t num_neurons() const { return num_neurons_; }
    /// The readout of neuron `at`, in the readout's own type.
    [[nodiscard]] ir::E readout(const ir::E& at) const;
    /// The class label (i32), or neuron `at`'s target value (f32).
    [[nodiscard]] ir::E label() const;
    [[nodiscard]] ir::E target(const ir::E& at) const;
    /// The index of the largest readout (u32), of the first one if several are equal.
    [[nodiscard]] ir::E argmax();
    /// u32 for counts and bins, f32 for sums.
    void score(const ir::E& value);

private:
    ir::Program& program_;
    CodeBuilder& code_;
    ir::ScoreFunction& function_;
    std::uint32_t num_neurons_;
    ParameterReader params_;
};

}  // namespace mlgenn::models
