// SPDX-License-Identifier: Apache-2.0
// A folder with a small network, and the program run in it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mlgenn/array.h"
#include "tools/mlgenn_compile/process.h"

namespace mlgenn::cli_test {

/// A test that runs mlgenn-compile in a folder of its own, with a kernel cache of its own.
///
/// The folder holds `tiny.json`: two input neurons and two output neurons, integrate-and-fire with threshold 1, an
/// identity matrix of weights between them, 4 timesteps; and `x.npy` with 3 examples. An input of 1 fires in each of
/// the steps 0 to 3, and the output one step later, so 3 times. An input of 0.5 fires in steps 1 and 3, so the output
/// fires once.
class CliTest : public testing::Test {
protected:
    CliTest();

    /// Runs the program with `arguments` in the folder.
    [[nodiscard]] cli::ProcessResult run(const std::vector<std::string>& arguments) const;
    /// As run(), for what must succeed: fails the test when the exit status is not 0, and returns standard output.
    [[nodiscard]] std::string output_of(const std::vector<std::string>& arguments) const;
    [[nodiscard]] nlohmann::json json_of(std::vector<std::string> arguments) const;

    [[nodiscard]] std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
    void write(const std::string& name, const std::string& text) const;
    [[nodiscard]] std::string read(const std::string& name) const;
    /// Names of everything in the folder but the cache, sorted.
    [[nodiscard]] std::vector<std::string> names_in(const std::string& folder) const;

    /// The description of the network, to be changed by a test.
    [[nodiscard]] static nlohmann::ordered_json tiny_description();

    /// Readouts of the three examples.
    static inline const std::vector<std::uint32_t> expected_counts{3, 0, 1, 3, 3, 3};

private:
    cli::TemporaryFolder folder_;
};

}  // namespace mlgenn::cli_test
