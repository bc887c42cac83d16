// SPDX-License-Identifier: Apache-2.0
// The one check of every broken description, and the pieces that they are made of.
#include "tests/errors/description_case.h"

#include "compiler/models/catalogue.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace mlgenn::test {

namespace {

std::string joined(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) {
        text += (text.empty() ? "" : ", ") + item;
    }
    return text;
}

template <class Model, class Predicate>
std::string names_of(std::span<const Model> models, Predicate is_wanted) {
    std::vector<std::string> names;
    for (const Model& model : models) {
        if (is_wanted(model)) {
            names.push_back(model.entry.name);
        }
    }
    return joined(names);
}

}  // namespace

TEST_P(BrokenDescription, IsRefusedWithTheseWords) {
    try {
        static_cast<void>(parse_network(GetParam().json, "net.json", "."));
        FAIL() << "it is accepted";
    } catch (const DescriptionError& error) {
        EXPECT_EQ(error.what(), GetParam().expected);
    }
}

TEST(GoodDescription, IsAccepted) {
    EXPECT_NO_THROW(static_cast<void>(parse_network(network({input(), output()}, {dense()}), "net.json", ".")));
}

std::string case_name(const testing::TestParamInfo<DescriptionCase>& info) {
    return info.param.name;
}

void PrintTo(const DescriptionCase& description, std::ostream* stream) {
    *stream << description.json;
}

std::string network(const std::vector<std::string>& populations, const std::vector<std::string>& connections,
                    const std::string& more) {
    return R"({"format": "mlgenn-network", "version": 1)" + more + R"(, "populations": [)" + joined(populations) +
           R"(], "connections": [)" + joined(connections) + "]}";
}

std::string input() {
    return R"({"name": "in", "shape": 4, "neuron": "integrate_fire_input"})";
}

std::string output() {
    return R"({"name": "out", "shape": 3, "neuron": "integrate_fire", "readout": "spike_count"})";
}

std::string dense() {
    return connection({});
}

std::string image_input() {
    return R"({"name": "in", "shape": [8, 8, 2], "neuron": "integrate_fire_input"})";
}

std::string population(const PopulationText& text) {
    return R"({"name": ")" + text.name + R"(", "shape": )" + text.shape + R"(, "neuron": )" + text.neuron + text.more +
           "}";
}

std::string connection(const ConnectionText& text) {
    return R"({"source": ")" + text.source + R"(", "target": ")" + text.target + R"(", "connectivity": {"model": ")" +
           text.model + R"(", "params": )" + text.params + "}" + text.more + "}";
}

std::string with_key(const std::string& key_and_value) {
    return network({input(), output()}, {dense()}, ", " + key_and_value);
}

std::string with_output(const std::string& population) {
    return network({input(), population}, {dense()});
}

std::string with_neuron(const std::string& model, const std::string& params) {
    return with_output(population({.neuron = R"({"model": ")" + model + R"(", "params": )" + params + "}"}));
}

std::string with_connections(const std::vector<std::string>& connections) {
    return network({input(), output()}, connections);
}

std::string with_weight(const std::string& weight) {
    return with_connections({connection({.params = weight_params(weight)})});
}

std::string with_image(const std::string& model, const std::string& shape, const std::string& params) {
    return network({image_input(), population({.shape = shape})}, {connection({.model = model, .params = params})});
}

std::string neuron_model_names() {
    return names_of(models::neuron_models(), [](const auto&) { return true; });
}

std::string input_model_names() {
    return names_of(models::neuron_models(), [](const auto& model) { return model.input != models::InputForm::none; });
}

std::string readout_names() {
    return names_of(models::readout_models(), [](const auto&) { return true; });
}

std::string ones(const std::vector<std::size_t>& shape) {
    std::string text = "1";
    for (auto dimension = shape.rbegin(); dimension != shape.rend(); ++dimension) {
        text = "[" + joined(std::vector<std::string>(*dimension, text)) + "]";
    }
    return text;
}

std::string weight_params(const std::string& weight, const std::string& more) {
    return R"({"weight": )" + weight + more + "}";
}

}  // namespace mlgenn::test
