// SPDX-License-Identifier: Apache-2.0
// What each subcommand is asked to do, as plain data, and the functions that do it.
// Every run_... returns normally on success and throws one of mlgenn's errors otherwise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/compiler.h"

namespace mlgenn::cli {

/// "NAME=TEXT" from the command line; the name is empty when only TEXT was given.
struct NamedText {
    std::string name;
    std::string text;
    /// The option that it came with, for messages ("--input").
    std::string option;
};

/// Which network, and what it is compiled with.
struct CompileSettings {
    std::filesystem::path network;
    bool allow_outside_paths = false;
    /// Trained weights that take the place of the description's.
    std::filesystem::path checkpoint;
    std::vector<std::string> checkpoint_keys;
    std::vector<NamedText> checkpoint_names;
    bool lenient_checkpoint = false;
    /// Unset: as the description says.
    std::optional<std::uint32_t> timesteps;
    std::optional<double> dt;
    CompilerOptions options;
};

/// Where examples come from.
struct DataSettings {
    std::vector<NamedText> inputs;  ///< dense arrays
    std::vector<NamedText> input_scales;
    std::vector<NamedText> input_times;  ///< spike events, one file per part ...
    std::vector<NamedText> input_ids;
    std::vector<NamedText> input_offsets;
    std::vector<NamedText> input_events;   ///< ... or one .npz with members times, ids, offsets
    std::vector<NamedText> sensor_events;  ///< .npz with members t, x, y, p, offsets
    /// What makes spikes of dense values ("linear_latency:max_time=20").
    std::vector<NamedText> encodings;
    /// "ms" or "steps"
    std::string time_unit = "ms";
    /// "postpone", "drop" or "refuse"
    std::string duplicates = "postpone";
    std::optional<std::uint64_t> max_spikes;
    double time_scale = 0.001;
    std::optional<std::uint32_t> histogram_thresh;
    /// Use only the first examples.
    std::optional<std::uint64_t> first;
};

/// What is recorded while examples run.
struct RecordSettings {
    std::vector<std::string> what;  ///< "hidden.spikes", "hidden.V[::2]"
    /// Empty: all.
    std::string examples;
    /// Set: recordings may select, and go to this file alone.
    std::filesystem::path to;
};

struct CheckCommand {
    std::filesystem::path network;
    bool allow_outside_paths = false;
    bool json = false;
};

struct CompileCommand {
    CompileSettings settings;
    std::vector<std::string> emit;
    std::string print_after;
    std::vector<std::string> explain;
    std::filesystem::path output_folder;
    bool json = false;
};

/// What to do with the times that instrumented code takes.
struct ProfileSettings {
    bool table = false;
    /// Empty: no time line.
    std::filesystem::path trace;
    [[nodiscard]] bool wanted() const { return table || !trace.empty(); }
};

struct PredictCommand {
    CompileSettings settings;
    DataSettings data;
    RecordSettings record;
    std::filesystem::path output;
    bool progress = false;
    ProfileSettings profile;
    bool json = false;
};

struct EvaluateCommand {
    CompileSettings settings;
    DataSettings data;
    std::vector<NamedText> targets;
    std::vector<NamedText> metrics;
    /// Metrics in code: NAME=CODE.
    std::vector<NamedText> metric_codes;
    RecordSettings record;
    std::filesystem::path output;
    bool progress = false;
    ProfileSettings profile;
    bool json = false;
};

struct StreamCommand {
    CompileSettings settings;
    /// Examples that follow each other; or ...
    DataSettings data;
    /// ... JSON lines from standard input say what to push and when to run.
    bool from_stdin = false;
    /// Unset: to the end of the last example.
    std::optional<std::uint64_t> steps;
    /// Steps between two lines of output; unset: the window, or an example's steps.
    std::optional<std::uint32_t> every;
    /// As in SessionOptions.
    std::optional<std::uint32_t> window;
    bool keep_time = false;
    RecordSettings record;
    std::filesystem::path snapshot;
    std::filesystem::path restore;
};

struct ConvertCommand {
    CompileSettings settings;
    std::filesystem::path output;
    /// Write what initialisers draw, not the initialisers.
    bool draw = false;
};

struct ListCommand {
    std::string what;
    bool json = false;
};

struct BenchCommand {
    /// Bundle folders, or one network description.
    std::vector<std::filesystem::path> paths;
    CompileSettings settings;
    DataSettings data;
    /// Empty: exact and ordered for bundles, exact for a description.
    std::vector<Accumulation> accumulations;
    std::optional<std::filesystem::path> native;
    bool no_native = false;
    std::uint32_t repeats = 7;
    std::uint32_t compile_runs = 5;
    bool json = false;
    /// The arguments that this process got, for the fresh processes that measure compile time and memory.
    std::vector<std::string> arguments;
    /// Set in such a process: measure this one path and report on standard output.
    std::optional<std::filesystem::path> probe;
    bool probe_run = false;
    /// Make the code only: there is no device to load it on.
    bool probe_build = false;
};

void run_check(const CheckCommand& command);
void run_compile(const CompileCommand& command);
void run_predict(const PredictCommand& command);
void run_evaluate(const EvaluateCommand& command);
void run_stream(const StreamCommand& command);
void run_convert(const ConvertCommand& command);
void run_list(const ListCommand& command);
void run_bench(const BenchCommand& command);

}  // namespace mlgenn::cli
