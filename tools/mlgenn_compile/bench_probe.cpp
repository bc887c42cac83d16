// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/bench_probe.h"

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/interruption.h"
#include "tools/mlgenn_compile/process.h"

namespace mlgenn::cli {
namespace {

/// Largest resident memory of this process so far.
std::uint64_t peak_bytes() {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
        if (line.starts_with("VmHWM:")) {
            return std::stoull(line.substr(6)) * 1024;
        }
    }
    throw BackendError("/proc/self/status does not say how much memory was used (VmHWM)");
}

struct ProbeResult {
    double compile_ms = 0.0;
    double cpu_ms = 0.0;
    std::uint64_t peak_bytes = 0;
};

ProbeResult start_probe(const BenchCommand& command, const BenchCase& bench_case, Accumulation mode,
                        const std::filesystem::path& cache, const char* flag) {
    check_interruption();
    std::vector<std::string> arguments{"/proc/self/exe"};
    arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
    for (const std::string& argument : {std::string("--probe"), bench_case.path.string(), std::string("--accumulation"),
                                        name_of(mode), std::string("--cache-dir"), cache.string()}) {
        arguments.push_back(argument);
    }
    if (*flag != '\0') {
        arguments.emplace_back(flag);
    }
    const ProcessResult result = run_process(arguments);
    const auto json = nlohmann::json::parse(result.out, nullptr, false);
    if (result.exit_code != 0 || !json.is_object()) {
        check_interruption();
        throw InternalError("a fresh process that measures " + bench_case.name + " ended with exit status " +
                            std::to_string(result.exit_code) + "\n" + result.err);
    }
    return {json.at("compile_ms").get<double>(), json.at("cpu_ms").get<double>(),
            json.at("peak_bytes").get<std::uint64_t>()};
}

/// What a probe prints.
void print_probe(double compile_ms, double cpu_ms) {
    const nlohmann::ordered_json json{{"compile_ms", compile_ms}, {"cpu_ms", cpu_ms}, {"peak_bytes", peak_bytes()}};
    std::cout << json.dump() << '\n';
}

}  // namespace

CompileMeasurement measure_compilation(const BenchCommand& command, const BenchCase& bench_case, Accumulation mode,
                                       bool runs) {
    CompileMeasurement result;
    const TemporaryFolder caches;
    for (std::uint32_t i = 0; i < command.compile_runs; ++i) {
        for (CompileTimes* times : {&result.cold, &result.warm}) {
            const ProbeResult probe =
                start_probe(command, bench_case, mode, caches.path() / std::to_string(i), runs ? "" : "--probe-build");
            times->wall_ms.push_back(probe.compile_ms);
            times->cpu_ms.push_back(probe.cpu_ms);
        }
    }
    for (CompileTimes* times : {&result.cold, &result.warm}) {
        times->peak_bytes =
            start_probe(command, bench_case, mode, caches.path() / "memory", runs ? "--probe-run" : "--probe-build")
                .peak_bytes;
    }
    return result;
}

void run_probe(const BenchCommand& command) {
    BenchCommand quiet = command;
    quiet.settings.options.accumulation = command.accumulations.at(command.accumulations.size() - 1);
    const BenchCase bench_case = load_case(quiet, *command.probe);
    const NetworkSetup setup =
        setup_for(bench_case, quiet.settings.options.accumulation, bench_case.setup.options.num_threads);
    const double cpu_before = process_cpu_ms();
    if (command.probe_build) {
        const BuiltCode built = build_network(setup);
        print_probe(built.milliseconds, process_cpu_ms() - cpu_before);
        return;
    }
    Compilation compilation = compile_network(setup);
    const double cpu_ms = process_cpu_ms() - cpu_before;
    if (command.probe_run) {
        const Predictions predictions = compilation.network.predict(bench_case.inputs);
    }
    print_probe(compilation.milliseconds, cpu_ms);
}

}  // namespace mlgenn::cli
