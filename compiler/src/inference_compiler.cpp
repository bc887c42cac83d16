// SPDX-License-Identifier: Apache-2.0
// The compiler's main line: validate, lower, passes, generate, build, load.
#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <set>

#include "compiler/backends/backend.h"
#include "compiler/description/validate_metrics.h"
#include "compiler/models/catalogue.h"
#include "compiler/passes/lower.h"
#include "compiler/passes/pipeline.h"
#include "compiler/src/explain.h"
#include "compiler/src/log.h"
#include "compiler/src/wanted_recordings.h"
#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"

namespace mlgenn {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

void check_recordings(const CompilerOptions& options, std::vector<Diagnostic>& findings) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const Recording& recording : options.recordings) {
        if (!seen.emplace(recording.population, recording.variable).second) {
            findings.push_back({"option recordings",
                                "'" + recording.population + "' records " +
                                    (recording.variable.empty() ? "its spikes" : "'" + recording.variable + "'") +
                                    " twice",
                                {},
                                "list every recording once"});
        }
    }
}

void check_metric_functions(const CompilerOptions& options, std::vector<Diagnostic>& findings) {
    for (const auto& [name, function] : options.metric_functions) {
        if (models::find_metric_model(name) != nullptr) {
            findings.push_back({"option metric_functions",
                                "'" + name + "' is a metric of the catalogue",
                                {},
                                "give the function another name"});
        } else if (!function) {
            findings.push_back(
                {"option metric_functions", "'" + name + "' is empty", {}, "give a function, or leave it out"});
        }
    }
}

ResetOptions reset_options(const CompilerOptions& options, bool always_independent = false) {
    if (options.streaming) {
        return ResetOptions::streaming();
    }
    ResetOptions reset;
    if (always_independent) {
        return reset;
    }
    reset.time = options.reset_time_between_batches;
    reset.vars = options.reset_vars_between_batches;
    const bool leaks = options.compatibility == Compatibility::mlgenn_2_4;
    reset.in_syn = options.reset_in_syn_between_batches.value_or(!leaks);
    reset.in_flight = !leaks;
    return reset;
}

void check_options(const CompilerOptions& options) {
    std::vector<Diagnostic> findings;
    if (options.example_timesteps == 0) {
        findings.push_back({"option example_timesteps", "it is 0", {}, "set the number of timesteps per example"});
    }
    if (!(options.dt > 0.0) || !std::isfinite(options.dt)) {
        findings.push_back({"option dt",
                            "it is " + std::to_string(options.dt) + ", expected a positive number of ms",
                            {},
                            "set dt to the timestep that the network was trained with"});
    }
    if (options.batch_size == 0 && memory_request(options).carries_state) {
        findings.push_back({"option batch_size",
                            "it is 0 (automatic), but state goes from batch to batch, so results depend on it",
                            {},
                            "set batch_size, or reset all state between batches"});
    }
    if (options.max_input_events == std::uint32_t{0}) {
        findings.push_back({"option max_input_events",
                            "it is 0, so that no example could have a spike",
                            {},
                            "set the number of events of the fullest example, or leave the option out"});
    }
    if (options.few_spike != "auto" && options.few_spike != "literal" && options.few_spike != "collapsed") {
        findings.push_back({"option few_spike",
                            "there is no mode '" + options.few_spike + "'",
                            {},
                            "use one of: auto, literal, collapsed"});
    }
    check_recordings(options, findings);
    check_metric_functions(options, findings);
    if (!findings.empty()) {
        throw DescriptionError(std::move(findings));
    }
}

std::vector<std::string> kinds_for(const backends::Backend& backend, const std::vector<std::string>& emit) {
    std::vector<std::string> kinds;
    for (const std::string& kind : emit) {
        if (kind == "ir") {
            continue;
        }
        if (std::find(backend.emits.begin(), backend.emits.end(), kind) == backend.emits.end()) {
            std::string known = "ir";
            for (const std::string& name : backend.emits) {
                known += ", " + name;
            }
            throw DescriptionError(
                {"option emit", "back end '" + backend.name + "' cannot emit '" + kind + "'", {}, "use: " + known});
        }
        kinds.push_back(kind);
    }
    return kinds;
}

/// What the stages up to building leave behind.
struct Built {
    const backends::Backend& backend;
    /// With what recorders ask for.
    CompilerOptions options;
    ir::Program program;
    backends::GeneratedSource source;
    backends::Module module;
};

/// Keeps the times of the stages of one compilation.
class StageClock {
public:
    explicit StageClock(CompileReport& report) : report_(report) {}
    void end_stage(const char* name) {
        report_.stages.push_back({name, {}, milliseconds_since(stage_begin_)});
        stage_begin_ = Clock::now();
    }
    /// Fills in what is known once nothing more is to be done.
    void finish(const Built& built) {
        report_.total_ms = milliseconds_since(begin_);
        report_.cache_hit = built.module.from_cache;
        report_.cache_key = built.module.cache_key;
        log::info("compiled '" + built.program.name + "' for " + built.module.target + " in " +
                  std::to_string(std::lround(report_.total_ms)) + " ms, kernel cache " +
                  (report_.cache_hit ? "hit" : "miss"));
        log::debug("kernel " + built.module.cache_key);
    }

private:
    CompileReport& report_;
    Clock::time_point begin_ = Clock::now();
    Clock::time_point stage_begin_ = begin_;
};

Built build_code(const Network& network, const CompilerOptions& given, const backends::Backend& backend,
                 const ReportRequest& request, CompileReport& report, StageClock& clock) {
    Network complete = drawn(validated(network), given.rng_seed, given.dt);
    description::replace_metrics(complete, given.metrics);
    CompilerOptions options = with_wanted_recordings(given, complete);
    ir::Program program = passes::lower(complete, options);
    clock.end_stage("lower");
    passes::run_pipeline(program, options, backend.limits(options), request.print_after, report);
    clock.end_stage("passes");
    if (const std::string reason = backend.unsupported(program); !reason.empty()) {
        throw BackendError("back end '" + backend.name + "' cannot run network '" + program.name + "': " + reason);
    }
    backends::GeneratedSource source = backend.generate(program, options);
    clock.end_stage("generate");
    backends::Module module = backend.build(program, source, options);
    clock.end_stage("build");
    return {backend, std::move(options), std::move(program), std::move(source), std::move(module)};
}

void add_texts(const Built& built, const ReportRequest& request, const std::vector<std::string>& kinds,
               CompileReport& report) {
    if (!kinds.empty()) {
        report.texts = built.backend.disassemble(built.program, built.source, built.module, built.options, kinds);
    }
    if (std::find(request.emit.begin(), request.emit.end(), "ir") != request.emit.end()) {
        report.texts["ir"] = ir::print(built.program);
    }
    report.texts["schedule"] = explain_schedule(built.program);
    report.texts["buffers"] = explain_buffers(built.program);
}

}  // namespace

InferenceCompiler::InferenceCompiler(CompilerOptions options) : options_(std::move(options)) {
    check_options(options_);
}

CompiledNetwork InferenceCompiler::compile(const Network& network) const {
    CompileReport report;
    return compile(network, report);
}

CompiledNetwork InferenceCompiler::compile(const Network& network, CompileReport& report,
                                           const ReportRequest& request) const {
    report = {};
    StageClock clock(report);
    const backends::Backend& backend = backends::select_backend(options_.backend);
    const std::vector<std::string> kinds = kinds_for(backend, request.emit);
    const Built built = build_code(network, options_, backend, request, report, clock);
    CompilerOptions options = built.options;
    if (options.batch_size == 0) {
        options.batch_size = automatic_batch_size(built.module.plan, options, backend.memory(options));
    }
    CompiledNetwork compiled(built.module.plan, backend.open(built.module, options),
                             reset_options(options, built.module.plan.always_independent), options.batch_size,
                             {.metric_functions = options.metric_functions, .callbacks = options.callbacks});
    clock.end_stage("load");
    clock.finish(built);
    add_texts(built, request, kinds, report);
    return compiled;
}

BuiltNetwork InferenceCompiler::build(const Network& network, CompileReport& report,
                                      const ReportRequest& request) const {
    report = {};
    StageClock clock(report);
    const backends::Backend& backend = backends::select_backend(options_.backend, backends::Purpose::build);
    const std::vector<std::string> kinds = kinds_for(backend, request.emit);
    Built built = build_code(network, options_, backend, request, report, clock);
    clock.finish(built);
    add_texts(built, request, kinds, report);
    return {.plan = std::move(built.module.plan),
            .target = std::move(built.module.target),
            .code = std::move(built.module.code)};
}

std::vector<BackendInfo> available_backends() {
    std::vector<BackendInfo> infos;
    for (const backends::Backend& backend : backends::all_backends()) {
        const backends::Availability availability = backend.availability();
        infos.push_back({backend.name, availability.available, availability.detail});
    }
    return infos;
}

DeviceMemoryState device_memory(const CompilerOptions& options) {
    return backends::select_backend(options.backend, backends::Purpose::build).memory(options);
}

MemoryRequest memory_request(const CompilerOptions& options) {
    const ResetOptions reset = reset_options(options);
    return {.batch_size = options.batch_size,
            .num_threads = options.num_threads,
            .carries_state = !(reset.time && reset.vars && reset.in_syn && reset.in_flight)};
}

std::uint32_t automatic_batch_size(const ExecutionPlan& plan, const CompilerOptions& options,
                                   const DeviceMemoryState& memory) {
    const MemoryRequest request = memory_request(options);
    if (!plan.gpu) {
        return static_cast<std::uint32_t>(estimate_memory(plan, request).examples_in_flight);
    }
    constexpr std::uint32_t most = 4096;
    const std::uint32_t fitting = largest_batch(plan, request, memory.free_bytes / 2);
    return std::bit_floor(std::clamp(fitting, 1U, most));
}

}  // namespace mlgenn
