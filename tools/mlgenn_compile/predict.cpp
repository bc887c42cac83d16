// SPDX-License-Identifier: Apache-2.0
// `predict`: run examples and show or write what comes out.
#include <algorithm>
#include <cmath>
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

std::size_t values_per_example(const Array& output) {
    return output.shape().empty() || output.shape()[0] == 0 ? 0 : output.size() / output.shape()[0];
}

std::size_t first_maximum(const Array& output, std::size_t example, std::size_t width) {
    std::size_t best = 0;
    for (std::size_t j = 1; j < width; ++j) {
        if (output.value(example * width + j) > output.value(example * width + best)) {
            best = j;
        }
    }
    return best;
}

/// The first examples of one output, one row each.
std::string output_table(const Array& output) {
    constexpr std::size_t max_rows = 10;
    constexpr std::size_t max_values = 12;
    const std::size_t width = values_per_example(output);
    const std::size_t shown = std::min(width, max_values);
    std::vector<Column> columns{{"example", Align::right}, {"argmax", Align::right}};
    for (std::size_t j = 0; j < shown; ++j) {
        columns.push_back({"[" + std::to_string(j) + "]", Align::right});
    }
    Table table(columns);
    const std::size_t examples = output.shape().empty() ? 0 : output.shape()[0];
    for (std::size_t e = 0; e < std::min(examples, max_rows); ++e) {
        std::vector<std::string> cells{std::to_string(e), std::to_string(first_maximum(output, e, width))};
        for (std::size_t j = 0; j < shown; ++j) {
            const double value = output.value(e * width + j);
            cells.push_back(output.dtype() == DType::f32 ? format_number(value) : std::to_string(std::llround(value)));
        }
        table.add_row(std::move(cells));
    }
    std::string text = table.text();
    if (examples > max_rows) {
        text += "... and " + format_count(examples - max_rows) + " more (write all of them with -o)\n";
    }
    return text;
}

Json values_json(const Array& output) {
    Json values = Json::array();
    for (std::size_t i = 0; i < output.size(); ++i) {
        if (output.dtype() == DType::u32) {
            values.push_back(output.as<std::uint32_t>()[i]);
        } else {
            values.push_back(output.value(i));
        }
    }
    return values;
}

Json outputs_json(const Predictions& predictions, bool with_values) {
    Json outputs = Json::object();
    for (const auto& [name, output] : predictions.outputs) {
        Json entry{{"dtype", std::string(name_of(output.dtype()))}, {"shape", output.shape()}};
        if (with_values) {
            entry["values"] = values_json(output);
        }
        outputs[name] = std::move(entry);
    }
    return outputs;
}

struct PredictReport {
    const NetworkSetup& setup;
    const Compilation& compilation;
    const Predictions& predictions;
    std::size_t examples = 0;
    /// The outputs are in files, so they need not be shown.
    bool outputs_written = false;
    std::vector<std::filesystem::path> files;
    std::optional<KernelProfile> profile;
};

void print_json(const PredictReport& report) {
    Json json = run_json(report.setup, report.compilation, report.examples, report.predictions.seconds);
    json["outputs"] = outputs_json(report.predictions, !report.outputs_written);
    json["files"] = Json::array();
    for (const auto& file : report.files) {
        json["files"].push_back(file.string());
    }
    if (report.profile) {
        json["profile"] = profile_json(*report.profile);
    }
    std::cout << json.dump(2) << '\n';
}

void print_text(const PredictReport& report) {
    for (const auto& [name, output] : report.predictions.outputs) {
        std::cout << name << ": " << name_of(output.dtype()) << ' ' << to_string(output.shape()) << '\n';
        if (!report.outputs_written) {
            std::cout << output_table(output) << '\n';
        }
    }
    const std::string recorded = recordings_table(report.predictions.recordings, report.predictions.callback_data);
    std::cout << recorded << (recorded.empty() ? "" : "\n");
    if (report.profile) {
        std::cout << profile_table(*report.profile) << '\n';
    }
    for (const auto& file : report.files) {
        std::cout << "wrote " << file.string() << '\n';
    }
    std::cout << compile_text(report.compilation) << "; " << run_text(report.examples, report.predictions.seconds)
              << '\n';
}

}  // namespace

void run_predict(const PredictCommand& command) {
    NetworkSetup setup = read_network(command.settings);
    apply_recordings(command.record, setup.network, setup.options);
    setup.options.kernel_profiling = command.profile.wanted();
    std::optional<ArraySink> sink;
    if (!command.output.empty()) {
        sink.emplace(command.output);
        sink->check_fits(output_names(setup.network).size() + num_whole_recordings(command.record));
    }
    const Inputs inputs = read_prepared_inputs(command.data, setup);
    const std::size_t examples = inputs.empty() ? 0 : num_examples(inputs.begin()->second);
    Compilation compilation = compile_network(setup);
    Predictions predictions;
    {
        ProgressBar progress("predicting", "examples");
        RunOptions options;
        options.callbacks = progress_callbacks(command.progress, progress);
        predictions = compilation.network.predict(inputs, options);
    }
    PredictReport report{setup, compilation, predictions, examples, sink.has_value(), {}, {}};
    if (sink) {
        for (const auto& [name, output] : predictions.outputs) {
            sink->add_array(name, output);
        }
        add_recordings(*sink, predictions.recordings, compilation.network.plan().dt_ms);
        report.files = sink->write();
    }
    write_recorded(command.record, predictions.callback_data, report.files);
    if (command.profile.wanted()) {
        report.profile = take_profile(command.profile, compilation.network, report.files);
    }
    if (command.json) {
        print_json(report);
    } else {
        print_text(report);
    }
}

}  // namespace mlgenn::cli
