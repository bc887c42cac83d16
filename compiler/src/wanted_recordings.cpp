// SPDX-License-Identifier: Apache-2.0
// Everything that a compiled network must be able to record, whoever asked for it.
#include "compiler/src/wanted_recordings.h"

#include <algorithm>
#include <memory>

namespace mlgenn {
namespace {

/// Adds what one callback after the other needs.
class Wanted {
public:
    explicit Wanted(CompilerOptions& options) : options_(options) {}

    void operator()(const std::shared_ptr<Callback>&) {}
    void operator()(const SpikeRecorder& recorder) { add(recorder.population, ""); }
    void operator()(const VarRecorder& recorder) {
        // Without a variable it is the recorder's mistake, which every call reports.
        if (!recorder.variable.empty()) {
            add(recorder.population, recorder.variable);
        }
    }
    void operator()(const ConnVarRecorder& recorder) {
        std::vector<ConnectionVariable>& list = options_.recorded_connections;
        if (std::none_of(list.begin(), list.end(), [&](const ConnectionVariable& known) {
                return known.connection == recorder.connection && known.variable == recorder.variable;
            })) {
            list.push_back({recorder.connection, recorder.variable});
        }
    }

    void add(const std::string& population, const std::string& variable) {
        std::vector<Recording>& list = options_.recordings;
        if (std::none_of(list.begin(), list.end(), [&](const Recording& known) {
                return known.population == population && known.variable == variable;
            })) {
            list.push_back({.population = population, .variable = variable, .returned = false});
        }
    }

private:
    CompilerOptions& options_;
};

}  // namespace

CompilerOptions with_wanted_recordings(CompilerOptions options, const Network& network) {
    Wanted wanted(options);
    for (const Population& population : network.populations) {
        if (population.record_spikes) {
            wanted.add(population.name, "");
        }
    }
    const std::vector<CallbackSpec> callbacks = options.callbacks;
    for (const CallbackSpec& callback : callbacks) {
        std::visit(wanted, callback.variant());
    }
    return options;
}

}  // namespace mlgenn
