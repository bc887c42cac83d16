// SPDX-License-Identifier: Apache-2.0
// The judge itself: it must notice every kind of deviation, and tell failures from cases that cannot run.
#include "tests/oracle/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mlgenn::oracle {
namespace {

using test_support::OracleCase;
using ::testing::HasSubstr;

/// One neuron that fires in steps 0 and 2 and reads out 2, over two examples.
CaseResult two_spikes() {
    CaseResult result;
    result.outputs["out"] = Array::from(std::vector<std::uint32_t>{2, 2}, {2, 1});
    result.recordings.spikes["out.spikes"] = {{{0, 2}, {0, 0}}, {{0, 2}, {0, 0}}};
    result.recordings.traces["out.V"] = Array::from(std::vector<float>{1.0f, 0.5f, 1.0f, 1.0f, 0.5f, 1.0f}, {2, 3, 1});
    result.metrics = {0.5};
    return result;
}

OracleCase matching_case() {
    OracleCase oracle;
    oracle.name = "two_spikes";
    oracle.readouts = {{"out", two_spikes().outputs.at("out"), 0.0}};
    oracle.spikes = {{"out", two_spikes().recordings.spikes.at("out.spikes")}};
    oracle.spike_totals = {{"out", {2, 2}}};
    oracle.traces = {{"out", "V", two_spikes().recordings.traces.at("out.V"), 0.0}};
    oracle.metrics = {{"out", "sparse_categorical_accuracy", Array(), 0.5, 0.0}};
    return oracle;
}

Outcome judge(const OracleCase& oracle) {
    return check_case(oracle, {"fixed", [](const OracleCase&) { return two_spikes(); }});
}

TEST(OracleCheck, PassesWhatMatches) {
    EXPECT_EQ(judge(matching_case()).verdict, Verdict::passed);
}

TEST(OracleCheck, NamesTheFirstWrongReadout) {
    OracleCase oracle = matching_case();
    oracle.readouts[0].values = Array::from(std::vector<std::uint32_t>{2, 3}, {2, 1});
    const Outcome outcome = judge(oracle);
    EXPECT_EQ(outcome.verdict, Verdict::failed);
    EXPECT_THAT(outcome.text, HasSubstr("readout of out at [1, 0] expected 3, found 2"));
}

TEST(OracleCheck, NamesTheFirstWrongSpike) {
    OracleCase oracle = matching_case();
    oracle.spikes[0].examples[1].steps[1] = 1;
    const Outcome outcome = judge(oracle);
    EXPECT_EQ(outcome.verdict, Verdict::failed);
    EXPECT_THAT(outcome.text, HasSubstr("example 1, spike 1: expected step 1 neuron 0, found step 2 neuron 0"));
}

TEST(OracleCheck, NoticesAMissingSpike) {
    OracleCase oracle = matching_case();
    oracle.spikes[0].examples[0].steps.push_back(2);
    oracle.spikes[0].examples[0].ids.push_back(1);
    const Outcome outcome = judge(oracle);
    EXPECT_EQ(outcome.verdict, Verdict::failed);
    EXPECT_THAT(outcome.text, HasSubstr("expected step 2 neuron 1, found no more spikes"));
}

TEST(OracleCheck, NoticesAWrongTotal) {
    OracleCase oracle = matching_case();
    oracle.spike_totals[0].examples = {2, 3};
    EXPECT_THAT(judge(oracle).text, HasSubstr("in example 1: expected 3, found 2"));
}

TEST(OracleCheck, HonoursTheToleranceOfATrace) {
    OracleCase oracle = matching_case();
    oracle.traces[0].values = Array::from(std::vector<float>{1.0f, 0.5f, 1.0f, 1.0f, 0.5001f, 1.0f}, {2, 3, 1});
    oracle.traces[0].tolerance_abs = 2e-4;
    EXPECT_EQ(judge(oracle).verdict, Verdict::passed);
    oracle.traces[0].tolerance_abs = 5e-5;
    EXPECT_THAT(judge(oracle).text, HasSubstr("trace out.V at [1, 1, 0]"));
}

TEST(OracleCheck, NoticesAWrongMetric) {
    OracleCase oracle = matching_case();
    oracle.metrics[0].value = 1.0;
    EXPECT_THAT(judge(oracle).text, HasSubstr("sparse_categorical_accuracy of out: expected 1, found 0.5"));
}

TEST(OracleCheck, FailsWhenTheResultLacksSomething) {
    OracleCase oracle = matching_case();
    oracle.traces[0].variable = "RefracTime";
    const Outcome outcome = judge(oracle);
    EXPECT_EQ(outcome.verdict, Verdict::failed);
    EXPECT_THAT(outcome.text, HasSubstr("no 'out.RefracTime'"));
}

TEST(OracleCheck, SkipsWhatARunnerDoesNotKnowAndFailsOnOtherErrors) {
    const Runner unknowing{"none", [](const OracleCase&) -> CaseResult {
                               throw test_support::UnsupportedCase("neuron model 'x' is not in the catalogue");
                           }};
    EXPECT_EQ(check_case(matching_case(), unknowing).verdict, Verdict::skipped);
    const Runner broken{"broken", [](const OracleCase&) -> CaseResult { throw std::runtime_error("out of luck"); }};
    const Outcome outcome = check_case(matching_case(), broken);
    EXPECT_EQ(outcome.verdict, Verdict::failed);
    EXPECT_EQ(outcome.text, "out of luck");
}

TEST(OracleCase, TurnsClassNamesIntoCatalogueNames) {
    EXPECT_EQ(test_support::catalogue_name("LeakyIntegrateFire"), "leaky_integrate_fire");
    EXPECT_EQ(test_support::catalogue_name("AvgPoolConv2D"), "avg_pool_conv2d");
    EXPECT_EQ(test_support::catalogue_name("Conv2DTranspose"), "conv2d_transpose");
    EXPECT_EQ(test_support::catalogue_name("Delta"), "delta");
}

TEST(OracleCase, ReadsWhatIsResetBetweenExamples) {
    const ResetOptions defaults = test_support::parse_reset_text("2.4 defaults: time, variables are reset.");
    EXPECT_TRUE(defaults.time);
    EXPECT_TRUE(defaults.vars);
    EXPECT_FALSE(defaults.in_syn);
    EXPECT_FALSE(defaults.in_flight);
    const ResetOptions in_syn = test_support::parse_reset_text("(reset_in_syn_between_batches=True): ...");
    EXPECT_TRUE(in_syn.in_syn);
    EXPECT_FALSE(in_syn.in_flight);
    const ResetOptions vars = test_support::parse_reset_text("reset_vars_between_batches=False");
    EXPECT_FALSE(vars.vars);
    EXPECT_THROW(static_cast<void>(test_support::parse_reset_text("reset_rng_between_batches=True")),
                 test_support::UnsupportedCase);
}

}  // namespace
}  // namespace mlgenn::oracle
