// SPDX-License-Identifier: Apache-2.0
// The committed schema is the one that the catalogue gives, and knows exactly the catalogue's models.
#include "compiler/description/schema.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "compiler/models/catalogue.h"

namespace mlgenn {
namespace {

using nlohmann::json;

std::string committed_schema() {
    std::ifstream stream(MLGENN_SOURCE_DIR "/schemas/network.schema.json");
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Schema, IsUpToDate) {
    EXPECT_EQ(committed_schema(), description::network_schema()) << "run `ninja update_network_schema`";
}

/// Model name -> parameter names, as a definition of the schema has them.
std::map<std::string, std::set<std::string>> models_in(const json& definition) {
    std::map<std::string, std::set<std::string>> models;
    for (const json& form : definition.at("anyOf")) {
        if (form.contains("enum")) {
            continue;
        }
        std::set<std::string>& parameters = models[form.at("properties").at("model").at("const").get<std::string>()];
        for (const auto& item : form.at("properties").at("params").at("properties").items()) {
            parameters.insert(item.key());
        }
    }
    return models;
}

template <class Model>
std::map<std::string, std::set<std::string>> models_in(std::span<const Model> table) {
    std::map<std::string, std::set<std::string>> models;
    for (const Model& model : table) {
        std::set<std::string>& parameters = models[model.entry.name];
        for (const models::ParameterSpec& spec : model.entry.parameters) {
            parameters.insert(spec.name);
        }
    }
    return models;
}

TEST(Schema, ListsExactlyTheCatalogue) {
    const json definitions = json::parse(committed_schema()).at("definitions");
    EXPECT_EQ(models_in(definitions.at("neuron")), models_in(models::neuron_models()));
    EXPECT_EQ(models_in(definitions.at("synapse")), models_in(models::synapse_models()));
    EXPECT_EQ(models_in(definitions.at("connectivity")), models_in(models::connectivity_models()));
    EXPECT_EQ(models_in(definitions.at("readout")), models_in(models::readout_models()));
}

/// Every "$ref" points to a definition.
void check_references(const json& value, const json& definitions) {
    for (const auto& item : value.items()) {
        if (item.key() == "$ref" && item.value().is_string()) {
            const std::string target = item.value().get<std::string>();
            EXPECT_TRUE(definitions.contains(target.substr(std::string("#/definitions/").size()))) << target;
        } else if (item.value().is_structured()) {
            check_references(item.value(), definitions);
        }
    }
}

TEST(Schema, RefersOnlyToWhatItDefines) {
    const json schema = json::parse(committed_schema());
    check_references(schema, schema.at("definitions"));
}

}  // namespace
}  // namespace mlgenn
