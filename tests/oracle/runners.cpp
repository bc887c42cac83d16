// SPDX-License-Identifier: Apache-2.0
// Runs recorded cases on the reference interpreter and on compiled networks.
#include "tests/oracle/runners.h"

#include "compiler/models/catalogue.h"
#include "tests/support/compare.h"

namespace mlgenn::oracle {
namespace {

using test_support::ExpectedMetric;
using test_support::ExpectedTrace;
using test_support::OracleCase;
using test_support::UnsupportedCase;

struct Mode {
    std::string name;
    Accumulation accumulation;
};
const std::vector<Mode>& modes() {
    static const std::vector<Mode> all = {{"exact", Accumulation::exact}, {"ordered", Accumulation::ordered}};
    return all;
}

std::vector<Recording> trace_recordings(const OracleCase& oracle) {
    std::vector<Recording> recordings;
    for (const ExpectedTrace& trace : oracle.traces) {
        recordings.push_back({.population = trace.population, .variable = trace.variable});
    }
    return recordings;
}

/// mean_square_error and sparse_categorical_accuracy by their definitions, in double.
double reference_metric(const ExpectedMetric& metric, const Array& output) {
    const std::size_t num_examples = output.shape().at(0);
    const std::size_t width = output.size() / num_examples;
    double sum = 0.0;
    for (std::size_t e = 0; e < num_examples; ++e) {
        if (metric.metric == "sparse_categorical_accuracy") {
            std::size_t best = 0;
            for (std::size_t j = 1; j < width; ++j) {
                best = output.value(e * width + j) > output.value(e * width + best) ? j : best;
            }
            sum += static_cast<double>(best) == metric.labels.value(e) ? 1.0 : 0.0;
        } else if (metric.metric == "mean_square_error") {
            for (std::size_t j = 0; j < width; ++j) {
                const double error = output.value(e * width + j) - metric.labels.value(e * width + j);
                sum += error * error / static_cast<double>(width);
            }
        } else {
            throw UnsupportedCase("metric '" + metric.metric + "'");
        }
    }
    return sum / static_cast<double>(num_examples);
}

CaseResult run_on_reference(const OracleCase& oracle, Accumulation accumulation) {
    reference::ReferenceOptions options;
    options.timesteps = oracle.timesteps;
    options.dt = oracle.dt;
    options.accumulation = accumulation;
    options.reset = oracle.reset;
    options.traces = trace_recordings(oracle);
    try {
        reference::ReferenceResult result = reference::run_reference(oracle.network, options, oracle.inputs);
        CaseResult found{std::move(result.outputs), {}, std::move(result.recordings), {}};
        if (!oracle.original_readouts.empty()) {
            options.compatibility = Compatibility::mlgenn_2_4;
            found.original_outputs = reference::run_reference(oracle.network, options, oracle.inputs).outputs;
        }
        const auto& scored = oracle.original_readouts.empty() ? found.outputs : found.original_outputs;
        for (const ExpectedMetric& metric : oracle.metrics) {
            found.metrics.push_back(reference_metric(metric, scored.at(metric.population)));
        }
        return found;
    } catch (const reference::Unsupported& reason) {
        throw UnsupportedCase(reason.what());
    }
}

void require_known(bool known, const std::string& what, const std::string& name) {
    if (!known) {
        throw UnsupportedCase(what + " '" + name + "' is not in the catalogue");
    }
}

/// A case may use models that the catalogue does not have; anything else that validation rejects is a failure.
void require_in_catalogue(const OracleCase& oracle) {
    for (const Population& population : oracle.network.populations) {
        require_known(models::find_neuron_model(population.neuron.model) != nullptr, "neuron model",
                      population.neuron.model);
        if (population.readout) {
            require_known(models::find_readout_model(population.readout->model) != nullptr, "readout",
                          population.readout->model);
        }
    }
    for (const Connection& connection : oracle.network.connections) {
        require_known(models::find_connectivity_model(connection.connectivity.model) != nullptr, "connectivity",
                      connection.connectivity.model);
        require_known(models::find_synapse_model(connection.synapse.model) != nullptr, "synapse model",
                      connection.synapse.model);
    }
    for (const ExpectedMetric& metric : oracle.metrics) {
        require_known(models::find_metric_model(metric.metric) != nullptr, "metric", metric.metric);
    }
}

CompilerOptions compiler_options(const OracleCase& oracle, const std::string& backend, Accumulation accumulation) {
    CompilerOptions options;
    options.example_timesteps = oracle.timesteps;
    options.dt = oracle.dt;
    options.accumulation = accumulation;
    options.backend = backend;
    options.compatibility = oracle.consecutive ? Compatibility::mlgenn_2_4 : Compatibility::none;
    options.cache_dir = "off";
    options.recordings = trace_recordings(oracle);
    for (const test_support::ExpectedSpikes& spikes : oracle.spikes) {
        options.recordings.push_back({.population = spikes.population});
    }
    for (const test_support::ExpectedSpikeTotals& totals : oracle.spike_totals) {
        options.recordings.push_back({.population = totals.population});
    }
    return options;
}

void add_metrics(const OracleCase& oracle, CompiledNetwork& compiled, CaseResult& found) {
    for (const ExpectedMetric& metric : oracle.metrics) {
        compiled.reset();
        EvaluateOptions evaluate;
        evaluate.reset = oracle.reset;
        evaluate.metrics[metric.population] = {metric.metric};
        const Evaluation evaluation = compiled.evaluate(oracle.inputs, {{metric.population, metric.labels}}, evaluate);
        found.metrics.push_back(evaluation.metric(metric.population, metric.metric).value);
    }
}

/// The two ways to run a few-spike network must not differ in a bit.
void require_same(const Predictions& literal, const Predictions& collapsed) {
    for (const auto& [population, output] : literal.outputs) {
        if (const auto difference = test_support::bit_difference(output, collapsed.outputs.at(population))) {
            throw std::runtime_error("collapsed readout of " + population + " " + *difference);
        }
    }
    for (const auto& [key, spikes] : literal.recordings.spikes) {
        if (const auto difference = test_support::difference(spikes, collapsed.recordings.spikes.at(key))) {
            throw std::runtime_error("collapsed " + key + ": " + *difference);
        }
    }
}

CaseResult run_few_spike(const OracleCase& oracle, const std::string& backend, Accumulation accumulation) {
    FewSpikeCompilerOptions options{compiler_options(oracle, backend, accumulation), {}};
    options.few_spike = "literal";
    Predictions literal = FewSpikeCompiler(options).compile(oracle.network).predict(oracle.inputs);
    if (accumulation == Accumulation::exact) {
        options.few_spike = "collapsed";
        require_same(literal, FewSpikeCompiler(options).compile(oracle.network).predict(oracle.inputs));
    }
    options.few_spike = "auto";
    options.compatibility = Compatibility::mlgenn_2_4;
    CompiledNetwork original = FewSpikeCompiler(options).compile(oracle.network);
    CaseResult found{
        std::move(literal.outputs), original.predict(oracle.inputs).outputs, std::move(literal.recordings), {}};
    add_metrics(oracle, original, found);
    return found;
}

CaseResult run_compiled(const OracleCase& oracle, const std::string& backend, Accumulation accumulation) {
    require_in_catalogue(oracle);
    if (oracle.few_spike) {
        return run_few_spike(oracle, backend, accumulation);
    }
    const InferenceCompiler compiler(compiler_options(oracle, backend, accumulation));
    CompiledNetwork compiled = compiler.compile(oracle.network);
    RunOptions run;
    run.reset = oracle.reset;
    Predictions predictions = compiled.predict(oracle.inputs, run);
    CaseResult found{std::move(predictions.outputs), {}, std::move(predictions.recordings), {}};
    add_metrics(oracle, compiled, found);
    return found;
}

}  // namespace

std::vector<Runner> reference_runners() {
    std::vector<Runner> runners;
    for (const Mode& mode : modes()) {
        runners.push_back({"reference " + mode.name, [accumulation = mode.accumulation](const OracleCase& oracle) {
                               return run_on_reference(oracle, accumulation);
                           }});
    }
    return runners;
}

std::vector<Runner> backend_runners() {
    std::vector<Runner> runners;
    for (const BackendInfo& backend : available_backends()) {
        if (!backend.available) {
            continue;
        }
        for (const Mode& mode : modes()) {
            runners.push_back({backend.name + " " + mode.name,
                               [name = backend.name, accumulation = mode.accumulation](const OracleCase& oracle) {
                                   return run_compiled(oracle, name, accumulation);
                               }});
        }
    }
    return runners;
}

std::vector<Runner> all_runners() {
    std::vector<Runner> runners = reference_runners();
    for (Runner& runner : backend_runners()) {
        runners.push_back(std::move(runner));
    }
    return runners;
}

}  // namespace mlgenn::oracle
