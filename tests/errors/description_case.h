// SPDX-License-Identifier: Apache-2.0
// One broken description and the exact text that it gets, and the pieces that descriptions are made of.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace mlgenn::test {

struct DescriptionCase {
    std::string name;
    std::string json;
    std::string expected;
};

class BrokenDescription : public testing::TestWithParam<DescriptionCase> {};

[[nodiscard]] std::string case_name(const testing::TestParamInfo<DescriptionCase>& info);
void PrintTo(const DescriptionCase& description, std::ostream* stream);

/// A description with format and version; `more` stands behind them (", \"dt\": 1").
[[nodiscard]] std::string network(const std::vector<std::string>& populations,
                                  const std::vector<std::string>& connections, const std::string& more = {});
/// Four input neurons "in"; three "out" with a readout; the connection between them.
[[nodiscard]] std::string input();
[[nodiscard]] std::string output();
[[nodiscard]] std::string dense();
/// Input "in" of shape [8, 8, 2].
[[nodiscard]] std::string image_input();

struct PopulationText {
    std::string name = "out";
    std::string shape = "3";
    std::string neuron = R"("integrate_fire")";
    std::string more = {};
};
[[nodiscard]] std::string population(const PopulationText& text);

struct ConnectionText {
    std::string model = "dense";
    std::string params = R"({"weight": 1.0})";
    std::string more = {};
    std::string source = "in";
    std::string target = "out";
};
[[nodiscard]] std::string connection(const ConnectionText& text);

/// The whole network above with one thing changed.
[[nodiscard]] std::string with_key(const std::string& key_and_value);
[[nodiscard]] std::string with_output(const std::string& population);
[[nodiscard]] std::string with_neuron(const std::string& model, const std::string& params);
[[nodiscard]] std::string with_connections(const std::vector<std::string>& connections);
[[nodiscard]] std::string with_weight(const std::string& weight);
/// From the image input to a population of `shape`.
[[nodiscard]] std::string with_image(const std::string& model, const std::string& shape, const std::string& params);

/// Lists that grow with the catalogue, as messages show them.
[[nodiscard]] std::string neuron_model_names();
[[nodiscard]] std::string input_model_names();
[[nodiscard]] std::string readout_names();

/// A list of ones of this shape.
[[nodiscard]] std::string ones(const std::vector<std::size_t>& shape);
[[nodiscard]] std::string weight_params(const std::string& weight, const std::string& more = {});

}  // namespace mlgenn::test
