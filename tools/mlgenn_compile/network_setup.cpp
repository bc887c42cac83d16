// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/network_setup.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "mlgenn/checkpoint.h"
#include "mlgenn/errors.h"
#include "mlgenn/model_info.h"
#include "mlgenn/network_io.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {

NetworkFile read_network_file(const CompileSettings& settings) {
    ReadOptions read_options;
    read_options.allow_outside_paths = settings.allow_outside_paths;
    NetworkFile file = load_network(settings.network, read_options);
    if (settings.checkpoint.empty()) {
        return file;
    }
    CheckpointOptions options;
    options.strict = !settings.lenient_checkpoint;
    for (const NamedText& name : settings.checkpoint_names) {
        // Names there may have characters that names here have not.
        const std::string text = name.name.empty() ? name.text : name.name + '=' + name.text;
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw DescriptionError(
                Diagnostic{name.option, "found '" + text + "', expected THEIRS=OURS", {}, "write Pop0=input"});
        }
        options.names[text.substr(0, equals)] = text.substr(equals + 1);
    }
    const CheckpointReport report =
        load_checkpoint(file.network, settings.checkpoint, settings.checkpoint_keys, options);
    for (const Diagnostic& remark : report.remarks) {
        std::cerr << remark.text() << '\n';
    }
    for (const CheckpointReport::LoadedArray& array : report.loaded) {
        if (array.num_rounded != 0) {
            std::cerr << array.file.string() << ": " << format_count(array.num_rounded)
                      << " delays were rounded to whole timesteps\n";
        }
    }
    return file;
}

NetworkSetup read_network(const CompileSettings& settings) {
    NetworkFile file = read_network_file(settings);
    NetworkSetup setup{std::move(file.network), settings.options};
    if (settings.dt || file.dt) {
        setup.options.dt = settings.dt ? *settings.dt : *file.dt;
    }
    if (settings.timesteps || file.example_timesteps) {
        setup.options.example_timesteps = settings.timesteps ? *settings.timesteps : *file.example_timesteps;
    } else if (const auto k = few_spike_steps(setup.network)) {
        setup.options.example_timesteps = *k;
    } else {
        throw DescriptionError(
            Diagnostic{settings.network.string(),
                       "it is not said for how many timesteps an example runs",
                       {},
                       "give --timesteps N, or write \"example_timesteps\": N into the description"});
    }
    return setup;
}

Compilation compile_network(const NetworkSetup& setup, const ReportRequest& request) {
    const InferenceCompiler compiler(setup.options);
    CompileReport report;
    const auto start = std::chrono::steady_clock::now();
    CompiledNetwork compiled = compiler.compile(setup.network, report, request);
    const auto elapsed = std::chrono::steady_clock::now() - start;
    return {std::move(compiled), std::move(report), std::chrono::duration<double, std::milli>(elapsed).count()};
}

BuiltCode build_network(const NetworkSetup& setup, const ReportRequest& request) {
    const InferenceCompiler compiler(setup.options);
    CompileReport report;
    const auto start = std::chrono::steady_clock::now();
    BuiltNetwork built = compiler.build(setup.network, report, request);
    const auto elapsed = std::chrono::steady_clock::now() - start;
    return {std::move(built), std::move(report), std::chrono::duration<double, std::milli>(elapsed).count()};
}

std::string name_of(Accumulation accumulation) {
    switch (accumulation) {
        case Accumulation::exact:
            return "exact";
        case Accumulation::ordered:
            return "ordered";
        case Accumulation::fast:
            return "fast";
    }
    throw InternalError("unknown accumulation mode");
}

std::uint32_t threads_of(const CompilerOptions& options) {
    if (options.num_threads != 0) {
        return options.num_threads;
    }
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof(processors), &processors) == 0) {
        return static_cast<std::uint32_t>(CPU_COUNT(&processors));
    }
    return std::max(1U, std::thread::hardware_concurrency());
}

std::string compile_text(const Compilation& compilation) {
    return "compiled in " + format_ms(compilation.milliseconds) +
           (compilation.report.cache_hit ? " (from the cache)" : "");
}

std::string run_text(std::size_t examples, double seconds) {
    const double ms = seconds * 1e3;
    std::string text = "ran " + format_count(examples, "example") + " in " + format_ms(ms);
    if (examples > 1) {
        text += ": " + format_ms(ms / static_cast<double>(examples)) + " per example";
    }
    return text;
}

nlohmann::ordered_json run_json(const NetworkSetup& setup, const Compilation& compilation, std::size_t examples,
                                double seconds) {
    const ExecutionPlan& plan = compilation.network.plan();
    return {{"network", setup.network.name},
            {"examples", examples},
            {"timesteps", plan.num_timesteps},
            {"dt_ms", plan.dt_ms},
            {"accumulation", name_of(setup.options.accumulation)},
            {"backend", plan.backend},
            {"schedule", plan.schedule},
            {"batch_size", compilation.network.batch_size()},
            {"threads", threads_of(setup.options)},
            {"compile_ms", compilation.milliseconds},
            {"cache_hit", compilation.report.cache_hit},
            {"run_seconds", seconds}};
}

}  // namespace mlgenn::cli
