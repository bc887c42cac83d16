// SPDX-License-Identifier: Apache-2.0
// The metrics that outputs name.
#include "compiler/description/validate_metrics.h"

#include <limits>
#include <set>
#include <string>

#include "compiler/description/messages.h"
#include "compiler/description/metric_text.h"
#include "compiler/description/suggestions.h"
#include "compiler/description/validate_parameters.h"
#include "compiler/models/catalogue.h"

namespace mlgenn::description {

namespace {

class MetricCheck {
public:
    MetricCheck(Population& population, const language::ModelTable& models, const Place& place, Report& report)
        : population_(population), models_(models), place_(place / "metrics"), report_(report) {}

    void run() {
        if (!population_.readout) {
            report_.add(place_, "metrics score what a readout gives back, and the population has none",
                        "give it a readout, or leave the metrics out");
            return;
        }
        for (std::size_t i = 0; i < population_.metrics.size(); ++i) {
            check(population_.metrics[i], place_ / std::to_string(i));
        }
    }

private:
    void check(MetricSpec& spec, const Place& place) {
        if (!report_.is_readable(place)) {
            return;
        }
        if (std::string problem = parse_metric_text(spec); !problem.empty()) {
            report_.add(place, std::move(problem), "write METRIC, METRIC(PARAMETER=VALUE, ...) or NAME: METRIC");
            return;
        }
        const models::MetricModel* model = models_.find_metric_model(spec.metric.model);
        if (model == nullptr) {
            report_.add(
                place,
                spec.metric.model.empty() ? "no metric is given" : "there is no metric " + in_quotes(spec.metric.model),
                suggestion(spec.metric.model, models_.metric_model_names(), "the metrics are"));
            return;
        }
        const std::size_t before = report_.num_findings();
        check_parameters(model->entry, spec.metric.params, place, report_);
        if (report_.num_findings() == before) {
            check_output(*model, spec, place);
        }
        check_name(spec, place);
    }

    void check_output(const models::MetricModel& model, const MetricSpec& spec, const Place& place) {
        const std::size_t num_neurons = num_elements(population_.shape);
        if (model.obstacle == nullptr || population_.shape.empty() ||
            num_neurons > std::numeric_limits<std::uint32_t>::max()) {
            return;
        }
        if (const auto obstacle = model.obstacle(models::ParameterReader(model.entry, spec.metric.params),
                                                 static_cast<std::uint32_t>(num_neurons))) {
            report_.add(place, obstacle->problem, obstacle->remedy);
        }
    }

    void check_name(MetricSpec& spec, const Place& place) {
        if (spec.name.empty()) {
            spec.name = metric_text(spec.metric);
        } else if (spec.name != metric_text(spec.metric) && !is_well_formed_name(spec.name)) {
            report_.add(place,
                        "found the name " + in_quotes(spec.name) +
                            " for the results, expected a letter and then letters, digits or '_', at most 128 in all",
                        "choose another name");
            return;
        }
        if (!seen_.insert(spec.name).second) {
            report_.add(place, "there are two metrics of the name " + in_quotes(spec.name),
                        "leave one out, or name one's results: NAME: METRIC");
        }
    }

    Population& population_;
    const language::ModelTable& models_;
    Place place_;
    Report& report_;
    std::set<std::string> seen_;
};

}  // namespace

void complete_metrics(Network& network, const language::ModelTable& models, Report& report) {
    for (std::size_t i = 0; i < network.populations.size(); ++i) {
        if (!network.populations[i].metrics.empty()) {
            MetricCheck(network.populations[i], models, population_place(i), report).run();
        }
    }
}

void replace_metrics(Network& network, const std::map<std::string, std::vector<MetricSpec>>& metrics) {
    if (metrics.empty()) {
        return;
    }
    for (Population& population : network.populations) {
        population.metrics.clear();
    }
    std::vector<Diagnostic> findings;
    // Holds the outputs alone and comes from no file, so that messages do not point into the description.
    Network outputs;
    for (const auto& [name, specs] : metrics) {
        const Population* output = network.find_population(name);
        if (output == nullptr || !output->readout) {
            findings.push_back({"metrics of " + in_quotes(name),
                                "the network has no such output",
                                {},
                                "name a population that has a readout"});
            continue;
        }
        outputs.populations.push_back(*output);
        outputs.populations.back().metrics = specs;
    }
    Report report(outputs, std::move(findings), {});
    outputs.metric_models = network.metric_models;
    complete_metrics(outputs, language::ModelTable(outputs), report);
    if (report.num_findings() != 0) {
        throw DescriptionError(std::move(report.findings()));
    }
    for (Population& output : outputs.populations) {
        for (Population& population : network.populations) {
            if (population.name == output.name) {
                population.metrics = output.metrics;
            }
        }
    }
}

}  // namespace mlgenn::description
