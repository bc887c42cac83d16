// SPDX-License-Identifier: Apache-2.0
// Compares compiled networks with the reference interpreter.
#include "tests/differential/expect_same.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "compiler/models/catalogue.h"
#include "tests/differential/run_session.h"
#include "tests/reference/few_spike.h"
#include "tests/reference/reference_interpreter.h"
#include "tests/support/compare.h"

namespace mlgenn::differential {
namespace {

using reference::ReferenceResult;

std::vector<std::string> schedules_of(const std::string& backend) {
    return backend == "cuda" ? std::vector<std::string>{"whole_sequence", "step"}
                             : std::vector<std::string>{"sequential", "layerwise"};
}

std::string name_of(Accumulation accumulation) {
    return accumulation == Accumulation::exact ? "exact" : "ordered";
}

std::vector<std::string> targets_of(const std::string& backend) {
    if (backend != "llvm") {
        return {"native"};
    }
    std::vector<std::string> targets = {"generic"};
    if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0) {
        targets.emplace_back("avx2");
    }
    if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
        __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0) {
        targets.emplace_back("avx512");
    }
    return targets;
}

/// All that can run here, or the one that MLGENN_TEST_BACKEND names.
std::vector<std::string> usable_backends() {
    const char* only = std::getenv("MLGENN_TEST_BACKEND");
    std::vector<std::string> names;
    for (const BackendInfo& backend : available_backends()) {
        if (backend.available && (only == nullptr || backend.name == only)) {
            names.push_back(backend.name);
        }
    }
    return names;
}

/// A state variable exists when the catalogue lists it and the parameters switch it on.
bool has_variable(const Population& population, const std::string& variable) {
    if (variable != "RefracTime") {
        return true;
    }
    const auto found = population.neuron.params.find("tau_refrac");
    return found != population.neuron.params.end() && !found->second.is_null();
}

struct WhatToRecord {
    std::vector<Recording> spikes;
    std::vector<Recording> traces;
};

void add_user_model(const Network& network, const Population& population, WhatToRecord& recordings) {
    for (const UserNeuronModel& model : network.neuron_models) {
        if (model.name != population.neuron.model) {
            continue;
        }
        if (!model.threshold_condition_code.empty() || !model.threshold.empty()) {
            recordings.spikes.push_back({.population = population.name});
        }
        for (const auto& [variable, initial] : model.vars) {
            recordings.traces.push_back({.population = population.name, .variable = variable});
        }
    }
}

WhatToRecord recordings_of(const Network& network) {
    WhatToRecord recordings;
    for (const Population& population : network.populations) {
        const models::NeuronModel* model = models::find_neuron_model(population.neuron.model);
        if (model == nullptr) {
            add_user_model(network, population, recordings);
            continue;
        }
        if (model->spiking) {
            recordings.spikes.push_back({.population = population.name});
        }
        for (const std::string& variable : model->variables) {
            if (has_variable(population, variable)) {
                recordings.traces.push_back({.population = population.name, .variable = variable});
            }
        }
    }
    return recordings;
}

CompilerOptions options_for(const Variant& variant, const RunSettings& settings, const WhatToRecord& recordings) {
    CompilerOptions options;
    options.example_timesteps = settings.timesteps;
    options.dt = settings.dt;
    options.rng_seed = settings.rng_seed;
    options.batch_size = *std::max_element(variant.batch_sizes.begin(), variant.batch_sizes.end());
    options.accumulation = variant.accumulation;
    options.backend = variant.backend;
    options.target = variant.target;
    options.schedule = variant.schedule;
    options.num_threads = variant.num_threads;
    options.few_spike = variant.few_spike;
    options.recordings = recordings.spikes;
    if (variant.few_spike != "collapsed") {
        options.recordings.insert(options.recordings.end(), recordings.traces.begin(), recordings.traces.end());
    }
    options.cache_dir = "off";
    return options;
}

ReferenceResult expected_result(const Network& network, const RunSettings& settings, const Inputs& inputs,
                                Accumulation accumulation, std::uint32_t batch_size, const WhatToRecord& recordings) {
    reference::ReferenceOptions options;
    options.timesteps = settings.timesteps;
    options.dt = settings.dt;
    options.accumulation = accumulation;
    options.batch_size = batch_size;
    options.reset = settings.reset;
    options.rng_seed = settings.rng_seed;
    options.traces = recordings.traces;
    return reference::run_reference(network, options, inputs);
}

std::optional<std::string> compare(const ReferenceResult& expected, const Predictions& found,
                                   const WhatToRecord& recordings) {
    for (const Recording& recording : recordings.spikes) {
        const std::string key = recording.population + ".spikes";
        if (const auto difference =
                test_support::difference(expected.recordings.spikes.at(key), found.recordings.spikes.at(key))) {
            return "spikes of " + recording.population + ": " + *difference;
        }
    }
    for (const Recording& recording : recordings.traces) {
        const std::string key = recording.population + "." + recording.variable;
        if (found.recordings.traces.empty()) {
            break;
        }
        if (const auto difference =
                test_support::bit_difference(expected.recordings.traces.at(key), found.recordings.traces.at(key))) {
            return "trace " + key + " " + *difference;
        }
    }
    if (expected.outputs.size() != found.outputs.size()) {
        return "expected " + std::to_string(expected.outputs.size()) + " outputs, found " +
               std::to_string(found.outputs.size());
    }
    for (const auto& [population, output] : expected.outputs) {
        if (const auto difference = test_support::bit_difference(output, found.outputs.at(population))) {
            return "readout of " + population + " " + *difference;
        }
    }
    return std::nullopt;
}

/// Results of the reference, which do not depend on the batch size unless something is carried over.
class References {
public:
    References(const Network& network, const RunSettings& settings, const Inputs& inputs)
        : network_(&network), settings_(&settings), inputs_(&inputs), recordings_(recordings_of(network)) {}

    const ReferenceResult& session_result(Accumulation accumulation) {
        const auto found = session_results_.find(accumulation);
        if (found != session_results_.end()) {
            return found->second;
        }
        RunSettings carrying = *settings_;
        carrying.reset = session_reset;
        return session_results_
            .emplace(accumulation, expected_result(*network_, carrying, *inputs_, accumulation, 1, recordings_))
            .first->second;
    }

    const ReferenceResult& result(Accumulation accumulation, std::uint32_t batch_size) {
        const ResetOptions& reset = settings_->reset;
        const bool independent = reset.time && reset.vars && reset.in_syn && reset.in_flight;
        const std::pair<Accumulation, std::uint32_t> key{accumulation, independent ? 1 : batch_size};
        const auto found = results_.find(key);
        if (found != results_.end()) {
            return found->second;
        }
        return results_
            .emplace(key, expected_result(*network_, *settings_, *inputs_, accumulation, key.second, recordings_))
            .first->second;
    }
    const WhatToRecord& recordings() const { return recordings_; }

private:
    const Network* network_;
    const RunSettings* settings_;
    const Inputs* inputs_;
    WhatToRecord recordings_;
    std::map<std::pair<Accumulation, std::uint32_t>, ReferenceResult> results_;
    std::map<Accumulation, ReferenceResult> session_results_;
};

std::optional<std::string> difference_in(CompiledNetwork& compiled, const Variant& variant, const RunSettings& settings,
                                         const Inputs& inputs, References& references) {
    for (const std::uint32_t batch_size : variant.batch_sizes) {
        compiled.reset();
        RunOptions run;
        run.batch_size = batch_size;
        run.reset = settings.reset;
        const Predictions found = compiled.predict(inputs, run);
        const ReferenceResult& expected = references.result(variant.accumulation, batch_size);
        if (const auto difference = compare(expected, found, references.recordings())) {
            return variant.text() + ", batch size " + std::to_string(batch_size) + ": " + *difference;
        }
    }
    if (variant.session) {
        const ReferenceResult& expected = references.session_result(variant.accumulation);
        if (const auto difference = compare(expected, predict_in_session(compiled, inputs), references.recordings())) {
            return variant.text() + ", in a session: " + *difference;
        }
    }
    return std::nullopt;
}

/// Few-spike networks run in two ways.
std::vector<Variant> with_few_spike_modes(const Network& network, const std::vector<Variant>& variants) {
    if (!reference::is_few_spike(network)) {
        return variants;
    }
    std::vector<Variant> result;
    for (Variant variant : variants) {
        // Their examples stand for themselves.
        variant.session = false;
        result.push_back(variant);
        if (variant.accumulation == Accumulation::exact) {
            variant.few_spike = "collapsed";
            result.push_back(variant);
        }
    }
    return result;
}

}  // namespace

std::string Variant::text() const {
    return backend + " " + target + " " + schedule + " " + name_of(accumulation) + ", " + std::to_string(num_threads) +
           " thread(s)" + (few_spike == "literal" ? std::string() : ", few-spike " + few_spike);
}

std::vector<Variant> all_variants() {
    std::vector<Variant> variants;
    for (const std::string& backend : usable_backends()) {
        for (const std::string& target : targets_of(backend)) {
            for (const std::string& schedule : schedules_of(backend)) {
                for (const Accumulation accumulation : {Accumulation::exact, Accumulation::ordered}) {
                    const auto num_threads = static_cast<std::uint32_t>(1 + variants.size() / 2 % 2);
                    const bool session = accumulation == Accumulation::exact;
                    variants.push_back({backend, target, schedule, accumulation, num_threads, {1, 3, 7}, session});
                }
            }
        }
    }
    return variants;
}

std::vector<Variant> sampled_variants(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<Variant> variants;
    for (const std::string& backend : usable_backends()) {
        const std::vector<std::string> targets = targets_of(backend);
        std::vector<Variant> of_backend;
        for (const std::string& schedule : schedules_of(backend)) {
            for (const Accumulation accumulation : {Accumulation::exact, Accumulation::ordered}) {
                const std::string& target = targets[random() % targets.size()];
                const auto num_threads = static_cast<std::uint32_t>(1 + random() % 2);
                const std::uint32_t batch_size = std::vector<std::uint32_t>{1, 3, 7}[random() % 3];
                of_backend.push_back({backend, target, schedule, accumulation, num_threads, {batch_size}});
            }
        }
        of_backend[seed % of_backend.size()].session = true;
        // GPU code takes long to make: seeds take turns.
        const bool one_only = backend == "cuda";
        const auto first = of_backend.begin() + (one_only ? static_cast<std::ptrdiff_t>(seed % of_backend.size()) : 0);
        variants.insert(variants.end(), first, one_only ? first + 1 : of_backend.end());
    }
    return variants;
}

std::optional<std::string> first_difference(const Network& expected, const Network& compiled,
                                            const RunSettings& settings, const Inputs& inputs,
                                            const std::vector<Variant>& variants) {
    const Network completed = validated(expected);
    References references(completed, settings, inputs);
    std::size_t num_run = 0;
    std::string reason;
    for (const Variant& variant : with_few_spike_modes(completed, variants)) {
        std::optional<CompiledNetwork> ready;
        try {
            ready.emplace(InferenceCompiler(options_for(variant, settings, references.recordings())).compile(compiled));
        } catch (const BackendError& error) {
            reason = error.what();
            continue;
        }
        ++num_run;
        if (const auto difference = difference_in(*ready, variant, settings, inputs, references)) {
            return difference;
        }
    }
    if (num_run == 0) {
        return "no variant can run the network; the last said: " + reason;
    }
    return std::nullopt;
}

void expect_same(const Network& network, const RunSettings& settings, const Inputs& inputs,
                 const std::vector<Variant>& variants) {
    try {
        if (const auto difference = first_difference(network, network, settings, inputs, variants)) {
            ADD_FAILURE() << *difference << "\n" << describe(network, settings);
        }
    } catch (const std::exception& error) {
        ADD_FAILURE() << error.what() << "\n" << describe(network, settings);
    }
}

}  // namespace mlgenn::differential
