// SPDX-License-Identifier: Apache-2.0
// Every back end and mode against recorded results of mlGeNN: the public oracle cases and the golden values.
#include <gtest/gtest.h>

#include "tests/oracle/check.h"
#include "tests/support/golden_cases.h"
#include "tests/support/shared_data.h"

namespace mlgenn::oracle {
namespace {

using test_support::OracleCase;

/// Fails for every deviation and returns how many combinations of case and runner could run.
std::size_t run_all(const std::vector<OracleCase>& cases, const std::vector<Runner>& runners) {
    std::size_t num_run = 0;
    for (const OracleCase& oracle : cases) {
        for (const Runner& runner : runners) {
            const Outcome outcome = check_case(oracle, runner);
            EXPECT_NE(outcome.verdict, Verdict::failed) << oracle.name << " [" << runner.name << "]: " << outcome.text;
            num_run += outcome.verdict == Verdict::skipped ? 0 : 1;
        }
    }
    return num_run;
}

std::vector<OracleCase> public_cases(const std::filesystem::path& folder) {
    std::vector<OracleCase> cases;
    for (const std::filesystem::path& path : test_support::find_oracle_cases({folder})) {
        cases.push_back(test_support::load_oracle_case(path));
    }
    return cases;
}

const std::string public_folder = "data/oracle/public";
const std::string golden_file = "data/golden.json";

TEST(ReferenceInterpreter, GivesTheRecordedResultsOfThePublicCases) {
    const auto folder = test_support::shared_path(public_folder);
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(public_folder);
    }
    EXPECT_GE(run_all(public_cases(*folder), reference_runners()), 30U);
}

TEST(ReferenceInterpreter, GivesTheGoldenValues) {
    EXPECT_EQ(run_all(test_support::golden_value_cases(), reference_runners()), 66U);
}

TEST(ReferenceInterpreter, GivesTheResultsInTheGoldenFile) {
    const auto file = test_support::shared_path(golden_file);
    if (!file) {
        GTEST_SKIP() << test_support::missing_shared_data(golden_file);
    }
    EXPECT_GE(run_all(test_support::golden_file_cases(*file), reference_runners()), 32U);
}

TEST(BackEnds, GiveTheRecordedResultsOfThePublicCases) {
    const auto folder = test_support::shared_path(public_folder);
    if (!folder) {
        GTEST_SKIP() << test_support::missing_shared_data(public_folder);
    }
    const std::vector<Runner> runners = backend_runners();
    if (runners.empty()) {
        GTEST_SKIP() << "no back end is available";
    }
    EXPECT_GE(run_all(public_cases(*folder), runners), 15 * runners.size());
}

TEST(BackEnds, GiveTheGoldenValues) {
    const std::vector<Runner> runners = backend_runners();
    if (runners.empty()) {
        GTEST_SKIP() << "no back end is available";
    }
    EXPECT_EQ(run_all(test_support::golden_value_cases(), runners), 33 * runners.size());
}

TEST(BackEnds, GiveTheResultsInTheGoldenFile) {
    const auto file = test_support::shared_path(golden_file);
    if (!file) {
        GTEST_SKIP() << test_support::missing_shared_data(golden_file);
    }
    const std::vector<Runner> runners = backend_runners();
    if (runners.empty()) {
        GTEST_SKIP() << "no back end is available";
    }
    EXPECT_GE(run_all(test_support::golden_file_cases(*file), runners), 16 * runners.size());
}

}  // namespace
}  // namespace mlgenn::oracle
