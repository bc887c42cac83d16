// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/bench_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "mlgenn/model_info.h"
#include "tools/mlgenn_compile/data_arguments.h"
#include "tools/mlgenn_compile/interruption.h"

namespace mlgenn::cli {
namespace {

/// Spikes are recorded for so many examples at a time, to bound the memory.
constexpr std::size_t examples_per_recording = 64;

std::size_t first_maximum(const Array& array, std::size_t begin, std::size_t width) {
    std::size_t best = 0;
    for (std::size_t j = 1; j < width; ++j) {
        if (array.value(begin + j) > array.value(begin + best)) {
            best = j;
        }
    }
    return best;
}

void compare_readouts(const Array& output, const Array& reference, const bench::Bundle& bundle, OutputCheck& check) {
    check.num_examples = bundle.num_examples;
    if (output.size() != reference.size() || check.num_examples == 0) {
        throw InternalError("the readout has " + std::to_string(output.size()) + " values, the reference " +
                            std::to_string(reference.size()));
    }
    const std::size_t width = output.size() / check.num_examples;
    const Array& labels = bundle.targets.at(bundle.output);
    for (std::size_t e = 0; e < check.num_examples; ++e) {
        double difference = 0.0;
        for (std::size_t i = e * width; i < (e + 1) * width; ++i) {
            difference = std::max(difference, std::fabs(output.value(i) - reference.value(i)));
        }
        const std::size_t answer = first_maximum(output, e * width, width);
        check.num_equal += difference == 0.0 ? 1 : 0;
        check.num_argmax_equal += answer == first_maximum(reference, e * width, width) ? 1 : 0;
        check.num_correct += static_cast<double>(answer) == labels.value(e) ? 1 : 0;
        check.largest_difference = std::max(check.largest_difference, difference);
    }
}

void compare_counts(const std::vector<SpikeRecord>& examples, const Array& reference, CountCheck& check) {
    const std::size_t width = reference.size() / std::max<std::size_t>(1, examples.size());
    for (std::size_t e = 0; e < examples.size(); ++e) {
        std::vector<std::uint32_t> counts(width, 0);
        for (const std::uint32_t id : examples[e].ids) {
            ++counts.at(id);
        }
        for (std::size_t j = 0; j < width; ++j) {
            const double expected = reference.value(e * width + j);
            check.num_differing += static_cast<double>(counts[j]) == expected ? 0 : 1;
            check.reference_spikes += static_cast<std::uint64_t>(expected);
        }
        check.spikes += examples[e].ids.size();
        check.num_compared += width;
    }
}

std::vector<CountCheck> check_counts(const BenchCase& bench_case, Accumulation mode) {
    std::vector<CountCheck> checks;
    NetworkSetup setup = setup_for(bench_case, mode, bench_case.setup.options.num_threads);
    for (const auto& [population, counts] : bench_case.bundle->clean.counts) {
        checks.push_back({population});
        setup.options.recordings.push_back({population, "", population});
    }
    Compilation compilation = compile_network(setup);
    for (std::size_t first = 0; first < bench_case.num_examples && !checks.empty(); first += examples_per_recording) {
        check_interruption();
        const std::size_t count = std::min(examples_per_recording, bench_case.num_examples - first);
        const bench::Bundle part = bench::select_examples(*bench_case.bundle, first, count);
        const Predictions predictions = compilation.network.predict(part.inputs);
        for (CountCheck& check : checks) {
            compare_counts(predictions.recordings.spikes.at(check.population), part.clean.counts.at(check.population),
                           check);
        }
    }
    return checks;
}

/// Sums of such weights are exact in every mode and order, as long as nothing but weights is added up.
bool sums_are_exact(const bench::Bundle& bundle) {
    constexpr double grid = 1024.0;
    const auto is_exact = [](const Connection& connection) {
        const auto weight = connection.connectivity.params.find("weight");
        const Array* values = weight == connection.connectivity.params.end() ? nullptr : weight->second.get_if<Array>();
        if (values == nullptr || connection.synapse.model != "delta") {
            return false;
        }
        const std::vector<float> weights = values->to_f32();
        return std::all_of(weights.begin(), weights.end(),
                           [](float value) { return value * grid == std::floor(value * grid); });
    };
    return std::all_of(bundle.network.connections.begin(), bundle.network.connections.end(), is_exact);
}

bool any_decay(const bench::Bundle& bundle) {
    return std::any_of(bundle.network.connections.begin(), bundle.network.connections.end(),
                       [](const Connection& connection) { return connection.synapse.model != "delta"; });
}

bool spikes_are_close(const std::vector<CountCheck>& counts) {
    constexpr double tolerance = 0.001;
    return std::all_of(counts.begin(), counts.end(), [](const CountCheck& check) {
        const auto reference = static_cast<double>(check.reference_spikes);
        return std::fabs(static_cast<double>(check.spikes) - reference) <= tolerance * reference;
    });
}

/// The references add float32 numbers in ascending order. Only `ordered` does the same; another mode must agree bit for
/// bit where sums are exact, and nearly otherwise.
void judge(const bench::Bundle& bundle, Accumulation mode, OutputCheck& check) {
    const bool readouts_equal = check.num_equal == check.num_examples;
    if (mode == Accumulation::ordered || sums_are_exact(bundle)) {
        check.demand = "all equal";
        check.passed =
            readouts_equal && std::all_of(check.counts.begin(), check.counts.end(),
                                          [](const CountCheck& counts) { return counts.num_differing == 0; });
        return;
    }
    const bool by_argmax = mode == Accumulation::fast || any_decay(bundle);
    check.demand = by_argmax ? "argmax equal, spikes within 0.1 %" : "readouts equal, spikes within 0.1 %";
    check.passed =
        (by_argmax ? check.num_argmax_equal == check.num_examples : readouts_equal) && spikes_are_close(check.counts);
}

}  // namespace

OutputCheck check_outputs(const BenchCase& bench_case, Accumulation mode, Compatibility compatibility) {
    const bench::Bundle& bundle = *bench_case.bundle;
    OutputCheck check;
    check.compatibility = compatibility;
    NetworkSetup setup = setup_for(bench_case, mode, bench_case.setup.options.num_threads);
    setup.options.compatibility = compatibility;
    setup.options.batch_size = 1;
    Compilation compilation = compile_network(setup);
    const Predictions predictions = compilation.network.predict(bench_case.inputs);
    const bool independent = compatibility == Compatibility::none;
    compare_readouts(predictions.outputs.at(bundle.output),
                     independent ? bundle.clean.readout : bundle.sequential.value().readout, bundle, check);
    if (independent) {
        check.counts = check_counts(bench_case, mode);
    }
    judge(*bench_case.bundle, mode, check);
    return check;
}

double synops_per_example(const BenchCase& bench_case, Accumulation mode) {
    const std::size_t count = std::min(examples_per_recording, bench_case.num_examples);
    if (count == 0) {
        return 0.0;
    }
    const Network& network = bench_case.setup.network;
    std::map<std::string, double> synapses_per_source;
    for (const Connection& connection : network.connections) {
        const auto neurons = static_cast<double>(num_elements(network.find_population(connection.source)->shape));
        synapses_per_source[connection.source] += static_cast<double>(num_synapses(network, connection)) / neurons;
    }
    NetworkSetup setup = setup_for(bench_case, mode, bench_case.setup.options.num_threads);
    for (const auto& [source, synapses] : synapses_per_source) {
        setup.options.recordings.push_back({source, "", source});
    }
    Compilation compilation = compile_network(setup);
    const Predictions predictions = compilation.network.predict(first_examples(bench_case.inputs, count));
    double operations = 0.0;
    for (const auto& [source, examples] : predictions.recordings.spikes) {
        for (const SpikeRecord& example : examples) {
            operations += static_cast<double>(example.ids.size()) * synapses_per_source.at(source);
        }
    }
    return operations / static_cast<double>(count);
}

}  // namespace mlgenn::cli
