// SPDX-License-Identifier: Apache-2.0
// Measures one network.
#include "tools/gpu_bench/measure.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>
#include <optional>

#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"
#include "tools/bench_support/bundles.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/data_arguments.h"
#include "tools/mlgenn_compile/network_setup.h"
#include "tools/mlgenn_compile/process.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::gpu_bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

Case load_bundle_case(const fs::path& folder) {
    bench::Bundle bundle = bench::load_bundle(folder);
    Case result{bundle.name, bundle.network, {}, bundle.inputs, bundle.num_examples};
    result.options.example_timesteps = bundle.timesteps;
    result.options.dt = bundle.dt;
    return result;
}

Case load_example_case(const fs::path& folder) {
    cli::CompileSettings settings;
    settings.network = folder / "network.json";
    cli::NetworkSetup setup = cli::read_network(settings);
    cli::DataSettings data;
    data.input_events.push_back({"", (folder / "test_spikes.npz").string(), "test_spikes.npz"});
    std::vector<std::string> input_names;
    for (const Population& population : setup.network.populations) {
        if (population.neuron.model == "spike_input") {
            input_names.push_back(population.name);
        }
    }
    Inputs inputs = cli::read_inputs(data, input_names);
    const std::size_t num_examples = inputs.empty() ? 0 : cli::num_examples(inputs.begin()->second);
    return {setup.network.name, std::move(setup.network), setup.options, std::move(inputs), num_examples};
}

/// Rows `0 .. count-1` of an array whose rows repeat from the beginning.
Array repeated_rows(const Array& array, std::size_t count) {
    Shape shape = array.shape();
    const std::size_t rows = shape.at(0);
    const std::size_t row_bytes = array.bytes().size() / rows;
    shape[0] = count;
    Array result(array.dtype(), shape);
    const auto target = result.mutable_bytes();
    for (std::size_t k = 0; k < count; ++k) {
        std::memcpy(target.data() + k * row_bytes, array.bytes().data() + k % rows * row_bytes, row_bytes);
    }
    return result;
}

SpikeInput repeated_events(const SpikeInput& input, std::size_t count) {
    const std::vector<float> times = input.times_ms.to_f32();
    const std::size_t rows = input.offsets.size() - 1;
    std::vector<float> all_times;
    std::vector<std::uint32_t> all_ids;
    std::vector<std::uint64_t> offsets = {0};
    for (std::size_t k = 0; k < count; ++k) {
        const auto begin = static_cast<std::size_t>(input.offsets.value(k % rows));
        const auto end = static_cast<std::size_t>(input.offsets.value(k % rows + 1));
        all_times.insert(all_times.end(), times.begin() + static_cast<std::ptrdiff_t>(begin),
                         times.begin() + static_cast<std::ptrdiff_t>(end));
        for (std::size_t e = begin; e < end; ++e) {
            all_ids.push_back(static_cast<std::uint32_t>(input.ids.value(e)));
        }
        offsets.push_back(all_times.size());
    }
    return {Array::from(all_times), Array::from(all_ids), Array::from(offsets)};
}

/// One batch: the case's examples, over and over.
Inputs batch_of(const Case& bench_case, std::size_t count) {
    Inputs inputs;
    for (const auto& [name, input] : bench_case.inputs) {
        if (const auto* dense = std::get_if<DenseInput>(&input)) {
            inputs[name] = DenseInput{repeated_rows(dense->values, count), dense->scale};
        } else {
            inputs[name] = repeated_events(std::get<SpikeInput>(input), count);
        }
    }
    return inputs;
}

bool begins_alike(const Predictions& one, const Predictions& batch) {
    return std::all_of(one.outputs.begin(), one.outputs.end(), [&](const auto& output) {
        const auto expected = output.second.bytes();
        const auto actual = batch.outputs.at(output.first).bytes();
        return actual.size() >= expected.size() && std::equal(expected.begin(), expected.end(), actual.begin());
    });
}

double total_ms(const KernelProfile& profile, const std::string& kind) {
    return std::accumulate(
        profile.entries.begin(), profile.entries.end(), 0.0,
        [&](double sum, const ProfileEntry& entry) { return sum + (entry.kind == kind ? entry.total_ms : 0.0); });
}

Point measure_point(const Case& bench_case, CompilerOptions options, const Effort& effort,
                    std::optional<Predictions>& one) {
    Point point{.batch_size = options.batch_size};
    const Inputs inputs = batch_of(bench_case, options.batch_size);
    options.kernel_profiling = true;
    options.phase_profiling = false;
    CompiledNetwork network = InferenceCompiler(options).compile(bench_case.network);
    point.device_bytes = network.memory_bytes();
    const Predictions first = network.predict(inputs);
    point.same_bits = !one || begins_alike(*one, first);
    if (!one) {
        one = first;
    }
    (void)network.profile();
    std::vector<double> wall;
    std::vector<double> kernel;
    std::vector<double> copy;
    const Clock::time_point begin = Clock::now();
    while (wall.size() < effort.min_runs || milliseconds_since(begin) < effort.min_seconds * 1e3) {
        const Clock::time_point run_begin = Clock::now();
        (void)network.predict(inputs);
        wall.push_back(milliseconds_since(run_begin));
        const KernelProfile profile = network.profile();
        kernel.push_back(total_ms(profile, "kernel"));
        copy.push_back(total_ms(profile, "copy"));
    }
    point.runs = static_cast<std::uint32_t>(wall.size());
    point.wall_ms = cli::median(wall);
    point.kernel_ms = cli::median(kernel);
    point.copy_ms = cli::median(copy);
    return point;
}

}  // namespace

Case load_case(const fs::path& folder) {
    if (fs::exists(folder / "meta.json")) {
        return load_bundle_case(folder);
    }
    if (fs::exists(folder / "network.json")) {
        return load_example_case(folder);
    }
    throw DescriptionError(Diagnostic{folder.string(),
                                      "holds neither meta.json nor network.json",
                                      {},
                                      "name a benchmark bundle, or a folder like docs/examples/yin_yang"});
}

Result measure(const Case& bench_case, const std::vector<std::uint32_t>& batch_sizes, const Effort& effort) {
    Result result{.name = bench_case.name, .timesteps = bench_case.options.example_timesteps};
    CompilerOptions options = bench_case.options;
    options.backend = "cuda";
    const cli::TemporaryFolder cache;
    options.cache_dir = cache.path().string();
    for (double* milliseconds : {&result.compile_cold_ms, &result.compile_warm_ms}) {
        CompileReport report;
        const CompiledNetwork network = InferenceCompiler(options).compile(bench_case.network, report);
        *milliseconds = report.total_ms;
        result.schedule = network.plan().schedule;
    }
    std::optional<Predictions> one;
    for (const std::uint32_t batch_size : batch_sizes) {
        options.batch_size = batch_size;
        try {
            result.points.push_back(measure_point(bench_case, options, effort, one));
        } catch (const DeviceError& error) {
            result.points.push_back({.batch_size = batch_size, .problem = error.what()});
        }
    }
    return result;
}

}  // namespace mlgenn::gpu_bench
