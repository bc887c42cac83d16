// SPDX-License-Identifier: Apache-2.0
#include "compiler/passes/lower_scores.h"

#include "compiler/models/builders.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

using namespace models;

std::vector<std::string> wanted_metrics(const std::string& population, const CompilerOptions& options) {
    if (options.metrics.empty()) {
        std::vector<std::string> all;
        for (const MetricModel& model : metric_models()) {
            all.push_back(model.entry.name);
        }
        return all;
    }
    const auto found = options.metrics.find(population);
    return found == options.metrics.end() ? std::vector<std::string>{} : found->second;
}

void check_names(const ir::Program& program, const CompilerOptions& options) {
    std::vector<Diagnostic> findings;
    for (const auto& [population, names] : options.metrics) {
        bool is_output = false;
        for (const OutputPlan& output : program.outputs) {
            is_output = is_output || output.population == population;
        }
        if (!is_output) {
            findings.push_back({"metrics of '" + population + "'",
                                "the network has no such output",
                                {},
                                "name a population that has a readout"});
        }
        for (const std::string& name : names) {
            if (find_metric_model(name) == nullptr) {
                findings.push_back({"metrics of '" + population + "'",
                                    "there is no metric '" + name + "'",
                                    {},
                                    "see `mlgenn-compile list metrics`"});
            }
        }
    }
    if (!findings.empty()) {
        throw DescriptionError(std::move(findings));
    }
}

ir::ScoreFunction lower_score(ir::Program& program, const MetricModel& model, std::uint32_t output_index) {
    const OutputPlan& output = program.outputs[output_index];
    const std::string prefix = output.population + "." + model.entry.name;
    ir::ScoreFunction function;
    function.plan.metric = model.entry.name;
    function.plan.output = output_index;
    function.plan.entry_point = "score_" + output.population + "_" + model.entry.name;
    function.plan.target_is_label = model.target_is_label;
    function.plan.score_storage = model.score_storage;
    function.plan.divisor = model.divide_by_neurons ? output.num_neurons : 1.0;
    function.readout = program.add_buffer({.name = prefix + ".readout",
                                           .storage = output.storage,
                                           .count = output.num_neurons,
                                           .space = ir::Space::argument,
                                           .location = 0});
    function.target = program.add_buffer({.name = prefix + ".target",
                                          .storage = model.target_is_label ? Storage::i32 : Storage::f32,
                                          .count = model.target_is_label ? 1U : output.num_neurons,
                                          .space = ir::Space::argument,
                                          .location = 1});
    function.score = program.add_buffer({.name = prefix + ".score",
                                         .storage = model.score_storage,
                                         .count = 1,
                                         .space = ir::Space::argument,
                                         .location = 2});
    CodeBuilder code;
    MetricBuilder builder(program, code, function, output.num_neurons);
    model.build(builder);
    function.body = code.take();
    return function;
}

}  // namespace

void lower_scores(ir::Program& program, const CompilerOptions& options) {
    check_names(program, options);
    for (std::uint32_t output = 0; output < program.outputs.size(); ++output) {
        for (const std::string& name : wanted_metrics(program.outputs[output].population, options)) {
            program.scores.push_back(lower_score(program, *find_metric_model(name), output));
        }
    }
}

}  // namespace mlgenn::passes
