// SPDX-License-Identifier: Apache-2.0
#include "compiler/description/validate_initialisers.h"

#include <cmath>

#include "compiler/description/messages.h"
#include "compiler/description/suggestions.h"
#include "compiler/description/validate_parameters.h"

namespace mlgenn::description {

namespace {

std::vector<std::string> known_names() {
    std::vector<std::string> names;
    for (const models::InitialiserModel& model : models::initialiser_models()) {
        names.push_back(model.entry.name);
    }
    names.emplace_back(code_initialiser);
    return names;
}

void check_order(const models::InitialiserModel& model, const Initialiser& initialiser, const Place& place,
                 Report& report) {
    const std::vector<double> bounds = bounds_of(initialiser);
    for (std::size_t i = 1; i < bounds.size(); ++i) {
        if (bounds[i - 1] > bounds[i]) {
            report.add(place,
                       model.bounds[i - 1] + " is " + number_text(bounds[i - 1]) + ", above " + model.bounds[i] +
                           ", which is " + number_text(bounds[i]),
                       "swap them");
        }
    }
}

void check_code(const Initialiser& initialiser, language::ElementKind elements, const Place& place, Report& report) {
    language::Findings findings;
    language::check_initialiser("code", initialiser.code, initialiser.params, elements, findings);
    for (const language::Finding& finding : findings.all()) {
        report.add(place / finding.part, finding.problem, finding.remedy, finding.notes);
    }
    for (const auto& [name, value] : initialiser.params) {
        if (!std::isfinite(static_cast<float>(value))) {
            report.add(place / name, "found " + number_text(value) + ", expected a finite float32", "correct it");
        }
    }
}

}  // namespace

bool check_initialiser(const Initialiser& initialiser, language::ElementKind elements, const Place& place,
                       Report& report) {
    const std::size_t before = report.num_findings();
    if (initialiser.name == code_initialiser) {
        check_code(initialiser, elements, place, report);
        return report.num_findings() != before;
    }
    const models::InitialiserModel* model = models::find_initialiser_model(initialiser.name);
    if (model == nullptr) {
        report.add(place, "unknown initialiser " + in_quotes(initialiser.name),
                   suggestion(initialiser.name, known_names(), "the initialisers are"));
        return true;
    }
    if (!initialiser.code.empty()) {
        report.add(place, initialiser.name + " has code", "leave the code out, or use the initialiser \"code\"");
    }
    check_parameter_values(model->entry, parameters_of(initialiser), place, report);
    if (report.num_findings() == before) {
        check_order(*model, initialiser, place, report);
    }
    return report.num_findings() != before;
}

std::vector<double> bounds_of(const Initialiser& initialiser) {
    std::vector<double> bounds;
    if (const models::InitialiserModel* model = models::find_initialiser_model(initialiser.name)) {
        const Parameters params = parameters_of(initialiser);
        for (const std::string& name : model->bounds) {
            bounds.push_back(models::ParameterReader(model->entry, params).number(name));
        }
    }
    return bounds;
}

Parameters parameters_of(const Initialiser& initialiser) {
    return {initialiser.params.begin(), initialiser.params.end()};
}

}  // namespace mlgenn::description
