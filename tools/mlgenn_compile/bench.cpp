// SPDX-License-Identifier: Apache-2.0
// `bench`: check, compile time, memory and speed of bundles or of one described network.
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/bench_report.h"
#include "tools/mlgenn_compile/commands.h"

namespace mlgenn::cli {
namespace {

namespace fs = std::filesystem;

void check_paths(const BenchCommand& command) {
    std::vector<Diagnostic> findings;
    for (const fs::path& path : command.paths) {
        if (!fs::exists(path)) {
            findings.push_back({path.string(), "does not exist", {}, "name a bundle folder or a network description"});
        } else if (!fs::is_directory(path) && command.paths.size() > 1) {
            findings.push_back({path.string(),
                                "is not a bundle folder, and only one description can be measured",
                                {},
                                "measure it by itself"});
        }
    }
    if (!findings.empty()) {
        throw DescriptionError(std::move(findings));
    }
}

/// The hand-written program, or the reason why there is none.
std::unique_ptr<NativeProgram> build_native(const BenchCommand& command, std::string& note) {
    const auto source = find_native_source(command);
    if (!source) {
        note = command.no_native ? "--no-native" : "its source was not found (name it with --native FILE)";
        return nullptr;
    }
    note = native_obstacle();
    return note.empty() ? std::make_unique<NativeProgram>(*source) : nullptr;
}

/// Why the back end that was asked for can make code at most; empty when it can run here.
std::string device_obstacle(const CompilerOptions& options) {
    for (const BackendInfo& backend : available_backends()) {
        if (backend.name == options.backend && !backend.available) {
            return backend.detail;
        }
    }
    return {};
}

BenchResult described(const BenchCase& bench_case, Accumulation mode) {
    BenchResult result;
    result.name = bench_case.name;
    result.mode = name_of(mode);
    result.num_examples = bench_case.num_examples;
    result.num_timesteps = bench_case.setup.options.example_timesteps;
    return result;
}

BenchResult measure_building(const BenchCommand& command, const BenchCase& bench_case, Accumulation mode) {
    BenchResult result = described(bench_case, mode);
    const BuiltCode built = build_network(setup_for(bench_case, mode, bench_case.setup.options.num_threads));
    result.backend = built.network.plan.backend;
    result.schedule = built.network.plan.schedule;
    result.compilation = measure_compilation(command, bench_case, mode, false);
    return result;
}

BenchResult measure(const BenchCommand& command, const BenchCase& bench_case, Accumulation mode,
                    const NativeProgram* native) {
    BenchResult result = described(bench_case, mode);
    if (bench_case.bundle) {
        result.checks.push_back(check_outputs(bench_case, mode, Compatibility::none));
    }
    if (bench_case.bundle && bench_case.bundle->sequential && mode == Accumulation::ordered) {
        result.checks.push_back(check_outputs(bench_case, mode, Compatibility::mlgenn_2_4));
    }
    const Compilation compilation = compile_network(setup_for(bench_case, mode, bench_case.setup.options.num_threads));
    result.backend = compilation.network.plan().backend;
    result.schedule = compilation.network.plan().schedule;
    result.compilation = measure_compilation(command, bench_case, mode, true);
    result.speed = measure_speed(command, bench_case, mode, native);
    result.session = measure_session(bench_case, mode);
    return result;
}

}  // namespace

void run_bench(const BenchCommand& command) {
    if (command.probe) {
        run_probe(command);
        return;
    }
    check_paths(command);
    BenchNotes notes;
    notes.no_device = device_obstacle(command.settings.options);
    std::vector<BenchResult> results;
    std::unique_ptr<NativeProgram> native;
    for (const fs::path& path : command.paths) {
        const BenchCase bench_case = load_case(command, path);
        const bool runs = notes.no_device.empty();
        if (runs && !native && notes.no_native.empty() && !bench_case.native_kind.empty()) {
            native = build_native(command, notes.no_native);
        }
        for (const Accumulation mode : modes_of(command, path)) {
            results.push_back(runs ? measure(command, bench_case, mode, native.get())
                                   : measure_building(command, bench_case, mode));
        }
    }
    if (command.json) {
        std::cout << bench_json(results, notes).dump(2) << '\n';
    } else {
        std::cout << bench_text(results, notes);
    }
    std::cout.flush();
    const auto is_wrong = [](const OutputCheck& check) { return !check.passed; };
    if (std::any_of(results.begin(), results.end(), [&is_wrong](const BenchResult& result) {
            return std::any_of(result.checks.begin(), result.checks.end(), is_wrong);
        })) {
        throw InternalError("outputs differ from the recorded ones");
    }
}

}  // namespace mlgenn::cli
