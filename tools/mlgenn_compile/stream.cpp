// SPDX-License-Identifier: Apache-2.0
// `stream`: run a session on examples or on what comes through a pipe, and print what it shows as JSON lines.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "mlgenn/errors.h"
#include "mlgenn/session.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/data_arguments.h"
#include "tools/mlgenn_compile/input_encoding.h"
#include "tools/mlgenn_compile/interruption.h"
#include "tools/mlgenn_compile/latency_report.h"
#include "tools/mlgenn_compile/network_setup.h"
#include "tools/mlgenn_compile/output_files.h"
#include "tools/mlgenn_compile/recordings.h"
#include "tools/mlgenn_compile/stream_input.h"

namespace mlgenn::cli {
namespace {

using Json = nlohmann::ordered_json;

Json values_json(const Array& array) {
    Json values = Json::array();
    for (std::size_t k = 0; k < array.size(); ++k) {
        if (array.dtype() == DType::u32) {
            values.push_back(array.as<std::uint32_t>()[k]);
        } else {
            values.push_back(array.value(k));
        }
    }
    return values;
}

/// What the session shows after a call; steps count from its beginning.
Json call_json(const Session& session, std::uint64_t first_step) {
    Json json{{"step", session.position()}};
    for (const OutputPlan& output : session.plan().outputs) {
        json["outputs"][output.population] = values_json(session.output(output.population));
    }
    for (const RecordingPlan& recording : session.plan().recordings) {
        if (recording.spikes) {
            const SpikeRecord& spikes = session.spikes(recording.key);
            Json list = Json::array();
            for (std::size_t k = 0; k < spikes.ids.size(); ++k) {
                list.push_back({first_step + spikes.steps[k], spikes.ids[k]});
            }
            json["recordings"][recording.key] = std::move(list);
            continue;
        }
        const std::span<const float> trace = session.trace(recording.key);
        Json rows = Json::array();
        for (std::size_t begin = 0; begin < trace.size(); begin += recording.num_neurons) {
            const auto row = trace.subspan(begin, recording.num_neurons);
            rows.push_back(std::vector<float>(row.begin(), row.end()));
        }
        json["recordings"][recording.key] = std::move(rows);
    }
    return json;
}

void run_and_print(Session& session, std::uint32_t num_steps) {
    check_interruption();
    const std::uint64_t first_step = session.position();
    session.step(num_steps);
    std::cout << call_json(session, first_step).dump() << '\n' << std::flush;
}

void run_examples(Session& session, const StreamCommand& command, const Inputs& inputs) {
    const std::uint32_t example_steps = session.plan().num_timesteps;
    ExamplePlayer player(inputs, example_steps, session.position());
    const std::uint64_t end = command.steps ? session.position() + *command.steps : player.end();
    const std::uint32_t window = command.window.value_or(example_steps);
    const std::uint32_t every = command.every.value_or(window == 0 ? example_steps : window);
    while (session.position() < end) {
        const auto num_steps = static_cast<std::uint32_t>(std::min<std::uint64_t>(every, end - session.position()));
        player.push(session, session.position() + num_steps);
        run_and_print(session, num_steps);
    }
}

void run_lines(Session& session) {
    std::string line;
    for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        if (const std::uint32_t num_steps = follow_line(session, line, number); num_steps != 0) {
            run_and_print(session, num_steps);
        }
    }
}

std::vector<std::byte> read_snapshot(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
    std::vector<std::byte> bytes(static_cast<std::size_t>(std::max<std::streamoff>(size, 0)));
    file.seekg(0);
    if (size < 0 || !file.read(reinterpret_cast<char*>(bytes.data()), size)) {
        throw DescriptionError(
            Diagnostic{path.string(), "the snapshot cannot be read", {}, "give a file that --snapshot wrote"});
    }
    return bytes;
}

void check_arguments(const StreamCommand& command) {
    const DataSettings& data = command.data;
    const bool has_data = !data.inputs.empty() || !data.input_events.empty() || !data.input_times.empty();
    if (command.from_stdin == has_data) {
        throw DescriptionError(
            Diagnostic{"stream",
                       has_data ? "input comes from files and from standard input" : "there is no input",
                       {},
                       "give either --stdin or data files (--input, --input-events, ...)"});
    }
    if (command.from_stdin && (command.steps || command.every)) {
        throw DescriptionError(Diagnostic{"stream",
                                          "--steps and --every are for data files",
                                          {},
                                          "with --stdin, lines like {\"run\": 10} say how many steps to run"});
    }
}

}  // namespace

void run_stream(const StreamCommand& command) {
    check_arguments(command);
    NetworkSetup setup = read_network(command.settings);
    apply_recordings(command.record, setup.network, setup.options);
    const Inputs inputs = command.from_stdin ? Inputs{} : read_prepared_inputs(command.data, setup);
    const Compilation compilation = compile_network(setup);
    Session session = compilation.network.open_session({.window = command.window, .reset_time = !command.keep_time});
    if (!command.restore.empty()) {
        session.restore(read_snapshot(command.restore));
    }
    if (command.from_stdin) {
        run_lines(session);
    } else {
        run_examples(session, command, inputs);
    }
    if (!command.snapshot.empty()) {
        const std::vector<std::byte> bytes = session.snapshot();
        write_file(command.snapshot, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    std::cout << Json{{"latency", latency_json(session.latency())}}.dump() << '\n';
}

}  // namespace mlgenn::cli
