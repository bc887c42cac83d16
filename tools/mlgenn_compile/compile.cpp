// SPDX-License-Identifier: Apache-2.0
// `compile`: generate code, show any stage of it and say how long each took.
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/network_setup.h"
#include "tools/mlgenn_compile/output_files.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

using Json = nlohmann::ordered_json;

const std::map<std::string, std::string>& file_endings() {
    static const std::map<std::string, std::string> endings{
        {"ir", ".ir"},       {"llvm", ".ll"},   {"asm", ".s"},
        {"object", ".o"},    {"cuda", ".cu"},   {"ptx", ".ptx"},
        {"cubin", ".cubin"}, {"sass", ".sass"}, {"resources", ".resources.txt"}};
    return endings;
}

const std::string& text_of(const CompileReport& report, const std::string& key) {
    const auto found = report.texts.find(key);
    if (found == report.texts.end()) {
        throw BackendError("this back end has no '" + key + "' to show");
    }
    return found->second;
}

std::string ending_of(const std::string& stage) {
    const auto found = file_endings().find(stage);
    return found == file_endings().end() ? "." + stage : found->second;
}

/// Writes the generated code and the dumped passes; returns the files.
std::vector<std::filesystem::path> write_stages(const CompileCommand& command, const std::string& network,
                                                const CompileReport& report) {
    make_folder(command.output_folder);
    std::vector<std::filesystem::path> files;
    for (const std::string& stage : command.emit) {
        files.push_back(command.output_folder / (network + ending_of(stage)));
        write_file(files.back(), text_of(report, stage));
    }
    std::size_t number = 0;
    for (const Stage& pass : report.passes) {
        ++number;
        if (!pass.text.empty()) {
            const std::string prefix = (number < 10 ? "0" : "") + std::to_string(number);
            files.push_back(command.output_folder / (network + "." + prefix + "_" + pass.name + ".ir"));
            write_file(files.back(), pass.text);
        }
    }
    return files;
}

void print_stages(const CompileCommand& command, const CompileReport& report) {
    for (const Stage& pass : report.passes) {
        if (!pass.text.empty()) {
            std::cout << "// after " << pass.name << '\n' << pass.text;
        }
    }
    for (const std::string& stage : command.emit) {
        std::cout << text_of(report, stage);
    }
}

/// Batch sizes that the memory table shows: common ones, and the one that was asked for.
std::vector<std::uint32_t> shown_batch_sizes(std::uint32_t chosen) {
    std::vector<std::uint32_t> sizes = {1, 32, 256, 1024, 4096, 16384};
    if (chosen != 0 && std::find(sizes.begin(), sizes.end(), chosen) == sizes.end()) {
        sizes.insert(std::lower_bound(sizes.begin(), sizes.end(), chosen), chosen);
    }
    return sizes;
}

std::vector<std::string> memory_row(const std::string& title, const MemoryEstimate& estimate) {
    return {title,
            format_count(estimate.constants_bytes + estimate.table_bytes),
            format_count(estimate.state_bytes),
            format_count(estimate.input_bytes),
            format_count(estimate.output_bytes + estimate.score_bytes),
            format_count(estimate.recording_bytes),
            format_count(estimate.total())};
}

std::string fitting_text(const ExecutionPlan& plan, const CompilerOptions& options, const MemoryRequest& request) {
    const DeviceMemoryState memory = device_memory(options);
    if (!memory.known) {
        return "free memory is unknown: " + memory.device + "\n";
    }
    const std::string free =
        format_bytes(memory.free_bytes) + " free of " + format_bytes(memory.total_bytes) + " on " + memory.device;
    std::string text = free + "\n";
    if (plan.gpu || request.carries_state) {
        text += "largest batch size that fits: " + format_count(largest_batch(plan, request, memory.free_bytes)) + "\n";
    }
    if (!request.carries_state) {
        text += "automatic batch size: " + format_count(automatic_batch_size(plan, options, memory)) + "\n";
    }
    return text;
}

/// What the network takes when it is loaded, in bytes: nothing has been allocated yet.
std::string memory_text(const ExecutionPlan& plan, const CompilerOptions& options) {
    MemoryRequest request = memory_request(options);
    Table table({{plan.gpu || request.carries_state ? "batch size" : "threads", Align::right},
                 {"constants", Align::right},
                 {"state", Align::right},
                 {"inputs", Align::right},
                 {"outputs", Align::right},
                 {"recordings", Align::right},
                 {"all, bytes", Align::right}});
    if (plan.gpu || request.carries_state) {
        for (const std::uint32_t batch_size : shown_batch_sizes(options.batch_size)) {
            request.batch_size = batch_size;
            table.add_row(memory_row(format_count(batch_size), estimate_memory(plan, request)));
        }
    } else {
        for (const std::uint32_t threads : {1U, threads_of(options)}) {
            request.num_threads = threads;
            table.add_row(memory_row(format_count(threads), estimate_memory(plan, request)));
        }
    }
    return table.text() + fitting_text(plan, options, request);
}

void print_explanations(const CompileCommand& command, const NetworkSetup& setup, const BuiltCode& built) {
    for (const std::string& topic : command.explain) {
        const std::string text =
            topic == "memory" ? memory_text(built.network.plan, setup.options) : text_of(built.report, topic);
        std::cout << text << (text.empty() || text.back() == '\n' ? "" : "\n") << '\n';
    }
}

void print_json(const NetworkSetup& setup, const BuiltCode& built, const std::vector<std::filesystem::path>& files) {
    const ExecutionPlan& plan = built.network.plan;
    const auto times = [](const std::vector<Stage>& stages) {
        Json list = Json::array();
        for (const Stage& stage : stages) {
            list.push_back({{"name", stage.name}, {"ms", stage.milliseconds}});
        }
        return list;
    };
    Json json{{"network", setup.network.name},
              {"backend", plan.backend},
              {"target", built.network.target},
              {"schedule", plan.schedule},
              {"accumulation", name_of(setup.options.accumulation)},
              {"timesteps", plan.num_timesteps},
              {"dt_ms", plan.dt_ms},
              {"num_synapses", plan.num_synapses},
              {"cache_hit", built.report.cache_hit},
              {"cache_key", built.report.cache_key},
              {"total_ms", built.milliseconds},
              {"constants_bytes", plan.constants ? plan.constants->size() : 0},
              {"workspace_bytes", plan.workspace_bytes},
              {"memory_bytes", estimate_memory(plan, memory_request(setup.options)).total()},
              {"stages", times(built.report.stages)},
              {"passes", times(built.report.passes)},
              {"files", Json::array()}};
    for (const auto& file : files) {
        json["files"].push_back(file.string());
    }
    std::cout << json.dump(2) << '\n';
}

void print_summary(const NetworkSetup& setup, const BuiltCode& built, const std::vector<std::filesystem::path>& files) {
    const ExecutionPlan& plan = built.network.plan;
    const CompileReport& report = built.report;
    const auto line = [](const char* key, const std::string& text) {
        std::cout << key << std::string(14 - std::string_view(key).size(), ' ') << text << '\n';
    };
    line("network", setup.network.name);
    line("back end", plan.backend);
    line("schedule", plan.schedule);
    line("accumulation", name_of(setup.options.accumulation));
    line("timesteps", format_count(plan.num_timesteps) + " of " + format_float(static_cast<float>(plan.dt_ms)) + " ms");
    line("memory", format_bytes(plan.constants ? plan.constants->size() : 0) + " constants, " +
                       format_bytes(plan.workspace_bytes) + " per example in flight, " +
                       format_bytes(estimate_memory(plan, memory_request(setup.options)).total()) + " when loaded");
    line("code", format_bytes(built.network.code.size()) + " for " + built.network.target);
    line("cache", setup.options.cache_dir == "off" ? "off" : (report.cache_hit ? "hit " : "miss ") + report.cache_key);
    line("time", format_ms(built.milliseconds));
    Table table({{"  stage"}, {"ms", Align::right}});
    for (const Stage& stage : report.stages) {
        table.add_row({"  " + stage.name, format_number(stage.milliseconds)});
        if (stage.name == "passes") {
            for (const Stage& pass : report.passes) {
                table.add_row({"    " + pass.name, format_number(pass.milliseconds)});
            }
        }
    }
    std::cout << '\n' << table.text();
    for (const auto& file : files) {
        std::cout << "wrote " << file.string() << '\n';
    }
}

void check_output(const CompileCommand& command) {
    const bool to_stdout = command.output_folder.empty();
    if (to_stdout && command.emit.size() > 1) {
        throw DescriptionError(
            Diagnostic{"--emit", "several stages do not fit on standard output", {}, "name a folder with -o DIR"});
    }
    if (to_stdout && !command.emit.empty() && command.json) {
        throw DescriptionError(Diagnostic{
            "--emit", "--json and a stage do not both fit on standard output", {}, "name a folder with -o DIR"});
    }
    const bool binary = !command.emit.empty() && (command.emit[0] == "object" || command.emit[0] == "cubin");
    if (to_stdout && binary && isatty(STDOUT_FILENO) == 1) {
        throw DescriptionError(Diagnostic{"--emit " + command.emit[0],
                                          "object code does not belong on a terminal",
                                          {},
                                          "name a folder with -o DIR, or redirect standard output"});
    }
}

}  // namespace

void run_compile(const CompileCommand& command) {
    check_output(command);
    const NetworkSetup setup = read_network(command.settings);
    const BuiltCode built = build_network(setup, {command.emit, command.print_after});
    std::vector<std::filesystem::path> files;
    if (!command.output_folder.empty()) {
        files = write_stages(command, setup.network.name, built.report);
    } else if (!command.json) {
        print_stages(command, built.report);
    }
    if (command.json) {
        print_json(setup, built, files);
        return;
    }
    print_explanations(command, setup, built);
    const bool only_text = files.empty() && (!command.emit.empty() || !command.print_after.empty());
    if (!only_text && command.explain.empty()) {
        print_summary(setup, built, files);
    }
}

}  // namespace mlgenn::cli
