// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/bench_speed.h"

#include <chrono>

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/bench_check.h"
#include "tools/mlgenn_compile/process.h"
#include "tools/mlgenn_compile/progress.h"

namespace mlgenn::cli {
namespace {

struct RunTime {
    double cpu_ms = 0.0;
    double wall_ms = 0.0;
};

/// Per example.
RunTime timed_run(CompiledNetwork& network, const BenchCase& bench_case) {
    const double cpu_before = process_cpu_ms();
    const auto before = std::chrono::steady_clock::now();
    const Predictions predictions = network.predict(bench_case.inputs);
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - before;
    const auto examples = static_cast<double>(bench_case.num_examples);
    return {(process_cpu_ms() - cpu_before) / examples, wall.count() / examples};
}

}  // namespace

SpeedMeasurement measure_speed(const BenchCommand& command, const BenchCase& bench_case, Accumulation mode,
                               const NativeProgram* native) {
    if (bench_case.num_examples == 0) {
        throw DescriptionError(Diagnostic{bench_case.name, "there are no examples to measure with", {}, "give some"});
    }
    SpeedMeasurement result;
    result.synops_per_example = synops_per_example(bench_case, mode);
    result.num_threads = threads_of(bench_case.setup.options);
    Compilation single = compile_network(setup_for(bench_case, mode, 1));
    std::optional<Compilation> all;
    if (result.num_threads > 1) {
        all.emplace(compile_network(setup_for(bench_case, mode, result.num_threads)));
        timed_run(all->network, bench_case);
    }
    timed_run(single.network, bench_case);
    ProgressBar progress(bench_case.name + ", " + name_of(mode), "timed runs");
    for (std::uint32_t i = 0; i < command.repeats; ++i) {
        progress.update(i, command.repeats);
        const RunTime ours = timed_run(single.network, bench_case);
        result.single_cpu_ms.push_back(ours.cpu_ms);
        result.single_wall_ms.push_back(ours.wall_ms);
        if (native != nullptr && !bench_case.native_kind.empty()) {
            const NativeTime theirs = native->run(bench_case);
            result.native_cpu_ms.push_back(theirs.cpu_ms);
            result.native_wall_ms.push_back(theirs.wall_ms);
            result.ratios.push_back(ours.cpu_ms / theirs.cpu_ms);
        }
        if (all) {
            const RunTime together = timed_run(all->network, bench_case);
            result.all_cpu_ms.push_back(together.cpu_ms);
            result.all_wall_ms.push_back(together.wall_ms);
        }
    }
    return result;
}

}  // namespace mlgenn::cli
