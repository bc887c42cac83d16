// SPDX-License-Identifier: Apache-2.0
// mlgenn_run_oracle FOLDER...: runs recorded cases on every back end and mode that can, a line per case and runner.
//
// Each FOLDER is a case (it holds network.json) or holds cases. The last line counts those lines. A case that cannot
// be read at all counts once. Exit code: 0 nothing failed, 1 something failed, 2 wrong usage.
#include <iostream>

#include "tests/oracle/check.h"

namespace {

namespace fs = std::filesystem;
using mlgenn::oracle::Outcome;
using mlgenn::oracle::Verdict;

struct Counts {
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0;
};

void report(const std::string& name, const std::string& runner, const Outcome& outcome, Counts& counts) {
    const std::string on = runner.empty() ? "" : " [" + runner + "]";
    switch (outcome.verdict) {
        case Verdict::passed:
            ++counts.passed;
            std::cout << "PASS " << name << on << "\n";
            break;
        case Verdict::failed:
            ++counts.failed;
            std::cout << "FAIL " << name << on << ": " << outcome.text << "\n";
            break;
        case Verdict::skipped:
            ++counts.skipped;
            std::cout << "SKIP " << name << on << ": " << outcome.text << "\n";
            break;
    }
    std::cout.flush();
}

void run_case(const fs::path& folder, const std::vector<mlgenn::oracle::Runner>& runners, Counts& counts) {
    const std::string name = folder.filename().string();
    try {
        const mlgenn::test_support::OracleCase oracle = mlgenn::test_support::load_oracle_case(folder);
        for (const mlgenn::oracle::Runner& runner : runners) {
            report(name, runner.name, mlgenn::oracle::check_case(oracle, runner), counts);
        }
    } catch (const mlgenn::test_support::UnsupportedCase& reason) {
        report(name, "", {Verdict::skipped, reason.what()}, counts);
    } catch (const std::exception& error) {
        report(name, "", {Verdict::failed, error.what()}, counts);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: mlgenn_run_oracle FOLDER...\n"
                     "Each FOLDER is an oracle case (it holds network.json) or holds such cases.\n";
        return 2;
    }
    Counts counts;
    try {
        std::vector<fs::path> folders;
        for (int i = 1; i < argc; ++i) {
            folders.push_back(fs::canonical(fs::path(argv[i])));
        }
        const auto runners = mlgenn::oracle::all_runners();
        for (const fs::path& folder : mlgenn::test_support::find_oracle_cases(folders)) {
            run_case(folder, runners, counts);
        }
    } catch (const std::exception& error) {
        std::cerr << "mlgenn_run_oracle: " << error.what() << "\n";
        return 2;
    }
    std::cout << counts.passed << " passed, " << counts.failed << " failed, " << counts.skipped << " skipped\n";
    return counts.failed == 0 ? 0 : 1;
}
