// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/bench_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tools/mlgenn_compile/latency_report.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string processor_name() {
    std::ifstream info("/proc/cpuinfo");
    std::string line;
    while (std::getline(info, line)) {
        if (line.starts_with("model name") && line.find(": ") != std::string::npos) {
            return line.substr(line.find(": ") + 2);
        }
    }
    return "unknown processor";
}

std::string fixed2(double value) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.2f", value);
    return buffer.data();
}

std::string median_text(const std::vector<double>& values) {
    return values.empty() ? "" : format_number(median(values));
}

/// "1.02 (0.98..1.10)".
std::string ratio_text(const std::vector<double>& ratios) {
    if (ratios.empty()) {
        return "";
    }
    const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
    return fixed2(median(ratios)) + " (" + fixed2(*low) + ".." + fixed2(*high) + ")";
}

double speed_up(const SpeedMeasurement& speed) {
    return median(speed.single_wall_ms) / median(speed.all_wall_ms);
}

std::string counts_text(const std::vector<CountCheck>& counts) {
    if (counts.empty()) {
        return "";
    }
    std::uint64_t compared = 0;
    std::uint64_t differing = 0;
    for (const CountCheck& count : counts) {
        compared += count.num_compared;
        differing += count.num_differing;
    }
    return differing == 0 ? "all " + format_count(compared) + " equal"
                          : format_count(differing) + " of " + format_count(compared) + " differ";
}

std::string check_table(std::span<const BenchResult> results) {
    Table table({{"network"},
                 {"mode"},
                 {"examples", Align::right},
                 {"readouts equal", Align::right},
                 {"argmax equal", Align::right},
                 {"largest diff", Align::right},
                 {"correct", Align::right},
                 {"spike counts"},
                 {"demanded"},
                 {"result"}});
    for (const BenchResult& result : results) {
        for (const OutputCheck& check : result.checks) {
            const bool independent = check.compatibility == Compatibility::none;
            table.add_row({result.name, result.mode + (independent ? "" : ", mlgenn_2_4"),
                           format_count(check.num_examples), format_count(check.num_equal),
                           format_count(check.num_argmax_equal),
                           check.largest_difference == 0.0 ? "0" : format_number(check.largest_difference),
                           format_count(check.num_correct), counts_text(check.counts), check.demand,
                           check.passed ? "ok" : "WRONG"});
        }
    }
    return table.empty() ? "" : "Outputs against the recorded ones\n" + table.text() + '\n';
}

std::string compile_table(std::span<const BenchResult> results) {
    Table table({{"network"},
                 {"mode"},
                 {"cold ms", Align::right},
                 {"CPU ms", Align::right},
                 {"warm ms", Align::right},
                 {"CPU ms", Align::right},
                 {"peak MB, cold", Align::right},
                 {"peak MB, warm", Align::right}});
    for (const BenchResult& result : results) {
        const CompileTimes& cold = result.compilation.cold;
        const CompileTimes& warm = result.compilation.warm;
        table.add_row({result.name, result.mode, median_text(cold.wall_ms), median_text(cold.cpu_ms),
                       median_text(warm.wall_ms), median_text(warm.cpu_ms),
                       format_number(static_cast<double>(cold.peak_bytes) / 1e6),
                       format_number(static_cast<double>(warm.peak_bytes) / 1e6)});
    }
    const char* memory = results[0].speed ? "memory of compiling and running all examples" : "its memory";
    return std::string("Compilation in a fresh process (cold: empty cache), and ") + memory + '\n' + table.text();
}

std::string speed_table(std::span<const BenchResult> results) {
    const std::string threads = std::to_string(results[0].speed->num_threads) + " threads";
    Table table({{"network"},
                 {"mode"},
                 {"1 thread: CPU ms", Align::right},
                 {"wall ms", Align::right},
                 {"SynOps/s", Align::right},
                 {threads + ": CPU ms", Align::right},
                 {"wall ms", Align::right},
                 {"speed-up", Align::right},
                 {"hand-written: CPU ms", Align::right},
                 {"ratio (lowest..highest)"}});
    for (const BenchResult& result : results) {
        const SpeedMeasurement& speed = *result.speed;
        const double synops_per_second = speed.synops_per_example / median(speed.single_cpu_ms) * 1e3;
        table.add_row({result.name, result.mode, median_text(speed.single_cpu_ms), median_text(speed.single_wall_ms),
                       format_si(synops_per_second), median_text(speed.all_cpu_ms), median_text(speed.all_wall_ms),
                       speed.all_wall_ms.empty() ? "" : fixed2(speed_up(speed)), median_text(speed.native_cpu_ms),
                       ratio_text(speed.ratios)});
    }
    return "Time per example, medians of " + std::to_string(results[0].speed->single_cpu_ms.size()) +
           " alternating runs; ratio: CPU time over that of the hand-written program, run by run\n" + table.text();
}

std::string session_table(std::span<const BenchResult> results) {
    Table table({{"network"},
                 {"mode"},
                 {"steps", Align::right},
                 {"shortest", Align::right},
                 {"mean", Align::right},
                 {"50 %", Align::right},
                 {"99 %", Align::right},
                 {"99.9 %", Align::right}});
    for (const BenchResult& result : results) {
        if (result.session) {
            const LatencyReport& latency = *result.session;
            table.add_row({result.name, result.mode, format_count(latency.num_steps), format_number(latency.min_us),
                           format_number(latency.mean_us), format_number(latency.p50_us), format_number(latency.p99_us),
                           format_number(latency.p999_us)});
        }
    }
    return table.empty() ? "" : "\nA timestep of a session at 1 thread, microseconds\n" + table.text();
}

Json check_json(const OutputCheck& check) {
    Json counts = Json::array();
    for (const CountCheck& count : check.counts) {
        counts.push_back({{"population", count.population},
                          {"num_compared", count.num_compared},
                          {"num_differing", count.num_differing},
                          {"spikes", count.spikes},
                          {"reference_spikes", count.reference_spikes}});
    }
    return {{"compatibility", check.compatibility == Compatibility::none ? "none" : "mlgenn_2_4"},
            {"passed", check.passed},
            {"demand", check.demand},
            {"num_examples", check.num_examples},
            {"num_equal", check.num_equal},
            {"num_argmax_equal", check.num_argmax_equal},
            {"largest_difference", check.largest_difference},
            {"num_correct", check.num_correct},
            {"counts", counts}};
}

Json speed_json(const SpeedMeasurement& speed) {
    Json json{{"synops_per_example", speed.synops_per_example},
              {"synops_per_second", speed.synops_per_example / median(speed.single_cpu_ms) * 1e3},
              {"one_thread", {{"cpu_ms", speed.single_cpu_ms}, {"wall_ms", speed.single_wall_ms}}}};
    if (!speed.all_wall_ms.empty()) {
        json["all_threads"] = {{"num_threads", speed.num_threads},
                               {"cpu_ms", speed.all_cpu_ms},
                               {"wall_ms", speed.all_wall_ms},
                               {"speed_up", speed_up(speed)}};
    }
    if (!speed.ratios.empty()) {
        const auto [low, high] = std::minmax_element(speed.ratios.begin(), speed.ratios.end());
        json["hand_written"] = {{"cpu_ms", speed.native_cpu_ms},
                                {"wall_ms", speed.native_wall_ms},
                                {"ratios", speed.ratios},
                                {"ratio_median", median(speed.ratios)},
                                {"ratio_min", *low},
                                {"ratio_max", *high}};
    }
    return json;
}

}  // namespace

std::string bench_text(std::span<const BenchResult> results, const BenchNotes& notes) {
    if (results.empty()) {
        return "nothing was measured\n";
    }
    const std::string backend = "; back end " + results[0].backend;
    if (!results[0].speed) {
        return processor_name() + backend + "\n\n" + compile_table(results) +
               "\nonly compilation was measured, there is no device to run on: " + notes.no_device + '\n';
    }
    std::string text = processor_name() + ", " + format_count(results[0].speed->num_threads, "thread") + backend +
                       "\n\n" + check_table(results) + compile_table(results) + '\n' + speed_table(results) +
                       session_table(results);
    if (!notes.no_native.empty()) {
        text += "\nnot compared with the hand-written program: " + notes.no_native + '\n';
    }
    return text;
}

Json bench_json(std::span<const BenchResult> results, const BenchNotes& notes) {
    Json list = Json::array();
    for (const BenchResult& result : results) {
        Json entry{{"network", result.name},          {"accumulation", result.mode},
                   {"examples", result.num_examples}, {"timesteps", result.num_timesteps},
                   {"backend", result.backend},       {"schedule", result.schedule}};
        entry["checks"] = Json::array();
        for (const OutputCheck& check : result.checks) {
            entry["checks"].push_back(check_json(check));
        }
        const CompileTimes& cold = result.compilation.cold;
        const CompileTimes& warm = result.compilation.warm;
        entry["compile"] = {{"cold_ms", cold.wall_ms},
                            {"warm_ms", warm.wall_ms},
                            {"cold_cpu_ms", cold.cpu_ms},
                            {"warm_cpu_ms", warm.cpu_ms},
                            {"cold_median_ms", median(cold.wall_ms)},
                            {"warm_median_ms", median(warm.wall_ms)},
                            {"cold_peak_bytes", cold.peak_bytes},
                            {"warm_peak_bytes", warm.peak_bytes}};
        if (result.speed) {
            entry["speed"] = speed_json(*result.speed);
        }
        if (result.session) {
            entry["session"] = latency_json(*result.session);
        }
        list.push_back(std::move(entry));
    }
    Json json{{"processor", processor_name()}, {"results", list}};
    if (!notes.no_device.empty()) {
        json["device_missing"] = notes.no_device;
    }
    if (!notes.no_native.empty()) {
        json["hand_written_missing"] = notes.no_native;
    }
    return json;
}

}  // namespace mlgenn::cli
