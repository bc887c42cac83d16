// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/session_snapshot.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/fingerprint.h"

namespace mlgenn::runtime {

namespace {

static_assert(std::endian::native == std::endian::little, "snapshots are written as numbers lie in memory");

constexpr std::array<char, 8> magic = {'m', 'l', 'g', 'e', 'n', 'n', 'S', 'S'};
constexpr std::uint32_t version = 1;
constexpr std::size_t header_bytes = 40;
/// More events of one neuron could not be counted safely.
constexpr std::uint64_t most_waiting = std::uint64_t{1} << 40;

class Writer {
public:
    template <class T>
    void number(T value) {
        static_assert(std::is_arithmetic_v<T>);
        append(std::as_bytes(std::span(&value, 1)));
    }
    template <class T>
    void numbers(std::span<const T> values) {
        number<std::uint64_t>(values.size());
        append(std::as_bytes(values));
    }
    void append(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
    [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_{};
};

[[noreturn]] void refuse(const ExecutionPlan& plan, std::string problem, std::string remedy) {
    throw DescriptionError(Diagnostic{.where = "snapshot for network '" + plan.network + "'",
                                      .problem = std::move(problem),
                                      .notes = {},
                                      .remedy = std::move(remedy)});
}

[[noreturn]] void refuse_damaged(const ExecutionPlan& plan, std::string problem) {
    refuse(plan, std::move(problem), "take the snapshot again: these bytes are damaged");
}

/// Reads numbers and lists from bytes that nobody vouches for.
class Reader {
public:
    Reader(const ExecutionPlan& plan, std::span<const std::byte> bytes) : plan_(plan), bytes_(bytes) {}

    template <class T>
    [[nodiscard]] T number(const char* what) {
        static_assert(std::is_arithmetic_v<T>);
        T value{};
        std::memcpy(&value, take(sizeof(T), what).data(), sizeof(T));
        return value;
    }
    /// A list's length, for which there are enough bytes left.
    [[nodiscard]] std::size_t count(std::size_t bytes_each, const char* what) {
        const auto count = number<std::uint64_t>(what);
        if (count > bytes_.size() / bytes_each) {
            refuse_damaged(plan_, std::to_string(count) + " " + what + " of " + std::to_string(bytes_each) +
                                      " bytes announced, but " + std::to_string(bytes_.size()) + " bytes are left");
        }
        return static_cast<std::size_t>(count);
    }
    template <class T>
    [[nodiscard]] std::vector<T> numbers(std::size_t expected, const char* what) {
        const std::size_t found = count(sizeof(T), what);
        if (found != expected) {
            refuse_damaged(plan_,
                           std::to_string(found) + " " + what + " found, " + std::to_string(expected) + " expected");
        }
        std::vector<T> values(found);
        const auto bytes = take(found * sizeof(T), what);
        if (!bytes.empty()) {
            std::memcpy(values.data(), bytes.data(), bytes.size());
        }
        return values;
    }
    [[nodiscard]] std::span<const std::byte> take(std::size_t size, const char* what) {
        if (size > bytes_.size()) {
            refuse_damaged(plan_, std::string(what) + " need " + std::to_string(size) + " bytes, but " +
                                      std::to_string(bytes_.size()) + " are left");
        }
        const auto taken = bytes_.first(size);
        bytes_ = bytes_.subspan(size);
        return taken;
    }
    [[nodiscard]] std::size_t left() const { return bytes_.size(); }

private:
    const ExecutionPlan& plan_;
    std::span<const std::byte> bytes_;
};

void write_input(Writer& writer, const PendingInput& input) {
    writer.number<std::uint64_t>(input.events.size());
    for (const TimedEvent& event : input.events) {
        writer.number(event.step);
        writer.number(event.id);
    }
    writer.number<std::uint64_t>(input.waiting.size());
    for (const WaitingEvents& waiting : input.waiting) {
        writer.number(waiting.id);
        writer.number(waiting.count);
    }
    writer.number<std::uint64_t>(input.changes.size());
    for (const auto& [step, values] : input.changes) {
        writer.number(step);
        writer.numbers(std::span<const float>(values));
    }
}

constexpr std::size_t event_bytes = sizeof(std::uint64_t) + sizeof(std::uint32_t);

void require_neuron(const ExecutionPlan& plan, const InputPlan& input, std::uint32_t id) {
    if (id >= input.num_neurons) {
        refuse_damaged(plan, "input '" + input.population + "' has an event with id " + std::to_string(id) + ", of " +
                                 std::to_string(input.num_neurons) + " neurons");
    }
}

void require_step(const ExecutionPlan& plan, const InputPlan& input, std::uint64_t step, std::uint64_t earliest) {
    if (step < earliest || step > last_position) {
        refuse_damaged(plan, "input '" + input.population + "' holds something for step " + std::to_string(step) +
                                 ", expected at least " + std::to_string(earliest));
    }
}

std::vector<TimedEvent> read_events(Reader& reader, const ExecutionPlan& plan, const InputPlan& input,
                                    std::uint64_t position) {
    std::vector<TimedEvent> events(reader.count(event_bytes, "events"));
    TimedEvent last{position, 0};
    for (TimedEvent& event : events) {
        event.step = reader.number<std::uint64_t>("events");
        event.id = reader.number<std::uint32_t>("events");
        require_step(plan, input, event.step, last.step);
        require_neuron(plan, input, event.id);
        if (event < last) {
            refuse_damaged(plan, "input '" + input.population + "' has events in disorder");
        }
        last = event;
    }
    return events;
}

std::vector<WaitingEvents> read_waiting(Reader& reader, const ExecutionPlan& plan, const InputPlan& input) {
    std::vector<WaitingEvents> waiting(reader.count(event_bytes, "waiting neurons"));
    std::uint64_t next_id = 0;
    for (WaitingEvents& surplus : waiting) {
        surplus.id = reader.number<std::uint32_t>("waiting neurons");
        surplus.count = reader.number<std::uint64_t>("waiting neurons");
        require_neuron(plan, input, surplus.id);
        if (surplus.id < next_id || surplus.count == 0 || surplus.count > most_waiting) {
            refuse_damaged(plan, "input '" + input.population + "' has " + std::to_string(surplus.count) +
                                     " waiting events of neuron " + std::to_string(surplus.id) + " after neuron " +
                                     std::to_string(next_id));
        }
        next_id = std::uint64_t{surplus.id} + 1;
    }
    return waiting;
}

PendingInput read_input(Reader& reader, const ExecutionPlan& plan, const InputPlan& input, std::uint64_t position) {
    PendingInput pending;
    pending.events = read_events(reader, plan, input, position);
    pending.waiting = read_waiting(reader, plan, input);
    const std::size_t num_values = std::size_t{input.num_frames} * input.num_neurons;
    const std::size_t num_changes = reader.count(2 * sizeof(std::uint64_t), "changes of values");
    std::uint64_t earliest = position;
    for (std::size_t k = 0; k < num_changes; ++k) {
        const auto step = reader.number<std::uint64_t>("changes of values");
        require_step(plan, input, step, earliest);
        earliest = step + 1;
        pending.changes.emplace(step, reader.numbers<float>(num_values, "input values"));
    }
    const bool takes_events = input.kind == InputPlan::Kind::events;
    if (takes_events ? !pending.changes.empty() : !pending.events.empty() || !pending.waiting.empty()) {
        refuse_damaged(plan, "input '" + input.population + "' holds the other kind of input");
    }
    return pending;
}

std::uint32_t u32_at(std::span<const std::byte> bytes, std::size_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
}

/// Generated code takes the ids of its spike queues for granted.
void check_queue(const ExecutionPlan& plan, const QueuePlan& queue, std::span<const std::byte> workspace) {
    const auto refuse_id = [&](std::uint64_t id) {
        refuse_damaged(plan, "a spike of '" + queue.population + "' has id " + std::to_string(id) + ", of " +
                                 std::to_string(queue.num_neurons) + " neurons");
    };
    for (std::uint32_t slot = 0; slot < queue.slots; ++slot) {
        const std::size_t begin = queue.workspace_offset + slot * queue.slot_bytes;
        if (!queue.counts_offset) {
            const std::uint32_t used_bits = queue.num_neurons % 32;
            const std::size_t last_word = begin + queue.num_neurons / 32 * sizeof(std::uint32_t);
            if (used_bits != 0 && (u32_at(workspace, last_word) >> used_bits) != 0) {
                refuse_id(queue.num_neurons);
            }
            continue;
        }
        const std::uint32_t count = u32_at(workspace, *queue.counts_offset + slot * sizeof(std::uint32_t));
        if (count > queue.num_neurons) {
            refuse_damaged(plan, "a step of '" + queue.population + "' has " + std::to_string(count) + " spikes, of " +
                                     std::to_string(queue.num_neurons) + " neurons");
        }
        for (std::uint32_t k = 0; k < count; ++k) {
            const std::uint32_t id = u32_at(workspace, begin + k * sizeof(std::uint32_t));
            if (id >= queue.num_neurons) {
                refuse_id(id);
            }
        }
    }
}

std::string hexadecimal(std::uint64_t number) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) {
        text += digits[(number >> shift) & 15U];
    }
    return text;
}

/// Checks the header and gives back what follows it.
std::span<const std::byte> payload_of(const ExecutionPlan& plan, std::uint64_t network,
                                      std::span<const std::byte> bytes) {
    if (bytes.size() < header_bytes) {
        refuse_damaged(plan, std::to_string(bytes.size()) + " bytes found, but the header alone has " +
                                 std::to_string(header_bytes));
    }
    if (std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) {
        refuse(plan, "the bytes do not begin with 'mlgennSS'", "give the bytes that Session::snapshot() made");
    }
    Reader header(plan, bytes.subspan(magic.size(), header_bytes - magic.size()));
    const auto found_version = header.number<std::uint32_t>("version");
    if (found_version != version) {
        refuse(plan,
               "it has format version " + std::to_string(found_version) + ", but this build reads version " +
                   std::to_string(version),
               "take the snapshot with this version of mlgenn");
    }
    if (const auto reserved = header.number<std::uint32_t>("reserved"); reserved != 0) {
        refuse_damaged(plan, "the header's reserved bytes are " + std::to_string(reserved) + ", expected 0");
    }
    const auto found_network = header.number<std::uint64_t>("fingerprint");
    if (found_network != network) {
        refuse(plan,
               "it belongs to a network with fingerprint " + hexadecimal(found_network) + ", but this one has " +
                   hexadecimal(network),
               "restore it into the same network, compiled with the same options for the same kind of back end");
    }
    const auto size = header.number<std::uint64_t>("size");
    const auto checksum = header.number<std::uint64_t>("checksum");
    const auto payload = bytes.subspan(header_bytes);
    if (size != payload.size()) {
        refuse_damaged(
            plan, std::to_string(payload.size()) + " bytes follow the header, which announces " + std::to_string(size));
    }
    Fingerprint fingerprint;
    fingerprint.add(payload);
    if (fingerprint.value() != checksum) {
        refuse_damaged(plan, "its checksum is " + hexadecimal(fingerprint.value()) + ", but the header says " +
                                 hexadecimal(checksum));
    }
    return payload;
}

void check_window(const ExecutionPlan& plan, const SessionState& state) {
    if (state.position > last_position || state.steps_in_window > state.position ||
        (state.window != 0 && state.steps_in_window > state.window)) {
        refuse_damaged(plan, "it is at step " + std::to_string(state.position) + " and step " +
                                 std::to_string(state.steps_in_window) + " of a window of " +
                                 std::to_string(state.window));
    }
}

}  // namespace

std::size_t output_bytes(const ExecutionPlan& plan) {
    std::size_t bytes = 0;
    for (const OutputPlan& output : plan.outputs) {
        bytes += output.num_neurons * size_of(output.storage);
    }
    return bytes;
}

std::uint64_t network_fingerprint(const ExecutionPlan& plan) {
    Fingerprint fingerprint;
    fingerprint.add(plan.network);
    fingerprint.add(plan.backend);
    fingerprint.add(plan.program_hash);
    fingerprint.add_number(plan.num_timesteps);
    fingerprint.add_number(std::bit_cast<std::uint64_t>(plan.dt_ms));
    fingerprint.add_number(plan.workspace_bytes);
    if (plan.constants) {
        fingerprint.add(*plan.constants);
    }
    return fingerprint.value();
}

std::vector<std::byte> encode_snapshot(std::uint64_t network, const SessionState& state) {
    Writer payload;
    payload.number(state.position);
    payload.number(state.window);
    payload.number<std::uint32_t>(state.reset_time ? 1 : 0);
    payload.number(state.window_number);
    payload.number(state.windows_completed);
    payload.number(state.steps_in_window);
    payload.number(state.t);
    payload.numbers(std::span<const std::byte>(state.workspace));
    payload.numbers(std::span<const std::byte>(state.window_outputs));
    payload.number<std::uint64_t>(state.inputs.size());
    for (const PendingInput& input : state.inputs) {
        write_input(payload, input);
    }
    const std::vector<std::byte> bytes = payload.take();
    Fingerprint fingerprint;
    fingerprint.add(bytes);
    Writer snapshot;
    snapshot.append(std::as_bytes(std::span(magic)));
    snapshot.number(version);
    snapshot.number<std::uint32_t>(0);
    snapshot.number(network);
    snapshot.number<std::uint64_t>(bytes.size());
    snapshot.number(fingerprint.value());
    snapshot.append(bytes);
    return snapshot.take();
}

SessionState decode_snapshot(const ExecutionPlan& plan, std::uint64_t network, std::span<const std::byte> bytes) {
    Reader reader(plan, payload_of(plan, network, bytes));
    SessionState state;
    state.position = reader.number<std::uint64_t>("position");
    state.window = reader.number<std::uint32_t>("window");
    state.reset_time = reader.number<std::uint32_t>("reset of time") != 0;
    state.window_number = reader.number<std::uint64_t>("window number");
    state.windows_completed = reader.number<std::uint64_t>("windows");
    state.steps_in_window = reader.number<std::uint64_t>("steps of the window");
    state.t = reader.number<std::uint32_t>("time");
    check_window(plan, state);
    state.workspace = reader.numbers<std::byte>(plan.workspace_bytes, "bytes of state");
    for (const QueuePlan& queue : plan.queues) {
        check_queue(plan, queue, state.workspace);
    }
    state.window_outputs = reader.numbers<std::byte>(output_bytes(plan), "bytes of readouts");
    const std::size_t num_inputs = reader.count(sizeof(std::uint64_t), "inputs");
    if (num_inputs != plan.inputs.size()) {
        refuse_damaged(
            plan, std::to_string(num_inputs) + " inputs found, " + std::to_string(plan.inputs.size()) + " expected");
    }
    for (const InputPlan& input : plan.inputs) {
        state.inputs.push_back(read_input(reader, plan, input, state.position));
    }
    if (reader.left() != 0) {
        refuse_damaged(plan, std::to_string(reader.left()) + " bytes are left over at its end");
    }
    return state;
}

}  // namespace mlgenn::runtime
