// SPDX-License-Identifier: Apache-2.0
// Numbers and tables as people read them, and running other programs.
#include <gtest/gtest.h>

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/data_arguments.h"
#include "tools/mlgenn_compile/process.h"
#include "tools/mlgenn_compile/table.h"
#include "tools/mlgenn_compile/text_format.h"

namespace mlgenn::cli {
namespace {

TEST(TextFormat, ThreeSignificantDigits) {
    EXPECT_EQ(format_number(0.0), "0.00");
    EXPECT_EQ(format_number(0.0412345), "0.0412");
    EXPECT_EQ(format_number(1.0), "1.00");
    EXPECT_EQ(format_number(83.249), "83.2");
    EXPECT_EQ(format_number(1234.5), "1234");
    EXPECT_EQ(format_number(-0.5), "-0.500");
}

TEST(TextFormat, CountsHaveSeparators) {
    EXPECT_EQ(format_count(0), "0");
    EXPECT_EQ(format_count(999), "999");
    EXPECT_EQ(format_count(1000), "1,000");
    EXPECT_EQ(format_count(1234567), "1,234,567");
    EXPECT_EQ(format_count(1, "example"), "1 example");
    EXPECT_EQ(format_count(2000, "example"), "2,000 examples");
}

TEST(TextFormat, Units) {
    EXPECT_EQ(format_ms(0.4134), "0.413 ms");
    EXPECT_EQ(format_ms(1240.0), "1.24 s");
    EXPECT_EQ(format_bytes(999), "999 B");
    EXPECT_EQ(format_bytes(58'300'000), "58.3 MB");
    EXPECT_EQ(format_si(2.314e9), "2.31 G");
}

TEST(TextFormat, Median) {
    EXPECT_EQ(median({3.0, 1.0, 2.0}), 2.0);
    EXPECT_EQ(median({4.0, 1.0, 2.0, 3.0}), 2.5);
}

TEST(Table, AlignsColumnsAndLeavesOutEmptyOnes) {
    Table table({{"name"}, {"empty"}, {"number", Align::right}});
    table.add_row({"a", "", "1"});
    table.add_row({"longer", "", "12345678"});
    EXPECT_EQ(table.text(), "name      number\na              1\nlonger  12345678\n");
}

TEST(DataArguments, NameIsOnlyWhatCanBeOne) {
    EXPECT_EQ(parse_named("--input", "in=a.npy").name, "in");
    EXPECT_EQ(parse_named("--input", "in=a.npy").text, "a.npy");
    EXPECT_EQ(parse_named("--input", "a.npy").name, "");
    EXPECT_EQ(parse_named("--input", "folder/a=b.npy").text, "folder/a=b.npy");
}

TEST(Process, BothStreamsAndTheExitStatusComeBack) {
    const ProcessResult result = run_process({"sh", "-c", "echo out; echo err >&2; exit 7"});
    EXPECT_EQ(result.exit_code, 7);
    EXPECT_EQ(result.out, "out\n");
    EXPECT_EQ(result.err, "err\n");
}

TEST(Process, MuchOutputOnBothStreamsDoesNotBlock) {
    const ProcessResult result = run_process({"sh", "-c", "yes | head -c 300000; yes | head -c 300000 >&2"});
    EXPECT_EQ(result.out.size(), 300000U);
    EXPECT_EQ(result.err.size(), 300000U);
}

TEST(Process, MissingProgramIsStatus127) {
    EXPECT_EQ(run_process({"no-such-program-anywhere"}).exit_code, 127);
}

TEST(Process, TemporaryFolderDisappears) {
    std::filesystem::path path;
    {
        const TemporaryFolder folder;
        path = folder.path();
        EXPECT_TRUE(std::filesystem::is_directory(path));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace mlgenn::cli
