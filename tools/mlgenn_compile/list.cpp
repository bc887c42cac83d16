// SPDX-License-Identifier: Apache-2.0
// `list`: what there is to choose from.
#include <iostream>
#include <nlohmann/json.hpp>

#include "mlgenn/errors.h"
#include "mlgenn/model_info.h"
#include "mlgenn/pipeline_info.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

using Json = nlohmann::ordered_json;

Json default_json(const Value& value) {
    struct Visitor {
        Json operator()(std::monostate) const { return nullptr; }
        Json operator()(bool flag) const { return flag; }
        Json operator()(double number) const { return number; }
        Json operator()(const std::string& word) const { return word; }
        Json operator()(const Array& array) const { return array.to_f32(); }
        Json operator()(const Initialiser& initialiser) const { return initialiser.name; }
    };
    return std::visit(Visitor{}, value.variant());
}

std::string parameter_text(const ParameterInfo& parameter) {
    return parameter.name + (parameter.required ? "" : "=" + format_value(parameter.default_value));
}

std::string parameters_text(const ModelInfo& model) {
    std::string text;
    for (const ParameterInfo& parameter : model.parameters) {
        text += (text.empty() ? "" : ", ") + parameter_text(parameter);
    }
    return text;
}

Json to_json(const ModelInfo& model) {
    Json parameters = Json::array();
    for (const ParameterInfo& parameter : model.parameters) {
        Json entry{{"name", parameter.name}, {"type", parameter.type}, {"required", parameter.required}};
        if (!parameter.required) {
            entry["default"] = default_json(parameter.default_value);
        }
        if (!parameter.choices.empty()) {
            entry["choices"] = parameter.choices;
        }
        if (!parameter.unit.empty()) {
            entry["unit"] = parameter.unit;
        }
        entry["doc"] = parameter.doc;
        parameters.push_back(std::move(entry));
    }
    return {{"kind", model.kind}, {"name", model.name}, {"summary", model.summary}, {"parameters", parameters}};
}

/// Every kind of model, or only metrics.
void print_models(bool metrics_only, bool json) {
    Json all = Json::array();
    std::string kind;
    for (const ModelInfo& model : list_models()) {
        if (metrics_only && model.kind != "metric") {
            continue;
        }
        if (json) {
            all.push_back(to_json(model));
            continue;
        }
        if (!metrics_only && model.kind != kind) {
            std::cout << (kind.empty() ? "" : "\n") << model.kind << '\n';
        }
        kind = model.kind;
        const std::string indent = metrics_only ? "" : "  ";
        std::cout << indent << model.name << ": " << model.summary << '\n';
        const std::string parameters = parameters_text(model);
        if (!parameters.empty()) {
            std::cout << indent << "    " << parameters << '\n';
        }
    }
    if (json) {
        std::cout << all.dump(2) << '\n';
    }
}

void print_backends(bool json) {
    const std::vector<BackendInfo> backends = available_backends();
    if (json) {
        Json all = Json::array();
        for (const BackendInfo& backend : backends) {
            all.push_back({{"name", backend.name}, {"available", backend.available}, {"detail", backend.detail}});
        }
        std::cout << all.dump(2) << '\n';
        return;
    }
    Table table({{"back end"}, {"available"}, {"detail"}});
    for (const BackendInfo& backend : backends) {
        table.add_row({backend.name, backend.available ? "yes" : "no", backend.detail});
    }
    std::cout << table.text();
}

void print_schedules(bool json) {
    Json all = Json::array();
    Table table({{"schedule"}, {"how it runs"}});
    for (const ScheduleInfo& schedule : list_schedules()) {
        all.push_back({{"name", schedule.name}, {"summary", schedule.summary}});
        table.add_row({schedule.name, schedule.summary});
    }
    std::cout << (json ? all.dump(2) + '\n' : table.text());
}

void print_passes(bool json) {
    const std::vector<std::string> names = list_passes();
    if (json) {
        std::cout << Json(names).dump(2) << '\n';
        return;
    }
    for (const std::string& name : names) {
        std::cout << name << '\n';
    }
}

}  // namespace

void run_list(const ListCommand& command) {
    if (command.what == "models") {
        print_models(false, command.json);
    } else if (command.what == "metrics") {
        print_models(true, command.json);
    } else if (command.what == "backends") {
        print_backends(command.json);
    } else if (command.what == "schedules") {
        print_schedules(command.json);
    } else if (command.what == "passes") {
        print_passes(command.json);
    } else {
        throw InternalError("there is no list of " + command.what);
    }
}

}  // namespace mlgenn::cli
