// SPDX-License-Identifier: Apache-2.0
#include "compiler/passes/lower_few_spike.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "compiler/models/few_spike_code.h"
#include "compiler/models/few_spike_network.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

void check_options(const Network& network, const CompilerOptions& options, std::uint32_t k) {
    std::vector<Diagnostic> findings;
    if (options.example_timesteps != k) {
        findings.push_back({"option example_timesteps",
                            "it is " + std::to_string(options.example_timesteps) + ", but '" + network.name +
                                "' is a few-spike network that presents an example for k = " + std::to_string(k) +
                                " steps",
                            {},
                            "set it to " + std::to_string(k) + ", or use FewSpikeCompiler, which does that"});
    }
    if (options.streaming || !options.reset_time_between_batches || !options.reset_vars_between_batches ||
        !options.reset_in_syn_between_batches.value_or(true)) {
        findings.push_back(
            {"reset options",
             "state is to be carried from example to example, but each example of the few-spike network '" +
                 network.name + "' stands for itself",
             {},
             "leave the reset options out"});
    }
    if (!findings.empty()) {
        throw DescriptionError(std::move(findings));
    }
}

bool is_recorded(const CompilerOptions& options, const std::string& population) {
    return std::any_of(options.recordings.begin(), options.recordings.end(),
                       [&](const Recording& recording) { return recording.population == population; });
}

}  // namespace

void begin_few_spike(ir::Program& program, const Network& network, const CompilerOptions& options) {
    program.few_spike = models::few_spike_populations(network);
    if (program.few_spike.empty()) {
        return;
    }
    const std::uint32_t k = program.few_spike.front().code.k;
    check_options(network, options, k);
    program.num_timesteps = k;
    for (std::size_t p = 0; p < network.populations.size(); ++p) {
        ir::FewSpikePopulation& population = program.few_spike[p];
        population.exact = options.accumulation == Accumulation::exact;
        population.omits_last_spike = options.compatibility == Compatibility::mlgenn_2_4;
        // The weighted sum is complete in the first step of the population's own presentation.
        const bool fires = is_recorded(options, network.populations[p].name);
        const std::uint32_t steps = population.stage * k + (fires ? k : 1);
        program.num_timesteps = std::max(program.num_timesteps, steps);
    }
}

std::uint32_t few_spike_delay(const ir::FewSpikePopulation& source, const ir::FewSpikePopulation& target) {
    return 1 + (target.stage - 1 - source.stage) * source.code.k;
}

RecordedRows few_spike_rows(const ir::Program& program, const ir::FewSpikePopulation& population) {
    const std::uint32_t begin = population.stage * population.code.k;
    return {.num_rows = program.num_timesteps, .begin = begin, .end = begin + population.code.k};
}

int weight_fraction_bits(const models::LoweredConnectivity& lowered) {
    return lowered.uniform_weight ? models::fraction_bits(std::span(&*lowered.uniform_weight, 1))
                                  : models::fraction_bits(lowered.weights);
}

void choose_few_spike_scale(ir::Program& program, std::size_t p, const Network& network,
                            const std::map<std::string, int>& fraction_bits) {
    constexpr double most_input = 0x1p80;
    const std::string& name = network.populations[p].name;
    std::set<std::string> connections;
    for (const Connection& connection : network.connections) {
        if (connection.target == name) {
            connections.insert(connection.name);
        }
    }
    const auto leads_here = [&](const ir::Accumulator& accumulator) {
        return connections.count(accumulator.connection) != 0;
    };
    double max_abs_input = 0.0;
    int most_fraction_bits = std::numeric_limits<int>::min();
    for (const ir::Accumulator& accumulator : program.accumulators) {
        if (leads_here(accumulator)) {
            max_abs_input += accumulator.max_abs_input;
            most_fraction_bits = std::max(most_fraction_bits, fraction_bits.at(accumulator.connection));
        }
    }
    if (max_abs_input > most_input) {
        throw DescriptionError({"population '" + name + "'",
                                "the weights of one neuron add up to " + std::to_string(max_abs_input) +
                                    ", more than the 2^80 that few-spike sums hold",
                                {},
                                "scale the weights down"});
    }
    ir::FewSpikeSums& sums = program.few_spike[p].sums;
    sums = models::choose_few_spike_sums(sums.source, max_abs_input, most_fraction_bits);
    for (ir::Accumulator& accumulator : program.accumulators) {
        if (leads_here(accumulator)) {
            accumulator.fixed_scale_log2 = sums.scale_log2;
        }
    }
}

}  // namespace mlgenn::passes
