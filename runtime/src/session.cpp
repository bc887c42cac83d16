// SPDX-License-Identifier: Apache-2.0
// Steps a network on and on: cuts calls into pieces that no window and no change of values interrupts.
#include "mlgenn/session.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "mlgenn/errors.h"
#include "mlgenn/executor.h"
#include "runtime/src/input_checks.h"
#include "runtime/src/latency_histogram.h"
#include "runtime/src/recorded_rows.h"
#include "runtime/src/session_inputs.h"
#include "runtime/src/session_recordings.h"
#include "runtime/src/session_snapshot.h"

namespace mlgenn {

namespace {

using Clock = std::chrono::steady_clock;

/// Longer calls run in pieces, for which memory is ready.
constexpr std::uint32_t usual_piece = 64;
constexpr std::uint32_t last_t = std::numeric_limits<std::uint32_t>::max();

/// Code indexes events and recordings of at most num_timesteps steps.
std::uint32_t most_steps(const ExecutionPlan& plan, const SessionOptions& options) {
    return std::min(std::max(options.steps_per_call, usual_piece), plan.num_timesteps);
}

[[noreturn]] void refuse(std::string where, std::string problem, std::string remedy) {
    throw DescriptionError(
        Diagnostic{.where = std::move(where), .problem = std::move(problem), .notes = {}, .remedy = std::move(remedy)});
}

[[noreturn]] void refuse_size(std::string where, std::size_t found, std::size_t needed) {
    refuse(std::move(where),
           "room for " + std::to_string(found) + " values found, but it has " + std::to_string(needed),
           "give one element per neuron");
}

StepPiece make_piece(const ExecutionPlan& plan) {
    StepPiece piece;
    piece.event_offsets.resize(plan.inputs.size());
    piece.event_ids.resize(plan.inputs.size());
    piece.recordings.resize(plan.recordings.size());
    return piece;
}

std::size_t largest_readout(const ExecutionPlan& plan) {
    std::size_t bytes = 0;
    for (const OutputPlan& output : plan.outputs) {
        bytes = std::max(bytes, output.num_neurons * size_of(output.storage));
    }
    return bytes;
}

const std::string& owner_of(const StatePlan& state) {
    return state.connection.empty() ? state.population : state.connection;
}

/// Names the variable in messages.
std::string place_of(const StatePlan& state) {
    return "variable '" + owner_of(state) + "." + state.variable + "'";
}

}  // namespace

struct Session::Impl {
    Impl(const ExecutionPlan& execution_plan, std::unique_ptr<StepRunner> step_runner, const SessionOptions& options)
        : plan(execution_plan),
          runner(std::move(step_runner)),
          most_piece(most_steps(plan, options)),
          window(options.window.value_or(plan.num_timesteps)),
          reset_time(options.reset_time),
          inputs(plan, most_piece, options.accept_late_events),
          recordings(plan, most_piece, options.steps_per_call),
          window_outputs(runtime::output_bytes(plan)),
          scratch(largest_readout(plan)),
          piece(make_piece(plan)) {}

    ExecutionPlan plan;
    std::unique_ptr<StepRunner> runner;
    std::uint32_t most_piece;
    std::uint32_t window;
    bool reset_time;
    runtime::SessionInputs inputs;
    runtime::SessionRecordings recordings;
    runtime::LatencyHistogram latency{};

    std::uint64_t position = 0;
    std::uint64_t window_number = 0;
    std::uint64_t windows_completed = 0;
    std::uint64_t steps_in_window = 0;
    std::uint32_t t = 0;
    std::vector<std::byte> window_outputs;

    mutable std::vector<std::byte> scratch;
    StepPiece piece;
    mutable std::optional<std::uint64_t> fingerprint{};

    [[nodiscard]] std::uint64_t network() const {
        if (!fingerprint) {
            fingerprint = runtime::network_fingerprint(plan);
        }
        return *fingerprint;
    }

    /// Random numbers depend on the number of the window as they do on that of an example.
    void number_window(std::uint64_t number) {
        window_number = number;
        if (plan.example_number_offset) {
            const auto low = static_cast<std::uint32_t>(number);
            runner->write(*plan.example_number_offset, std::as_bytes(std::span(&low, 1)));
        }
    }

    void begin_window() {
        runner->reset(ResetClass::readout);
        number_window(window_number + 1);
        steps_in_window = 0;
        t = reset_time ? 0 : t;
    }

    /// Runs at most `most` steps and gives their number.
    std::uint32_t run_piece(std::uint32_t first_step, std::uint32_t most) {
        if (window != 0 && steps_in_window == window) {
            begin_window();
        }
        if (t == last_t) {
            // The same t comes again: random numbers must not.
            t = 0;
            number_window(window_number + 1);
        }
        inputs.apply_changes(position, *runner);
        std::uint32_t num_steps = std::min({most, most_piece, last_t - t});
        if (window != 0) {
            num_steps = std::min<std::uint32_t>(num_steps, window - static_cast<std::uint32_t>(steps_in_window));
        }
        piece.num_steps = inputs.steps_without_change(position, num_steps);
        piece.t_begin = t;
        inputs.take_events(position, piece);
        recordings.provide_rows(piece);
        runner->run(piece);
        recordings.collect(first_step, piece.num_steps);
        position += piece.num_steps;
        steps_in_window += piece.num_steps;
        t += piece.num_steps;
        if (window != 0 && steps_in_window == window) {
            ++windows_completed;
            read_outputs();
        }
        return piece.num_steps;
    }

    void read_outputs() {
        std::size_t begin = 0;
        for (const OutputPlan& output : plan.outputs) {
            const std::size_t bytes = output.num_neurons * size_of(output.storage);
            runner->read(output.workspace_offset, std::span(window_outputs).subspan(begin, bytes));
            begin += bytes;
        }
    }

    /// An output, and where its readout begins among those of all outputs.
    [[nodiscard]] std::pair<const OutputPlan*, std::size_t> find_output(std::string_view population) const {
        std::size_t begin = 0;
        for (const OutputPlan& output : plan.outputs) {
            if (output.population == population) {
                return {&output, begin};
            }
            begin += output.num_neurons * size_of(output.storage);
        }
        std::vector<std::string> known;
        for (const OutputPlan& output : plan.outputs) {
            known.push_back(output.population);
        }
        refuse("output '" + std::string(population) + "'", "the network has no such output",
               "the outputs are: " + runtime::quoted_list(known));
    }

    [[nodiscard]] const StatePlan& find_state(std::string_view owner, std::string_view name) const {
        for (const StatePlan& state : plan.states) {
            if (owner_of(state) == owner && state.variable == name) {
                return state;
            }
        }
        std::vector<std::string> known;
        for (const StatePlan& state : plan.states) {
            known.push_back(owner_of(state) + "." + state.variable);
        }
        refuse("variable '" + std::string(owner) + "." + std::string(name) + "'", "the network has no such variable",
               "the variables are: " + runtime::quoted_list(known));
    }

    [[nodiscard]] Array read_array(std::size_t offset, Storage storage, const Shape& shape) const {
        Array array(dtype_of(storage), shape);
        runner->read(offset, array.mutable_bytes());
        return array;
    }

    void read_widened(std::size_t offset, Storage storage, std::span<float> values) const {
        if (storage == Storage::f32) {
            runner->read(offset, std::as_writable_bytes(values));
            return;
        }
        const std::size_t bytes = values.size() * size_of(storage);
        scratch.resize(std::max(scratch.size(), bytes));
        runner->read(offset, std::span(scratch).first(bytes));
        runtime::widen(storage, scratch, values);
    }

    void start() {
        runner->reset_all();
        inputs.clear();
        recordings.begin_call(0);
        latency.clear();
        position = 0;
        number_window(0);
        windows_completed = 0;
        steps_in_window = 0;
        t = 0;
        std::fill(window_outputs.begin(), window_outputs.end(), std::byte{0});
    }
};

Session::Session(const ExecutionPlan& plan, std::unique_ptr<StepRunner> runner, const SessionOptions& options) {
    if (!runner || plan.num_timesteps == 0) {
        throw InternalError("a session without a step runner, or of examples without timesteps");
    }
    impl_ = std::make_unique<Impl>(plan, std::move(runner), options);
    impl_->start();
}

Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

void Session::push_events(std::string_view population, std::span<const std::uint64_t> steps,
                          std::span<const std::uint32_t> ids) {
    impl_->inputs.push_events(population, impl_->position, steps, ids);
}

void Session::push_events_ms(std::string_view population, std::span<const double> times_ms,
                             std::span<const std::uint32_t> ids) {
    impl_->inputs.push_events_ms(population, impl_->position, times_ms, ids);
}

std::uint64_t Session::step_of(double time_ms) const {
    return impl_->inputs.due_step(time_ms, "step_of", 0);
}

void Session::push_spikes(std::string_view population, std::span<const std::uint32_t> ids) {
    impl_->inputs.push_spikes(population, impl_->position, ids);
}

void Session::set_values(std::string_view population, std::span<const float> values,
                         std::optional<std::uint64_t> step) {
    impl_->inputs.set_values(population, impl_->position, values, step.value_or(impl_->position));
}

void Session::push_frames(std::string_view population, std::span<const float> frames, std::uint32_t steps_per_frame) {
    impl_->inputs.push_frames(population, impl_->position, frames, steps_per_frame);
}

void Session::step(std::uint32_t num_steps) {
    const Clock::time_point begin = Clock::now();
    impl_->recordings.begin_call(num_steps);
    for (std::uint32_t done = 0; done < num_steps;) {
        done += impl_->run_piece(done, num_steps - done);
    }
    if (num_steps != 0) {
        const auto elapsed = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
        impl_->latency.add(static_cast<std::uint64_t>(elapsed), num_steps);
    }
}

std::uint64_t Session::position() const {
    return impl_->position;
}

double Session::time_ms() const {
    return static_cast<double>(impl_->position) * impl_->plan.dt_ms;
}

Array Session::output(std::string_view population) const {
    const OutputPlan& output = *impl_->find_output(population).first;
    return impl_->read_array(output.workspace_offset, output.storage, output.shape);
}

void Session::read_output(std::string_view population, std::span<float> values) const {
    const OutputPlan& output = *impl_->find_output(population).first;
    if (values.size() != output.num_neurons) {
        refuse_size("output '" + output.population + "'", values.size(), output.num_neurons);
    }
    impl_->read_widened(output.workspace_offset, output.storage, values);
}

Array Session::window_output(std::string_view population) const {
    const auto [output, begin] = impl_->find_output(population);
    if (impl_->windows_completed == 0) {
        refuse("output '" + output->population + "'",
               "no window is complete after " + std::to_string(impl_->steps_in_window) + " of " +
                   std::to_string(impl_->window) + " steps",
               "run a whole window first, or read output()");
    }
    Array array(dtype_of(output->storage), output->shape);
    const std::span<std::byte> bytes = array.mutable_bytes();
    std::memcpy(bytes.data(), impl_->window_outputs.data() + begin, bytes.size());
    return array;
}

std::uint64_t Session::windows_completed() const {
    return impl_->windows_completed;
}

std::uint64_t Session::steps_in_window() const {
    return impl_->steps_in_window;
}

void Session::restart_readouts() {
    impl_->begin_window();
}

const SpikeRecord& Session::spikes(std::string_view key) const {
    return impl_->recordings.spikes(key);
}

std::span<const float> Session::trace(std::string_view key) const {
    return impl_->recordings.trace(key);
}

Array Session::variable(std::string_view owner, std::string_view name) const {
    const StatePlan& state = impl_->find_state(owner, name);
    return impl_->read_array(state.workspace_offset, state.storage, state.shape);
}

void Session::read_variable(std::string_view owner, std::string_view name, std::span<float> values) const {
    const StatePlan& state = impl_->find_state(owner, name);
    if (values.size() != num_elements(state.shape)) {
        refuse_size(place_of(state), values.size(), num_elements(state.shape));
    }
    impl_->read_widened(state.workspace_offset, state.storage, values);
}

void Session::set_variable(std::string_view owner, std::string_view name, std::span<const float> values) {
    const StatePlan& state = impl_->find_state(owner, name);
    if (state.storage != Storage::f32) {
        refuse(place_of(state), "it counts, and holds no float32", "set variables of type float32 only");
    }
    if (values.size() != num_elements(state.shape)) {
        refuse_size(place_of(state), values.size(), num_elements(state.shape));
    }
    impl_->runner->write(state.workspace_offset, std::as_bytes(values));
}

void Session::reset() {
    impl_->start();
}

std::vector<std::byte> Session::snapshot() const {
    const Impl& session = *impl_;
    runtime::SessionState state{.position = session.position,
                                .window = session.window,
                                .reset_time = session.reset_time,
                                .window_number = session.window_number,
                                .windows_completed = session.windows_completed,
                                .steps_in_window = session.steps_in_window,
                                .t = session.t,
                                .workspace = std::vector<std::byte>(session.plan.workspace_bytes),
                                .window_outputs = session.window_outputs,
                                .inputs = session.inputs.pending()};
    session.runner->read(0, state.workspace);
    return runtime::encode_snapshot(session.network(), state);
}

void Session::restore(std::span<const std::byte> snapshot) {
    Impl& session = *impl_;
    runtime::SessionState state = runtime::decode_snapshot(session.plan, session.network(), snapshot);
    session.runner->write(0, state.workspace);
    session.inputs.assign(std::move(state.inputs));
    session.recordings.begin_call(0);
    session.position = state.position;
    session.window = state.window;
    session.reset_time = state.reset_time;
    session.window_number = state.window_number;
    session.windows_completed = state.windows_completed;
    session.steps_in_window = state.steps_in_window;
    session.t = state.t;
    session.window_outputs = std::move(state.window_outputs);
}

LatencyReport Session::latency() const {
    return impl_->latency.report();
}

void Session::reset_latency() {
    impl_->latency.clear();
}

const ExecutionPlan& Session::plan() const {
    return impl_->plan;
}

std::size_t Session::memory_bytes() const {
    return impl_->runner->memory_bytes();
}

}  // namespace mlgenn
