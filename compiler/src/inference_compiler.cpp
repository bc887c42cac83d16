// SPDX-License-Identifier: Apache-2.0
// The compiler's main line: validate, lower, passes, generate, build, load.
#include <algorithm>
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
    if (options.batch_size == 0) {
        findings.push_back({"option batch_size", "it is 0, expected at least 1", {}, "set batch_size to 1 or more"});
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

ResetOptions reset_options(const CompilerOptions& options, bool always_independent) {
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
    const auto begin = Clock::now();
    report = {};
    const backends::Backend& backend = backends::select_backend(options_.backend);
    const std::vector<std::string> kinds = kinds_for(backend, request.emit);
    auto stage_begin = begin;
    const auto end_stage = [&report, &stage_begin](const char* name) {
        report.stages.push_back({name, {}, milliseconds_since(stage_begin)});
        stage_begin = Clock::now();
    };
    Network complete = drawn(validated(network), options_.rng_seed, options_.dt);
    description::replace_metrics(complete, options_.metrics);
    const CompilerOptions options = with_wanted_recordings(options_, complete);
    ir::Program program = passes::lower(complete, options);
    end_stage("lower");
    passes::run_pipeline(program, options, backend.limits(options), request.print_after, report);
    end_stage("passes");
    if (const std::string reason = backend.unsupported(program); !reason.empty()) {
        throw BackendError("back end '" + backend.name + "' cannot run network '" + program.name + "': " + reason);
    }
    const backends::GeneratedSource source = backend.generate(program, options);
    end_stage("generate");
    const backends::Module module = backend.build(program, source, options);
    end_stage("build");
    CompiledNetwork compiled(module.plan, backend.open(module, options),
                             reset_options(options, module.plan.always_independent), options.batch_size,
                             {.metric_functions = options.metric_functions, .callbacks = options.callbacks});
    end_stage("load");
    report.total_ms = milliseconds_since(begin);
    report.cache_hit = module.from_cache;
    report.cache_key = module.cache_key;
    log::info("compiled '" + program.name + "' for " + module.target + " in " +
              std::to_string(std::lround(report.total_ms)) + " ms, kernel cache " +
              (report.cache_hit ? "hit" : "miss"));
    log::debug("kernel " + module.cache_key);
    if (!kinds.empty()) {
        report.texts = backend.disassemble(program, source, module, options, kinds);
    }
    if (std::find(request.emit.begin(), request.emit.end(), "ir") != request.emit.end()) {
        report.texts["ir"] = ir::print(program);
    }
    report.texts["schedule"] = explain_schedule(program);
    report.texts["buffers"] = explain_buffers(program);
    return compiled;
}

std::vector<BackendInfo> available_backends() {
    std::vector<BackendInfo> infos;
    for (const backends::Backend& backend : backends::all_backends()) {
        const backends::Availability availability = backend.availability();
        infos.push_back({backend.name, availability.available, availability.detail});
    }
    return infos;
}

}  // namespace mlgenn
