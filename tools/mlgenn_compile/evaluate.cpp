// SPDX-License-Identifier: Apache-2.0
// `evaluate`: run examples and score them against targets.
#include <array>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/data_arguments.h"
#include "tools/mlgenn_compile/input_encoding.h"
#include "tools/mlgenn_compile/network_setup.h"
#include "tools/mlgenn_compile/output_files.h"
#include "tools/mlgenn_compile/profile_report.h"
#include "tools/mlgenn_compile/progress.h"
#include "tools/mlgenn_compile/recordings.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Metrics by output: what was asked for, else what the description names, else the accuracy for every target.
std::map<std::string, std::vector<MetricSpec>> chosen_metrics(const EvaluateCommand& command, const Network& network,
                                                              const std::vector<std::string>& outputs) {
    std::map<std::string, std::vector<MetricSpec>> metrics;
    for (const NamedText& entry : command.metrics) {
        for (const auto& [name, metric] : by_population(std::span(&entry, 1), outputs, "output")) {
            metrics[name].emplace_back(metric.text);
        }
    }
    for (const auto& [name, entry] : by_population(command.targets, outputs, "output")) {
        if (!metrics.contains(name)) {
            const std::vector<MetricSpec>& described = network.find_population(name)->metrics;
            metrics[name] = described.empty() ? std::vector<MetricSpec>{"sparse_categorical_accuracy"} : described;
        }
    }
    return metrics;
}

/// The names that the compiled metrics' results go by, so that one without a target is an error.
std::map<std::string, std::vector<std::string>> names_of_metrics(const ExecutionPlan& plan) {
    std::map<std::string, std::vector<std::string>> names;
    for (const MetricPlan& metric : plan.metrics) {
        names[plan.outputs[metric.output].population].push_back(metric.name);
    }
    return names;
}

std::string value_text(const MetricResult& result) {
    std::array<char, 64> buffer{};
    if (result.is_count) {
        std::snprintf(buffer.data(), buffer.size(), "%.2f %%", 100.0 * result.value);
    } else {
        std::snprintf(buffer.data(), buffer.size(), "%.6g", result.value);
    }
    return buffer.data();
}

/// Rows are labels, columns are what the network answered.
std::string matrix_text(const MetricResult& result) {
    constexpr std::size_t most_columns = 32;
    const std::size_t classes = result.values.shape().front();
    const std::string title = result.output + ", " + result.metric;
    if (classes > most_columns) {
        return title + ": " + format_count(classes) + " classes, see --json\n";
    }
    std::vector<Column> columns = {{"label", Align::right}};
    for (std::size_t answer = 0; answer < classes; ++answer) {
        columns.push_back({std::to_string(answer), Align::right});
    }
    Table table(std::move(columns));
    const auto counts = result.values.as<std::uint64_t>();
    for (std::size_t label = 0; label < classes; ++label) {
        std::vector<std::string> cells = {std::to_string(label)};
        for (std::size_t answer = 0; answer < classes; ++answer) {
            cells.push_back(format_count(counts[label * classes + answer]));
        }
        table.add_row(std::move(cells));
    }
    return title + '\n' + table.text();
}

std::string metrics_table(const Evaluation& evaluation) {
    Table table({{"output"}, {"metric"}, {"value", Align::right}, {"correct", Align::right}});
    for (const MetricResult& result : evaluation.metrics) {
        table.add_row(
            {result.output, result.metric, value_text(result),
             result.is_count ? format_count(result.num_correct) + " of " + format_count(result.num_examples) : ""});
    }
    std::string text = table.text();
    for (const MetricResult& result : evaluation.metrics) {
        if (!result.values.empty()) {
            text += '\n' + matrix_text(result);
        }
    }
    return text;
}

Json rows_json(const Array& matrix) {
    const auto counts = matrix.as<std::uint64_t>();
    const std::size_t columns = matrix.shape().back();
    Json rows = Json::array();
    for (std::size_t begin = 0; begin < counts.size(); begin += columns) {
        rows.push_back(std::vector<std::uint64_t>(counts.begin() + static_cast<std::ptrdiff_t>(begin),
                                                  counts.begin() + static_cast<std::ptrdiff_t>(begin + columns)));
    }
    return rows;
}

Json metrics_json(const Evaluation& evaluation) {
    Json metrics = Json::array();
    for (const MetricResult& result : evaluation.metrics) {
        Json entry{{"output", result.output}, {"metric", result.metric}, {"value", result.value}};
        if (result.is_count) {
            entry["num_correct"] = result.num_correct;
        }
        entry["num_examples"] = result.num_examples;
        if (!result.values.empty()) {
            entry["values"] = rows_json(result.values);
        }
        metrics.push_back(std::move(entry));
    }
    return metrics;
}

void print_result(const EvaluateCommand& command, const NetworkSetup& setup, const Compilation& compilation,
                  const Evaluation& evaluation, std::size_t examples, const std::vector<std::filesystem::path>& files,
                  const std::optional<KernelProfile>& profile) {
    if (command.json) {
        Json json = run_json(setup, compilation, examples, evaluation.seconds);
        json["metrics"] = metrics_json(evaluation);
        json["downloaded_bytes"] = evaluation.downloaded_bytes;
        json["files"] = Json::array();
        for (const auto& file : files) {
            json["files"].push_back(file.string());
        }
        if (profile) {
            json["profile"] = profile_json(*profile);
        }
        std::cout << json.dump(2) << '\n';
        return;
    }
    std::cout << metrics_table(evaluation) << '\n';
    const std::string recorded = recordings_table(evaluation.recordings, evaluation.callback_data);
    std::cout << recorded << (recorded.empty() ? "" : "\n");
    if (profile) {
        std::cout << profile_table(*profile) << '\n';
    }
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
    for (const NamedText& entry : command.metric_codes) {
        if (entry.name.empty()) {
            throw DescriptionError(Diagnostic{entry.option, "'" + entry.text + "' has no name", {}, "write NAME=CODE"});
        }
        setup.network.metric_models.push_back({.name = entry.name, .params = {}, .code = entry.text});
    }
    setup.options.metrics = chosen_metrics(command, setup.network, outputs);
    apply_recordings(command.record, setup.network, setup.options);
    setup.options.kernel_profiling = command.profile.wanted();
    std::optional<ArraySink> sink;
    if (!command.output.empty()) {
        sink.emplace(command.output);
        sink->check_fits(num_whole_recordings(command.record));
    }
    const Inputs inputs = read_prepared_inputs(command.data, setup);
    const Targets targets = read_targets(command.targets, outputs, command.data.first);
    const std::size_t examples = inputs.empty() ? 0 : num_examples(inputs.begin()->second);
    Compilation compilation = compile_network(setup);
    options.metrics = names_of_metrics(compilation.network.plan());
    Evaluation evaluation;
    {
        ProgressBar progress("evaluating", "examples");
        options.callbacks = progress_callbacks(command.progress, progress);
        evaluation = compilation.network.evaluate(inputs, targets, options);
    }
    std::vector<std::filesystem::path> files;
    if (sink) {
        add_recordings(*sink, evaluation.recordings, compilation.network.plan().dt_ms);
        files = sink->write();
    }
    write_recorded(command.record, evaluation.callback_data, files);
    std::optional<KernelProfile> profile;
    if (command.profile.wanted()) {
        profile = take_profile(command.profile, compilation.network, files);
    }
    print_result(command, setup, compilation, evaluation, examples, files, profile);
}

}  // namespace mlgenn::cli
