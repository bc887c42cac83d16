// SPDX-License-Identifier: Apache-2.0
#include "compiler/passes/lower_scores.h"

#include <algorithm>
#include <cctype>

#include "compiler/models/builders.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

using namespace models;

/// A metric of one output.
struct WantedMetric {
    const MetricModel* model = nullptr;
    MetricSpec spec{};
    bool is_default = false;
    bool is_named = false;
};

std::vector<WantedMetric> wanted_metrics(const Population& population, const language::ModelTable& models,
                                         const CompilerOptions& options) {
    std::vector<WantedMetric> wanted;
    for (const MetricSpec& spec : population.metrics) {
        wanted.push_back({models.find_metric_model(spec.metric.model), spec, true, true});
    }
    if (!wanted.empty() || !options.metrics.empty()) {
        return wanted;
    }
    for (const MetricModel& model : metric_models()) {
        if (model.by_default) {
            wanted.push_back({&model, {model.entry.name, {}, model.entry.name}, wanted.empty(), false});
        }
    }
    return wanted;
}

/// "score_output_top_k_accuracy_k_3", unlike those before it.
std::string entry_point(const ir::Program& program, const std::string& population, const std::string& name) {
    std::string wanted = "score_" + population + "_" + name;
    for (char& c : wanted) {
        c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    const auto is_taken = [&](const std::string& candidate) {
        return std::any_of(program.scores.begin(), program.scores.end(),
                           [&](const ir::ScoreFunction& score) { return score.plan.entry_point == candidate; });
    };
    std::string chosen = wanted;
    for (int number = 2; is_taken(chosen); ++number) {
        chosen = wanted + "_" + std::to_string(number);
    }
    return chosen;
}

MetricPlan make_plan(const ir::Program& program, const WantedMetric& wanted, std::uint32_t output_index) {
    const OutputPlan& output = program.outputs[output_index];
    const MetricModel& model = *wanted.model;
    MetricPlan plan;
    plan.metric = model.entry.name;
    plan.name = wanted.spec.name;
    plan.output = output_index;
    plan.entry_point = entry_point(program, output.population, wanted.spec.name);
    plan.target = model.target;
    plan.score = model.score;
    plan.bins = model.bins != nullptr ? model.bins(output.num_neurons) : Shape{};
    plan.divisor = model.divide_by_neurons ? output.num_neurons : 1.0;
    plan.is_default = wanted.is_default;
    plan.is_named = wanted.is_named;
    return plan;
}

ir::ScoreFunction lower_score(ir::Program& program, const WantedMetric& wanted, std::uint32_t output_index) {
    const OutputPlan& output = program.outputs[output_index];
    ir::ScoreFunction function;
    function.plan = make_plan(program, wanted, output_index);
    const std::string prefix = output.population + "." + function.plan.name;
    const bool needs_values = function.plan.target == TargetKind::values;
    function.readout = program.add_buffer({.name = prefix + ".readout",
                                           .storage = output.storage,
                                           .count = output.num_neurons,
                                           .space = ir::Space::argument,
                                           .location = 0});
    function.target = program.add_buffer({.name = prefix + ".target",
                                          .storage = needs_values ? Storage::f32 : Storage::i32,
                                          .count = needs_values ? output.num_neurons : 1U,
                                          .space = ir::Space::argument,
                                          .location = 1});
    function.score = program.add_buffer({.name = prefix + ".score",
                                         .storage = function.plan.score == ScoreKind::sum ? Storage::f32 : Storage::u32,
                                         .count = 1,
                                         .space = ir::Space::argument,
                                         .location = 2});
    CodeBuilder code;
    MetricBuilder builder(program, code, function, output.num_neurons,
                          ParameterReader(wanted.model->entry, wanted.spec.metric.params));
    wanted.model->build(builder);
    function.body = code.take();
    return function;
}

}  // namespace

void lower_scores(ir::Program& program, const Network& network, const language::ModelTable& models,
                  const CompilerOptions& options) {
    for (std::uint32_t output = 0; output < program.outputs.size(); ++output) {
        const Population* population = network.find_population(program.outputs[output].population);
        for (const WantedMetric& wanted : wanted_metrics(*population, models, options)) {
            program.scores.push_back(lower_score(program, wanted, output));
        }
    }
}

}  // namespace mlgenn::passes
