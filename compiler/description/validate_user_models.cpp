// SPDX-License-Identifier: Apache-2.0
#include "compiler/description/validate_user_models.h"

#include <set>
#include <string>

#include "compiler/description/messages.h"

namespace mlgenn::description {
namespace {

class UserModelCheck {
public:
    UserModelCheck(const char* kind, Place (*place)(std::size_t), Report& report)
        : kind_(kind), place_(place), report_(report) {}

    void check(std::size_t index, const std::string& name, bool is_built_in, const language::Findings& findings) {
        const Place place = place_(index);
        if (!is_well_formed_name(name)) {
            report_.add(
                place / "name",
                "found " + in_quotes(name) + ", expected a letter and then letters, digits or '_', at most 128 in all",
                "choose another name");
        } else if (is_built_in) {
            report_.add(place / "name", "'" + name + "' is a built-in " + kind_, "choose another name");
        } else if (!seen_.insert(name).second) {
            report_.add(place / "name", "there are two of the name '" + name + "'", "choose another name");
        }
        for (const language::Finding& finding : findings.all()) {
            report_.add(place / finding.part, finding.problem, finding.remedy, finding.notes);
        }
    }

private:
    std::string kind_;
    Place (*place_)(std::size_t);
    Report& report_;
    std::set<std::string> seen_;
};

}  // namespace

void check_user_models(const Network& network, const language::ModelTable& models, Report& report) {
    UserModelCheck neurons("neuron model", neuron_model_place, report);
    for (std::size_t i = 0; i < network.neuron_models.size(); ++i) {
        const std::string& name = network.neuron_models[i].name;
        neurons.check(i, name, models::find_neuron_model(name) != nullptr, models.neuron_findings()[i]);
    }
    UserModelCheck synapses("synapse", synapse_model_place, report);
    for (std::size_t i = 0; i < network.synapse_models.size(); ++i) {
        const std::string& name = network.synapse_models[i].name;
        synapses.check(i, name, models::find_synapse_model(name) != nullptr, models.synapse_findings()[i]);
    }
    UserModelCheck metrics("metric", metric_model_place, report);
    for (std::size_t i = 0; i < network.metric_models.size(); ++i) {
        const std::string& name = network.metric_models[i].name;
        metrics.check(i, name, models::find_metric_model(name) != nullptr, models.metric_findings()[i]);
    }
}

}  // namespace mlgenn::description
