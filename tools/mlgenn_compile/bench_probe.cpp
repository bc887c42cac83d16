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
    std::uint64_t peak_bytes = 0;
};

ProbeResult start_probe(const BenchCommand& command, const BenchCase& bench_case, Accumulation mode,
                        const std::filesystem::path& cache, bool with_run) {
    check_interruption();
    std::vector<std::string> arguments{"/proc/self/exe"};
    arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
    for (const std::string& argument : {std::string("--probe"), bench_case.path.string(), std::string("--accumulation"),
                                        name_of(mode), std::string("--cache-dir"), cache.string()}) {
        arguments.push_back(argument);
    }
    if (with_run) {
        arguments.emplace_back("--probe-run");
    }
    const ProcessResult result = run_process(arguments);
    const auto json = nlohmann::json::parse(result.out, nullptr, false);
    if (result.exit_code != 0 || !json.is_object()) {
        check_interruption();
        throw InternalError("a fresh process that measures " + bench_case.name + " ended with exit status " +
                            std::to_string(result.exit_code) + "\n" + result.err);
    }
    return {json.at("compile_ms").get<double>(), json.at("peak_bytes").get<std::uint64_t>()};
}

}  // namespace

CompileMeasurement measure_compilation(const BenchCommand& command, const BenchCase& bench_case, Accumulation mode) {
    CompileMeasurement result;
    const TemporaryFolder caches;
    for (std::uint32_t i = 0; i < command.compile_runs; ++i) {
        const auto cache = caches.path() / std::to_string(i);
        result.cold_ms.push_back(start_probe(command, bench_case, mode, cache, false).compile_ms);
        result.warm_ms.push_back(start_probe(command, bench_case, mode, cache, false).compile_ms);
    }
    const auto cache = caches.path() / "memory";
    result.cold_peak_bytes = start_probe(command, bench_case, mode, cache, true).peak_bytes;
    result.warm_peak_bytes = start_probe(command, bench_case, mode, cache, true).peak_bytes;
    return result;
}

void run_probe(const BenchCommand& command) {
    BenchCommand quiet = command;
    quiet.settings.options.accumulation = command.accumulations.at(command.accumulations.size() - 1);
    const BenchCase bench_case = load_case(quiet, *command.probe);
    Compilation compilation = compile_network(
        setup_for(bench_case, quiet.settings.options.accumulation, bench_case.setup.options.num_threads));
    if (command.probe_run) {
        const Predictions predictions = compilation.network.predict(bench_case.inputs);
    }
    const nlohmann::ordered_json json{{"compile_ms", compilation.milliseconds},
                                      {"cache_hit", compilation.report.cache_hit},
                                      {"peak_bytes", peak_bytes()}};
    std::cout << json.dump() << '\n';
}

}  // namespace mlgenn::cli
