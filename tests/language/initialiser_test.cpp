// SPDX-License-Identifier: Apache-2.0
// Code that gives values: what it knows, what it computes, what is refused.
#include "compiler/language/initialiser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "mlgenn/errors.h"

namespace mlgenn::test {
namespace {

using language::ElementKind;
using language::Elements;
using language::evaluate_initialiser;

std::vector<float> values_of(const std::string& code, const Elements& elements, std::uint64_t seed = 1,
                             const std::string& object = "hidden.V") {
    return evaluate_initialiser(code, {{"a", 2.0}, {"b", 0.25}}, elements,
                                {.dt_ms = 0.5, .rng_seed = seed, .object = object});
}

TEST(Initialiser, KnowsItsNeuron) {
    const std::vector<float> values =
        values_of("value = a * id + (id == num_neurons - 1 ? 100 : 0) + dt;", {.count = 130});
    ASSERT_EQ(values.size(), 130U);
    for (std::size_t k = 0; k < 129; ++k) {
        EXPECT_EQ(values[k], 2.0F * static_cast<float>(k) + 0.5F);
    }
    EXPECT_EQ(values[129], 358.5F);
}

TEST(Initialiser, KnowsItsSynapse) {
    const std::vector<float> dense =
        values_of("value = id_pre * 100 + id_post + (id_syn == 5) * 0.5;", {ElementKind::synapse, 12, {}, {}, 3, 4});
    EXPECT_EQ(dense, (std::vector<float>{0, 1, 2, 3, 100, 101.5, 102, 103, 200, 201, 202, 203}));
    const std::vector<std::uint32_t> pre = {7, 7, 9};
    const std::vector<std::uint32_t> post = {1, 0, 8};
    const std::vector<float> sparse =
        values_of("value = id_pre * num_post + id_post + num_pre * 1000;", {ElementKind::synapse, 3, pre, post, 10, 9});
    EXPECT_EQ(sparse, (std::vector<float>{10064, 10063, 10089}));
}

TEST(Initialiser, RunsStatementsPerElement) {
    const std::vector<float> values = values_of(
        "float s = 0; for (int i = 0; i < (int)a; i++) { if (id % 2u == 1u) s += exp(-b * i); else s -= 1; }"
        "value = s;",
        {.count = 5});
    const auto odd = static_cast<float>(1.0 + std::exp(-0.25));
    EXPECT_EQ(values[0], -2.0F);
    EXPECT_FLOAT_EQ(values[1], odd);
    EXPECT_EQ(values[1], values[3]);
    EXPECT_EQ(values[4], -2.0F);
}

TEST(Initialiser, DrawsNumbersThatDependOnSeedObjectAndElementAlone) {
    const std::string code = "value = gennrand_uniform() + 0 * gennrand_normal();";
    const std::vector<float> values = values_of(code, {.count = 200});
    const std::vector<float> fewer = values_of(code, {.count = 70});
    EXPECT_TRUE(std::equal(fewer.begin(), fewer.end(), values.begin()));
    EXPECT_EQ(std::set<float>(values.begin(), values.end()).size(), 200U);
    EXPECT_NE(values_of(code, {.count = 200}, 2), values);
    EXPECT_NE(values_of(code, {.count = 200}, 1, "hidden.W"), values);
}

TEST(Initialiser, DrawsAnewInEveryCallAndRound) {
    const std::vector<float> differences = values_of(
        "float d = 0; for (int i = 0; i < 4; i++) { float x = gennrand_uniform(); d += x == "
        "gennrand_uniform(); } value = d;",
        {.count = 500});
    EXPECT_EQ(differences, std::vector<float>(500, 0.0F));
}

TEST(Initialiser, ReportsWhatIsWrong) {
    language::Findings findings;
    language::check_initialiser("V", "value = idd;\nx = 1;", {{"id", 1.0}}, ElementKind::neuron, findings);
    ASSERT_EQ(findings.size(), 3U);
    EXPECT_EQ(findings.all()[0].part, "V");
    EXPECT_THAT(findings.all()[0].problem, testing::HasSubstr("'id' is no name for a parameter"));
    EXPECT_THAT(findings.all()[1].problem, testing::StartsWith("line 1, column 9: there is no 'idd'"));
    EXPECT_THAT(findings.all()[2].problem, testing::StartsWith("line 2, column 1: there is no 'x'"));
}

TEST(Initialiser, MustAssignItsValue) {
    language::Findings findings;
    language::check_initialiser("code", "float value = 3;", {}, ElementKind::neuron, findings);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings.all()[0].problem, "line 1, column 1: the code never assigns 'value'");
}

TEST(Initialiser, ThrowsForCodeWithErrors) {
    try {
        static_cast<void>(values_of("value = id_pre;", {.count = 3}));
        FAIL();
    } catch (const DescriptionError& error) {
        EXPECT_THAT(error.diagnostics().front().text(),
                    testing::StartsWith("hidden.V: line 1, column 9: there is no "));
    }
}

}  // namespace
}  // namespace mlgenn::test
