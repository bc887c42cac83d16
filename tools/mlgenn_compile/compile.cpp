// SPDX-License-Identifier: Apache-2.0
// `compile`: generate code, show any stage of it and say how long each took.
#include <unistd.h>

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
        {"ir", ".ir"}, {"llvm", ".ll"}, {"asm", ".s"}, {"object", ".o"}};
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

/// What the loaded network occupies.
std::string memory_text(const Compilation& compilation, std::uint32_t num_threads) {
    const ExecutionPlan& plan = compilation.network.plan();
    const std::size_t constants = plan.constants ? plan.constants->size() : 0;
    Table table({{"memory"}, {"bytes", Align::right}});
    table.add_row({"constants, shared by all examples", format_count(constants)});
    table.add_row({"workspace of an example in flight", format_count(plan.workspace_bytes)});
    table.add_row({"all, with one example per thread (" + format_count(num_threads, "thread") + ")",
                   format_count(constants + num_threads * plan.workspace_bytes)});
    return table.text();
}

void print_explanations(const CompileCommand& command, const NetworkSetup& setup, const Compilation& compilation) {
    for (const std::string& topic : command.explain) {
        const std::string text = topic == "memory" ? memory_text(compilation, threads_of(setup.options))
                                                   : text_of(compilation.report, topic);
        std::cout << text << (text.empty() || text.back() == '\n' ? "" : "\n") << '\n';
    }
}

void print_json(const NetworkSetup& setup, const Compilation& compilation,
                const std::vector<std::filesystem::path>& files) {
    const ExecutionPlan& plan = compilation.network.plan();
    const auto times = [](const std::vector<Stage>& stages) {
        Json list = Json::array();
        for (const Stage& stage : stages) {
            list.push_back({{"name", stage.name}, {"ms", stage.milliseconds}});
        }
        return list;
    };
    Json json{{"network", setup.network.name},
              {"backend", plan.backend},
              {"schedule", plan.schedule},
              {"accumulation", name_of(setup.options.accumulation)},
              {"timesteps", plan.num_timesteps},
              {"dt_ms", plan.dt_ms},
              {"num_synapses", plan.num_synapses},
              {"cache_hit", compilation.report.cache_hit},
              {"cache_key", compilation.report.cache_key},
              {"total_ms", compilation.milliseconds},
              {"constants_bytes", plan.constants ? plan.constants->size() : 0},
              {"workspace_bytes", plan.workspace_bytes},
              {"memory_bytes", compilation.network.memory_bytes()},
              {"stages", times(compilation.report.stages)},
              {"passes", times(compilation.report.passes)},
              {"files", Json::array()}};
    for (const auto& file : files) {
        json["files"].push_back(file.string());
    }
    std::cout << json.dump(2) << '\n';
}

void print_summary(const NetworkSetup& setup, const Compilation& compilation,
                   const std::vector<std::filesystem::path>& files) {
    const ExecutionPlan& plan = compilation.network.plan();
    const CompileReport& report = compilation.report;
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
                       format_bytes(compilation.network.memory_bytes()) + " loaded in all");
    line("cache", setup.options.cache_dir == "off" ? "off" : (report.cache_hit ? "hit " : "miss ") + report.cache_key);
    line("time", format_ms(compilation.milliseconds));
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
    if (to_stdout && !command.emit.empty() && command.emit[0] == "object" && isatty(STDOUT_FILENO) == 1) {
        throw DescriptionError(Diagnostic{"--emit object",
                                          "object code does not belong on a terminal",
                                          {},
                                          "name a folder with -o DIR, or redirect standard output"});
    }
}

}  // namespace

void run_compile(const CompileCommand& command) {
    check_output(command);
    const NetworkSetup setup = read_network(command.settings);
    const Compilation compilation = compile_network(setup, {command.emit, command.print_after});
    std::vector<std::filesystem::path> files;
    if (!command.output_folder.empty()) {
        files = write_stages(command, setup.network.name, compilation.report);
    } else if (!command.json) {
        print_stages(command, compilation.report);
    }
    if (command.json) {
        print_json(setup, compilation, files);
        return;
    }
    print_explanations(command, setup, compilation);
    const bool only_text = files.empty() && (!command.emit.empty() || !command.print_after.empty());
    if (!only_text && command.explain.empty()) {
        print_summary(setup, compilation, files);
    }
}

}  // namespace mlgenn::cli
