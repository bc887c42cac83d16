// SPDX-License-Identifier: Apache-2.0
// The recorders of one call, checked against what the network was compiled to record.
#include "runtime/src/recorder_choice.h"

#include <optional>
#include <set>
#include <utility>

#include "runtime/src/find_state.h"
#include "runtime/src/input_checks.h"

namespace mlgenn::runtime {

namespace {

std::string or_default(const std::string& key, const std::string& default_key) {
    return key.empty() ? default_key : key;
}

/// Resolves one recorder after the other and collects findings.
class Choice {
public:
    Choice(const ExecutionPlan& plan, std::size_t num_examples, std::vector<Diagnostic>& problems)
        : plan_(plan), num_examples_(num_examples), problems_(problems) {}

    void operator()(const std::shared_ptr<Callback>&) {}

    void operator()(const SpikeRecorder& recorder) {
        const std::string key =
            or_default(recorder.key, recorder.population + (recorder.record_counts ? ".spike_counts" : ".spikes"));
        const std::string where = "SpikeRecorder '" + key + "'";
        const auto index = find_recording(recorder.population, "");
        if (!index) {
            problems_.push_back(
                {.where = where,
                 .problem = "the network was not compiled to record spikes of population '" + recorder.population + "'",
                 .notes = {recorded()},
                 .remedy = "set record_spikes of the population, or give the compiler this callback"});
            return;
        }
        ExampleSelection examples(recorder.example_filter, num_examples_, where + ", example_filter", problems_);
        std::vector<std::uint32_t> neurons = selected_neurons(recorder.neuron_filter, plan_.recordings[*index].shape,
                                                              where + ", neuron_filter", problems_);
        add({.kind = recorder.record_counts ? ChosenRecorder::Kind::spike_counts : ChosenRecorder::Kind::spikes,
             .key = key,
             .plan_index = *index,
             .examples = std::move(examples),
             .neurons = std::move(neurons)},
            where);
    }

    void operator()(const VarRecorder& recorder) {
        const std::string key = or_default(recorder.key, recorder.population + "." + recorder.variable);
        const std::string where = "VarRecorder '" + key + "'";
        if (recorder.variable.empty()) {
            problems_.push_back({where, "it names no variable", {}, "name one, \"V\" for example"});
            return;
        }
        const auto index = find_recording(recorder.population, recorder.variable);
        if (!index) {
            problems_.push_back({.where = where,
                                 .problem = "the network was not compiled to record variable '" + recorder.variable +
                                            "' of population '" + recorder.population + "'",
                                 .notes = {recorded()},
                                 .remedy = "give the compiler this callback, or add the variable to its recordings"});
            return;
        }
        ExampleSelection examples(recorder.example_filter, num_examples_, where + ", example_filter", problems_);
        std::vector<std::uint32_t> neurons = selected_neurons(recorder.neuron_filter, plan_.recordings[*index].shape,
                                                              where + ", neuron_filter", problems_);
        add({.kind = ChosenRecorder::Kind::variable,
             .key = key,
             .plan_index = *index,
             .examples = std::move(examples),
             .neurons = std::move(neurons)},
            where);
    }

    void operator()(const ConnVarRecorder& recorder) {
        const std::string key = or_default(recorder.key, recorder.connection + "." + recorder.variable);
        const std::string where = "ConnVarRecorder '" + key + "'";
        for (std::size_t k = 0; k < plan_.connection_variables.size(); ++k) {
            const ConnectionVariablePlan& known = plan_.connection_variables[k];
            if (known.connection != recorder.connection || known.variable != recorder.variable) {
                continue;
            }
            ExampleSelection examples(recorder.example_filter, num_examples_, where + ", example_filter", problems_);
            std::vector<std::uint32_t> sources = selected_neurons(recorder.src_neuron_filter, known.source_shape,
                                                                  where + ", src_neuron_filter", problems_);
            std::vector<std::uint32_t> targets = selected_neurons(recorder.trg_neuron_filter, known.target_shape,
                                                                  where + ", trg_neuron_filter", problems_);
            add({.kind = ChosenRecorder::Kind::connection,
                 .key = key,
                 .plan_index = k,
                 .examples = std::move(examples),
                 .neurons = std::move(sources),
                 .targets = std::move(targets)},
                where);
            return;
        }
        problems_.push_back(
            {.where = where,
             .problem = "the network was not compiled to give variable '" + recorder.variable + "' of connection '" +
                        recorder.connection + "'",
             .notes = {},
             .remedy = "give the compiler this callback, or add the variable to its recorded_connections"});
    }

    [[nodiscard]] std::vector<ChosenRecorder> take() { return std::move(chosen_); }

private:
    [[nodiscard]] std::optional<std::size_t> find_recording(const std::string& population,
                                                            const std::string& variable) const {
        const StatePlan* state = find_state(plan_, population, variable);
        for (std::size_t r = 0; r < plan_.recordings.size(); ++r) {
            const RecordingPlan& recording = plan_.recordings[r];
            if (recording.population == population && recording.spikes == variable.empty() &&
                (state != nullptr ? recording.variable == state->variable
                                  : same_variable(recording.variable, variable))) {
                return r;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::string recorded() const {
        std::vector<std::string> names;
        for (const RecordingPlan& recording : plan_.recordings) {
            names.push_back(recording.population + "." + (recording.spikes ? "spikes" : recording.variable));
        }
        return "it records: " + quoted_list(names);
    }

    void add(ChosenRecorder recorder, const std::string& where) {
        if (!keys_.insert(recorder.key).second) {
            problems_.push_back({.where = where,
                                 .problem = "another recorder has the same key",
                                 .notes = {},
                                 .remedy = "give every recorder a key of its own"});
            return;
        }
        chosen_.push_back(std::move(recorder));
    }

    const ExecutionPlan& plan_;
    std::size_t num_examples_;
    std::vector<Diagnostic>& problems_;
    std::vector<ChosenRecorder> chosen_{};
    std::set<std::string> keys_{};
};

}  // namespace

std::vector<ChosenRecorder> choose_recorders(const ExecutionPlan& plan, std::span<const CallbackSpec> callbacks,
                                             std::size_t num_examples, std::vector<Diagnostic>& problems) {
    Choice choice(plan, num_examples, problems);
    for (const CallbackSpec& callback : callbacks) {
        std::visit(choice, callback.variant());
    }
    return choice.take();
}

}  // namespace mlgenn::runtime
