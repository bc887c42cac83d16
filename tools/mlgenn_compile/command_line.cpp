// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <functional>

#include "compiler/description/suggestions.h"
#include "tools/mlgenn_compile/data_arguments.h"

namespace mlgenn::cli {
namespace {

const std::vector<std::string> subcommand_names{"check",  "compile", "predict", "evaluate",
                                                "stream", "convert", "list",    "bench"};

Accumulation accumulation_of(const std::string& word) {
    return word == "exact" ? Accumulation::exact : word == "ordered" ? Accumulation::ordered : Accumulation::fast;
}

/// "auto" is 0.
std::uint32_t batch_size_of(const std::string& text) {
    if (text == "auto") {
        return 0;
    }
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number == 0) {
        throw CLI::ValidationError("--batch-size", "'" + text + "' is neither auto nor a number from 1 to 4294967295");
    }
    return number;
}

void add_network(CLI::App& app, std::filesystem::path& network, bool& allow_outside_paths) {
    app.add_option("NETWORK", network, "Network description (JSON)")->required();
    app.add_flag("--allow-outside-paths", allow_outside_paths,
                 "Let the description name array files outside its own folder");
}

/// `target_option`: --target means the labels in `evaluate`, so it has another name there.
void add_compile_options(CLI::App& app, CompileSettings& settings,
                         const std::string& target_option = "--target,--code-target") {
    const std::string group = "Compilation";
    CompilerOptions& options = settings.options;
    app.add_option("--timesteps,--evaluate-timesteps", settings.timesteps, "Timesteps per example [the description's]")
        ->group(group);
    app.add_option("--dt", settings.dt, "Length of a timestep in ms [the description's, else 1]")->group(group);
    app.add_option("--backend", options.backend, "auto, or a name from 'list backends' [auto]")->group(group);
    app.add_option(target_option, options.target,
                   "Processor: native, avx512, avx2, generic; sm_90, compute_90 ... [native]")
        ->group(group);
    app.add_option("--schedule", options.schedule, "auto, or a name from 'list schedules' [auto]")->group(group);
    app.add_option("--few-spike", options.few_spike,
                   "Few-spike networks: literal (k steps per layer), collapsed (one pass), auto [auto]")
        ->check(CLI::IsMember({"auto", "literal", "collapsed"}))
        ->type_name("MODE")
        ->group(group);
    app.add_option_function<std::string>(
           "--batch-size", [&options](const std::string& text) { options.batch_size = batch_size_of(text); },
           "Examples per batch, or auto: what the device's memory allows [1]")
        ->type_name("N|auto")
        ->group(group);
    app.add_option("--device", options.device, "Number of the GPU [MLGENN_CUDA_DEVICE, else 0]")
        ->type_name("N")
        ->group(group);
    app.add_option("--max-input-events", options.max_input_events,
                   "Spike events per example and input for which a GPU reserves memory; more are refused [no limit]")
        ->check(CLI::PositiveNumber)
        ->type_name("N")
        ->group(group);
    app.add_option("--threads", options.num_threads, "Worker threads; 0: one per available processor [0]")
        ->group(group);
    app.add_option("--seed", options.rng_seed, "Seed of random numbers [0]")->group(group);
    app.add_flag("--streaming", options.streaming, "Reset nothing but readouts between examples, and let time go on")
        ->group(group);
    app.add_option_function<std::string>(
           "--compatibility",
           [&options](const std::string& word) {
               options.compatibility = word == "mlgenn_2_4" ? Compatibility::mlgenn_2_4 : Compatibility::none;
           },
           "none: examples are independent; mlgenn_2_4: they leak as in mlGeNN 2.4 [none]")
        ->check(CLI::IsMember({"none", "mlgenn_2_4"}))
        ->type_name("WORD")
        ->group(group);
}

CLI::Option* add_named(CLI::App& app, const std::string& name, std::vector<NamedText>& entries,
                       const std::string& text);

void add_checkpoint_options(CLI::App& app, CompileSettings& settings) {
    const std::string group = "Checkpoint";
    app.add_option("--checkpoint", settings.checkpoint, "Take weights from a folder that mlGeNN's serialiser wrote")
        ->type_name("DIR")
        ->group(group);
    app.add_option("--checkpoint-keys", settings.checkpoint_keys,
                   "Keys of its files, as 9 in 9-a-g.npy (comma separated)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("KEYS")
        ->group(group);
    add_named(app, "--checkpoint-name", settings.checkpoint_names, "A name there is the network's: Pop0=input")
        ->type_name("THEIRS=OURS")
        ->group(group);
    app.add_flag("--checkpoint-lenient", settings.lenient_checkpoint, "Accept missing and unused arrays, with a note")
        ->group(group);
}

void add_cache_options(CLI::App& app, CompilerOptions& options) {
    const std::string group = "Compilation";
    app.add_option("--cache-dir", options.cache_dir, "Where generated code is kept [the user's cache folder]")
        ->type_name("DIR")
        ->group(group);
    app.add_flag_function(
           "--no-cache", [&options](std::int64_t) { options.cache_dir = "off"; }, "Neither use nor keep generated code")
        ->excludes("--cache-dir")
        ->group(group);
}

void add_accumulation(CLI::App& app, CompilerOptions& options) {
    app.add_option_function<std::string>(
           "--accumulation", [&options](const std::string& word) { options.accumulation = accumulation_of(word); },
           "Sums of synaptic input: exact (integers), ordered (float32 in order), fast [exact]")
        ->check(CLI::IsMember({"exact", "ordered", "fast"}))
        ->type_name("MODE")
        ->group("Compilation");
}

CLI::Option* add_named(CLI::App& app, const std::string& name, std::vector<NamedText>& entries,
                       const std::string& text) {
    return app
        .add_option_function<std::vector<std::string>>(
            name,
            [&entries, name](const std::vector<std::string>& texts) {
                for (const std::string& given : texts) {
                    entries.push_back(parse_named(name, given));
                }
            },
            text)
        ->allow_extra_args(false)
        ->type_name("[NAME=]TEXT");
}

void add_data_options(CLI::App& app, DataSettings& data) {
    const std::string group = "Data (NAME= may be left out when there is only one such population)";
    const auto add = [&app, &group](const std::string& name, std::vector<NamedText>& entries, const std::string& text,
                                    const std::string& type) {
        add_named(app, name, entries, text)->group(group)->type_name(type);
    };
    const std::string file = "[NAME=]FILE";
    add("--input", data.inputs, "Dense input: .npy, .npz:MEMBER, idx or idx.gz, examples first", file);
    add("--input-scale", data.input_scales, "Factor on a dense input", "[NAME=]NUMBER");
    add("--input-events", data.input_events, "Spikes: .npz with members times (ms), ids, offsets", file);
    add("--input-times", data.input_times, "Spikes, one file per part: times in ms, ...", file);
    add("--input-ids", data.input_ids, "... neuron indices, ...", file);
    add("--input-offsets", data.input_offsets, "... and where each example begins and ends", file);
    add("--sensor-events", data.sensor_events, "Events of a sensor: .npz with members t, x, y, p, offsets", file);
    add("--encode", data.encodings, "Spikes of a dense input: linear_latency, log_latency or poisson, ...",
        "[NAME=]CODE:KEY=NUMBER,...");
    app.add_option("--time-unit", data.time_unit, "What times of events count: ms or steps [ms]")
        ->check(CLI::IsMember({"ms", "steps"}))
        ->type_name("WORD")
        ->group(group);
    app.add_option("--duplicates", data.duplicates, "Spikes of a neuron in one step: postpone, drop, refuse [postpone]")
        ->check(CLI::IsMember({"postpone", "drop", "refuse"}))
        ->type_name("RULE")
        ->group(group);
    app.add_option("--max-spikes", data.max_spikes, "Refuse batches with more spikes")->type_name("N")->group(group);
    app.add_option("--time-scale", data.time_scale, "Milliseconds per unit of t of sensor events [0.001]")
        ->type_name("NUMBER")
        ->group(group);
    app.add_option("--histogram-thresh", data.histogram_thresh, "One spike per neuron and step with so many events")
        ->type_name("N")
        ->group(group);
    app.add_option("--first", data.first, "Use only the first N examples")->group(group)->type_name("N");
}

template <class Command>
void add_output_options(CLI::App& app, Command& command, const std::string& what) {
    app.add_option("--record", command.record.what, "Record POPULATION.spikes or POPULATION.VARIABLE (may be repeated)")
        ->allow_extra_args(false)
        ->type_name("POP.WHAT");
    app.add_option("--record-to", command.record.to,
                   "Write recordings here; --record may then select neurons (hidden.V[::2]),\n"
                   "count (hidden.spike_counts) and name connections (input_to_hidden.g)")
        ->type_name("FILE.npz");
    app.add_option("--record-examples", command.record.examples, "With --record-to: only these examples, as 0,3,10:20")
        ->type_name("LIST");
    app.add_option("-o,--output", command.output, what)->type_name("PATH");
    app.add_flag("--progress", command.progress, "Draw a progress bar with metrics, also where there is no terminal");
}

void add_profile(CLI::App& app, ProfileSettings& profile) {
    app.add_flag("--profile", profile.table, "Take times: a line per kernel, copy and population or connection");
    app.add_option("--trace", profile.trace, "Write a time line for chrome://tracing or Perfetto")->type_name("FILE");
}

void add_json(CLI::App& app, bool& json) {
    app.add_flag("--json", json, "Machine-readable output");
}

/// The subcommands, their options bound to one command structure each.
struct Parser {
    CLI::App app{"Runtime code-generation compiler for trained spiking neural networks", "mlgenn-compile"};
    CheckCommand check;
    CompileCommand compile;
    PredictCommand predict;
    EvaluateCommand evaluate;
    StreamCommand stream;
    ConvertCommand convert;
    ListCommand list;
    BenchCommand bench;

    Parser() {
        app.get_formatter()->column_width(36);
        app.set_version_flag("--version", "mlgenn-compile " MLGENN_VERSION);
        app.require_subcommand(1);
        add_check();
        add_compile();
        add_predict();
        add_evaluate();
        add_stream();
        add_convert();
        add_list();
        add_bench();
        // Last, so that the commands do not repeat it.
        app.footer(
            "Exit status: 0 success, 1 wrong description, data or arguments, 2 back end or device cannot,\n"
            "3 a fault of this program. Help on a command: mlgenn-compile COMMAND --help");
    }

    void add_check() {
        CLI::App& sub = *app.add_subcommand("check", "Validate a description and summarise it");
        add_network(sub, check.network, check.allow_outside_paths);
        add_json(sub, check.json);
    }

    void add_compile() {
        CLI::App& sub = *app.add_subcommand("compile", "Generate code; show any stage of it");
        add_network(sub, compile.settings.network, compile.settings.allow_outside_paths);
        sub.add_option("-o,--output", compile.output_folder, "Folder for the stages")->type_name("DIR");
        sub.add_option("--emit", compile.emit,
                       "Stages to write: ir, llvm, asm, object, cuda, ptx, cubin, sass (comma separated)")
            ->delimiter(',')
            ->allow_extra_args(false)
            ->type_name("STAGES");
        sub.add_option("--print-after", compile.print_after, "Show the IR after a pass ('list passes'), or after all")
            ->type_name("PASS|all");
        sub.add_option("--explain", compile.explain, "Explain decisions: schedule, buffers, memory (comma separated)")
            ->delimiter(',')
            ->allow_extra_args(false)
            ->check(CLI::IsMember({"schedule", "buffers", "memory"}))
            ->type_name("TOPICS");
        sub.add_flag("--emit-comments", compile.settings.options.origin_comments,
                     "Say behind every generated CUDA statement what it is for");
        add_json(sub, compile.json);
        add_accumulation(sub, compile.settings.options);
        add_compile_options(sub, compile.settings);
        add_checkpoint_options(sub, compile.settings);
        add_cache_options(sub, compile.settings.options);
    }

    void add_predict() {
        CLI::App& sub = *app.add_subcommand("predict", "Run examples; show or write the outputs");
        add_network(sub, predict.settings.network, predict.settings.allow_outside_paths);
        add_output_options(sub, predict, "Write outputs and recordings: .npy, .npz or a folder");
        add_profile(sub, predict.profile);
        add_json(sub, predict.json);
        add_data_options(sub, predict.data);
        add_accumulation(sub, predict.settings.options);
        add_compile_options(sub, predict.settings);
        add_checkpoint_options(sub, predict.settings);
        add_cache_options(sub, predict.settings.options);
    }

    void add_evaluate() {
        CLI::App& sub = *app.add_subcommand("evaluate", "Run examples and score them against targets");
        add_network(sub, evaluate.settings.network, evaluate.settings.allow_outside_paths);
        add_output_options(sub, evaluate, "Write recordings: .npy, .npz or a folder");
        add_profile(sub, evaluate.profile);
        add_json(sub, evaluate.json);
        add_named(sub, "--target", evaluate.targets, "Labels or values: .npy, .npz:MEMBER, idx or idx.gz")
            ->required()
            ->type_name("[NAME=]FILE");
        add_named(sub, "--metric", evaluate.metrics,
                  "From 'list metrics', as 'top_k_accuracy(k=3)' (may be repeated) [the description's, else "
                  "sparse_categorical_accuracy]")
            ->type_name("[NAME=]METRIC");
        add_named(sub, "--metric-code", evaluate.metric_codes,
                  "A metric in code that scores one example, for --metric NAME")
            ->type_name("NAME=CODE");
        add_data_options(sub, evaluate.data);
        add_accumulation(sub, evaluate.settings.options);
        add_compile_options(sub, evaluate.settings, "--code-target");
        add_checkpoint_options(sub, evaluate.settings);
        add_cache_options(sub, evaluate.settings.options);
    }

    void add_stream() {
        CLI::App& sub = *app.add_subcommand("stream", "Run on and on: examples one after another, or what a pipe says");
        add_network(sub, stream.settings.network, stream.settings.allow_outside_paths);
        sub.add_flag("--stdin", stream.from_stdin, "Take input as JSON lines from standard input (docs/streaming.md)");
        sub.add_option("--steps", stream.steps, "Steps to run [to the end of the last example]")->type_name("N");
        sub.add_option("--every", stream.every, "Steps between two lines of output [the window]")
            ->check(CLI::Range(1U, 0xffffffffU))
            ->type_name("N");
        sub.add_option("--window", stream.window, "Steps after which readouts start afresh, 0: never [an example's]")
            ->type_name("N");
        sub.add_flag("--keep-time", stream.keep_time, "Let time go on when a window ends");
        sub.add_option("--record", stream.record.what,
                       "Also print POPULATION.spikes or POPULATION.VARIABLE of every step")
            ->allow_extra_args(false)
            ->type_name("POP.WHAT");
        sub.add_option("--snapshot", stream.snapshot, "Write the state after the last step")->type_name("FILE");
        sub.add_option("--restore", stream.restore, "Go on from a state that --snapshot wrote")->type_name("FILE");
        add_data_options(sub, stream.data);
        add_accumulation(sub, stream.settings.options);
        add_compile_options(sub, stream.settings);
        add_checkpoint_options(sub, stream.settings);
        add_cache_options(sub, stream.settings.options);
    }

    void add_convert() {
        CLI::App& sub = *app.add_subcommand("convert", "Write a network as one description and one archive");
        add_network(sub, convert.settings.network, convert.settings.allow_outside_paths);
        sub.add_option("-o,--output", convert.output, "NETWORK.json; its arrays go to NETWORK.npz")
            ->required()
            ->type_name("FILE");
        sub.add_flag("--draw", convert.draw, "Write what initialisers draw, as arrays");
        sub.add_option("--seed", convert.settings.options.rng_seed, "Seed of random numbers [0]");
        add_checkpoint_options(sub, convert.settings);
    }

    void add_list() {
        CLI::App& sub = *app.add_subcommand("list", "List what there is to choose from");
        sub.add_option("WHAT", list.what, "models, backends, schedules, passes or metrics")
            ->required()
            ->check(CLI::IsMember({"models", "backends", "schedules", "passes", "metrics"}));
        add_json(sub, list.json);
    }

    void add_bench() {
        CLI::App& sub = *app.add_subcommand("bench", "Measure compile time, speed and memory; check reference outputs");
        sub.add_option("PATH", bench.paths, "Benchmark bundle folders, or one network description")->required();
        sub.add_flag("--allow-outside-paths", bench.settings.allow_outside_paths,
                     "Let the description name array files outside its own folder");
        sub.add_option("--repeats", bench.repeats, "Timed runs of each program, alternating [7]")
            ->check(CLI::Range(1, 10000))
            ->type_name("N");
        sub.add_option("--compile-runs", bench.compile_runs, "Compilations, each in a fresh process [5]")
            ->check(CLI::Range(1, 1000))
            ->type_name("N");
        sub.add_option("--native", bench.native, "C++ source of the hand-written program [beside the bundles]")
            ->type_name("FILE");
        sub.add_flag("--no-native", bench.no_native, "Leave the hand-written program out");
        sub.add_option_function<std::vector<std::string>>(
               "--accumulation",
               [this](const std::vector<std::string>& words) {
                   std::transform(words.begin(), words.end(), std::back_inserter(bench.accumulations), accumulation_of);
               },
               "Modes to measure (comma separated) [bundles: exact,ordered; description: exact]")
            ->delimiter(',')
            ->allow_extra_args(false)
            ->check(CLI::IsMember({"exact", "ordered", "fast"}))
            ->group("Compilation");
        // For the fresh processes that measure compile time and memory.
        sub.add_option("--probe", bench.probe)->group("");
        sub.add_flag("--probe-run", bench.probe_run)->group("");
        sub.add_flag("--probe-build", bench.probe_build)->group("");
        sub.add_option("--cache-dir", bench.settings.options.cache_dir)->group("");
        add_json(sub, bench.json);
        add_data_options(sub, bench.data);
        add_compile_options(sub, bench.settings);
    }

    /// The command whose subcommand was parsed.
    [[nodiscard]] Command chosen() const {
        const std::string name = app.get_subcommands().at(0)->get_name();
        return name == "check"      ? Command(check)
               : name == "compile"  ? Command(compile)
               : name == "predict"  ? Command(predict)
               : name == "evaluate" ? Command(evaluate)
               : name == "stream"   ? Command(stream)
               : name == "convert"  ? Command(convert)
               : name == "list"     ? Command(list)
                                    : Command(bench);
    }
};

/// The subcommand that was named, else the program itself.
const CLI::App& named_app(const CLI::App& app) {
    const auto subcommands = app.get_subcommands();
    return subcommands.empty() ? app : *subcommands[0];
}

std::string help_hint(const CLI::App& app) {
    const CLI::App& named = named_app(app);
    return "    see mlgenn-compile " + (&named == &app ? "" : named.get_name() + ' ') + "--help";
}

/// The first argument that nothing accepts, with a guess at what was meant.
std::string unexpected_text(const CLI::App& app) {
    const CLI::App& named = named_app(app);
    const std::vector<std::string> rest = app.remaining(true);
    if (rest.empty()) {
        return "there are too many arguments";
    }
    const std::string given = rest[0].substr(0, rest[0].find('='));
    if (given.empty() || given[0] != '-') {
        return "'" + given + "' is one argument too many";
    }
    std::vector<std::string> options;
    for (const CLI::Option* option : named.get_options()) {
        if (!option->get_group().empty() && !option->get_positional()) {
            options.push_back("--" + option->get_single_name());
        }
    }
    const auto near = description::closest(given, options);
    return "'" + given + "' is not an option of " + named.get_name() +
           (near ? "\n    did you mean '" + *near + "'?" : "");
}

void check_subcommand(int argc, const char* const* argv) {
    const std::string first = argc > 1 ? argv[1] : "";
    if (first.empty()) {
        throw UsageError("no command is given\n    " +
                         description::suggestion("", subcommand_names, "the commands are") +
                         "\n    see mlgenn-compile --help");
    }
    if (first[0] != '-' &&
        std::find(subcommand_names.begin(), subcommand_names.end(), first) == subcommand_names.end()) {
        throw UsageError("'" + first + "' is not a command\n    " +
                         description::suggestion(first, subcommand_names, "the commands are"));
    }
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
    check_subcommand(argc, argv);
    Parser parser;
    try {
        parser.app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        const CLI::App& named = named_app(parser.app);
        return ShowText{named.help(&named == &parser.app ? "" : parser.app.get_name())};
    } catch (const CLI::CallForVersion& version) {
        return ShowText{std::string(version.what()) + '\n'};
    } catch (const CLI::ExtrasError&) {
        throw UsageError(unexpected_text(parser.app) + '\n' + help_hint(parser.app));
    } catch (const CLI::ParseError& error) {
        throw UsageError(error.what() + ('\n' + help_hint(parser.app)));
    }
    parser.bench.arguments.assign(argv + 1, argv + argc);
    return parser.chosen();
}

}  // namespace mlgenn::cli
