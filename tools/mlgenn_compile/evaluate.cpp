// SPDX-License-Identifier: Apache-2.0
// `evaluate`: run examples and score them against targets.
#include <array>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "mlgenn/errors.h"
#include "mlgenn/model_info.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/data_arguments.h"
#include "tools/mlgenn_compile/network_setup.h"
#include "tools/mlgenn_compile/output_files.h"
#include "tools/mlgenn_compile/progress.h"
#include "tools/mlgenn_compile/recordings.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Metrics by output: what was asked for, else the accuracy for every target.
std::map<std::string, std::string> chosen_metrics(const EvaluateCommand& command,
                                                  const std::vector<std::string>& outputs) {
    std::map<std::string, std::string> metrics;
    for (const auto& [name, entry] : by_population(command.metrics, outputs, "output")) {
        metrics.emplace(name, entry.text);
    }
    for (const auto& [name, entry] : by_population(command.targets, outputs, "output")) {
        metrics.emplace(name, "sparse_categorical_accuracy");
    }
    return metrics;
}

/// Adds up examples, so the count behind an accuracy is exact; other metrics have none.
bool is_accuracy(const MetricResult& result) {
    return result.metric.find("accuracy") != std::string::npos;
}

std::string value_text(const MetricResult& result) {
    std::array<char, 64> buffer{};
    if (is_accuracy(result)) {
        std::snprintf(buffer.data(), buffer.size(), "%.2f %%", 100.0 * result.value);
    } else {
        std::snprintf(buffer.data(), buffer.size(), "%.6g", result.value);
    }
    return buffer.data();
}

std::string metrics_table(const Evaluation& evaluation) {
    Table table({{"output"}, {"metric"}, {"value", Align::right}, {"correct", Align::right}});
    for (const MetricResult& result : evaluation.metrics) {
        table.add_row(
            {result.output, result.metric, value_text(result),
             is_accuracy(result) ? format_count(result.num_correct) + " of " + format_count(result.num_examples) : ""});
    }
    return table.text();
}

Json metrics_json(const Evaluation& evaluation) {
    Json metrics = Json::array();
    for (const MetricResult& result : evaluation.metrics) {
        Json entry{{"output", result.output}, {"metric", result.metric}, {"value", result.value}};
        if (is_accuracy(result)) {
            entry["num_correct"] = result.num_correct;
        }
        entry["num_examples"] = result.num_examples;
        metrics.push_back(std::move(entry));
    }
    return metrics;
}

void print_result(const EvaluateCommand& command, const NetworkSetup& setup, const Compilation& compilation,
                  const Evaluation& evaluation, std::size_t examples, const std::vector<std::filesystem::path>& files) {
    if (command.json) {
        Json json = run_json(setup, compilation, examples, evaluation.seconds);
        json["metrics"] = metrics_json(evaluation);
        json["files"] = Json::array();
        for (const auto& file : files) {
            json["files"].push_back(file.string());
        }
        std::cout << json.dump(2) << '\n';
        return;
    }
    std::cout << metrics_table(evaluation) << '\n';
    const std::string recorded = recordings_table(evaluation.recordings);
    std::cout << recorded << (recorded.empty() ? "" : "\n");
    for (const auto& file : files) {
        std::cout << "wrote " << file.string() << '\n';
    }
    std::cout << compile_text(compilation) << "; " << run_text(examples, evaluation.seconds) << '\n';
}

}  // namespace

void run_evaluate(const EvaluateCommand& command) {
    NetworkSetup setup = read_network(command.settings);
    const std::vector<std::string> outputs = output_names(setup.network);
    EvaluateOptions options;
    options.metrics = chosen_metrics(command, outputs);
    for (const auto& [output, metric] : options.metrics) {
        setup.options.metrics[output] = {metric};
    }
    setup.options.recordings = parse_recordings(command.record);
    std::optional<ArraySink> sink;
    if (!command.output.empty()) {
        sink.emplace(command.output);
        sink->check_fits(command.record.size());
    }
    const Inputs inputs = read_inputs(command.data, input_populations(setup.network));
    const Targets targets = read_targets(command.targets, outputs, command.data.first);
    const std::size_t examples = inputs.empty() ? 0 : num_examples(inputs.begin()->second);
    Compilation compilation = compile_network(setup);
    Evaluation evaluation;
    {
        ProgressBar progress("evaluating", "examples");
        options.progress = [&progress](std::size_t done, std::size_t total) { progress.update(done, total); };
        evaluation = compilation.network.evaluate(inputs, targets, options);
    }
    std::vector<std::filesystem::path> files;
    if (sink) {
        add_recordings(*sink, evaluation.recordings, compilation.network.plan().dt_ms);
        files = sink->write();
    }
    print_result(command, setup, compilation, evaluation, examples, files);
}

}  // namespace mlgenn::cli
