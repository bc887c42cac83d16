// SPDX-License-Identifier: Apache-2.0
// mlgenn-gpu-bench [--json FILE] [--batches 1,32,...] [--runs N] [--seconds S] FOLDER...
// Latency at batch size 1 and throughput at larger ones, kernel time beside wall time, as a table and as JSON.
#include <algorithm>
#include <charconv>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "mlgenn/cuda_executor.h"
#include "mlgenn/errors.h"
#include "tools/gpu_bench/measure.h"
#include "tools/mlgenn_compile/output_files.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace {

using namespace mlgenn;
using gpu_bench::Point;
using gpu_bench::Result;

struct Arguments {
    std::vector<std::filesystem::path> folders;
    std::filesystem::path json;
    std::vector<std::uint32_t> batch_sizes = {1, 32, 256, 1024, 4096, 16384};
    gpu_bench::Effort effort;
};

template <class Number>
Number number_of(std::string_view text, const char* option) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !(number > Number{})) {
        throw std::invalid_argument(std::string(option) + ": '" + std::string(text) + "' is no positive number");
    }
    return number;
}

std::vector<std::uint32_t> batch_sizes_of(std::string_view text) {
    std::vector<std::uint32_t> sizes;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        sizes.push_back(number_of<std::uint32_t>(text.substr(0, end), "--batches"));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return sizes;
}

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    for (int k = 1; k < argc; ++k) {
        const std::string_view word = argv[k];
        const auto value = [&]() -> std::string_view {
            if (k + 1 >= argc) {
                throw std::invalid_argument(std::string(word) + " needs a value");
            }
            return argv[++k];
        };
        if (word == "--json") {
            arguments.json = value();
        } else if (word == "--batches") {
            arguments.batch_sizes = batch_sizes_of(value());
        } else if (word == "--runs") {
            arguments.effort.min_runs = number_of<std::uint32_t>(value(), "--runs");
        } else if (word == "--seconds") {
            arguments.effort.min_seconds = number_of<double>(value(), "--seconds");
        } else if (word.substr(0, 1) == "-") {
            throw std::invalid_argument("'" + std::string(word) + "' is not an option");
        } else {
            arguments.folders.emplace_back(word);
        }
    }
    if (arguments.folders.empty()) {
        throw std::invalid_argument("name at least one folder with a network");
    }
    return arguments;
}

void print_table(const Result& result) {
    std::cout << result.name << ", " << result.timesteps << " timesteps, schedule " << result.schedule
              << "; compiled in " << cli::format_ms(result.compile_cold_ms) << ", from the cache in "
              << cli::format_ms(result.compile_warm_ms) << '\n';
    using cli::Align;
    cli::Table table({{"batch", Align::right},
                      {"wall ms", Align::right},
                      {"kernel ms", Align::right},
                      {"copy ms", Align::right},
                      {"ms/example", Align::right},
                      {"examples/s", Align::right},
                      {"kernel examples/s", Align::right},
                      {"device memory", Align::right},
                      {"same bits"},
                      {"problem"}});
    for (const Point& point : result.points) {
        if (!point.problem.empty()) {
            const std::string first_line = point.problem.substr(0, point.problem.find('\n'));
            table.add_row({cli::format_count(point.batch_size), "", "", "", "", "", "", "", "", first_line});
            continue;
        }
        table.add_row({cli::format_count(point.batch_size), cli::format_number(point.wall_ms),
                       cli::format_number(point.kernel_ms), cli::format_number(point.copy_ms),
                       cli::format_number(point.wall_ms / point.batch_size),
                       cli::format_si(point.examples_per_second()), cli::format_si(point.kernel_examples_per_second()),
                       cli::format_bytes(point.device_bytes), point.same_bits ? "yes" : "NO", ""});
    }
    std::cout << table.text() << '\n';
}

nlohmann::ordered_json to_json(const Result& result) {
    nlohmann::ordered_json json{{"network", result.name},
                                {"timesteps", result.timesteps},
                                {"schedule", result.schedule},
                                {"compile_cold_ms", result.compile_cold_ms},
                                {"compile_warm_ms", result.compile_warm_ms},
                                {"points", nlohmann::ordered_json::array()}};
    for (const Point& point : result.points) {
        nlohmann::ordered_json entry{{"batch_size", point.batch_size}};
        if (!point.problem.empty()) {
            entry["problem"] = point.problem;
        } else {
            entry.update({{"runs", point.runs},
                          {"wall_ms", point.wall_ms},
                          {"kernel_ms", point.kernel_ms},
                          {"copy_ms", point.copy_ms},
                          {"examples_per_second", point.examples_per_second()},
                          {"kernel_examples_per_second", point.kernel_examples_per_second()},
                          {"device_bytes", point.device_bytes},
                          {"same_bits", point.same_bits}});
        }
        json["points"].push_back(std::move(entry));
    }
    return json;
}

int run(const Arguments& arguments) {
    const CudaDevice device = find_cuda_device();
    if (!device.available) {
        std::cerr << "mlgenn-gpu-bench: nothing can be measured: " << device.detail << '\n';
        return 2;
    }
    std::cout << "device: " << device.detail << "\n\n";
    nlohmann::ordered_json json{{"device", device.detail}, {"results", nlohmann::ordered_json::array()}};
    bool same_bits = true;
    for (const std::filesystem::path& folder : arguments.folders) {
        const Result result = measure(gpu_bench::load_case(folder), arguments.batch_sizes, arguments.effort);
        print_table(result);
        json["results"].push_back(to_json(result));
        same_bits = same_bits && std::all_of(result.points.begin(), result.points.end(), [](const Point& point) {
                        return point.same_bits || !point.problem.empty();
                    });
    }
    if (!arguments.json.empty()) {
        cli::write_file(arguments.json, json.dump(2) + '\n');
    }
    return same_bits ? 0 : 3;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(parse(argc, argv));
    } catch (const DescriptionError& error) {
        std::cerr << error.what() << '\n';
        return 1;
    } catch (const std::invalid_argument& error) {
        std::cerr << "mlgenn-gpu-bench: " << error.what() << '\n';
        return 1;
    } catch (const std::exception& error) {
        std::cerr << "mlgenn-gpu-bench: " << error.what() << '\n';
        return 2;
    }
}
