// SPDX-License-Identifier: Apache-2.0
#include "compiler/description/suggestions.h"

#include <gtest/gtest.h>

#include <vector>

#include "compiler/description/messages.h"

namespace mlgenn::description {
namespace {

const std::vector<std::string> known = {"dense", "sparse", "one_to_one", "w"};

TEST(Suggestions, FindTypingSlips) {
    EXPECT_EQ(closest("desne", known), "dense");
    EXPECT_EQ(closest("DENSE", known), "dense");
    EXPECT_EQ(closest("spars", known), "sparse");
    EXPECT_EQ(closest("one-to-one", known), "one_to_one");
}

TEST(Suggestions, LeaveOtherWordsAlone) {
    EXPECT_EQ(closest("convolution", known), std::nullopt);
    EXPECT_EQ(closest("x", known), std::nullopt);
    EXPECT_EQ(closest("", known), std::nullopt);
    EXPECT_EQ(closest(std::string(1000000, 'd'), known), std::nullopt);
}

TEST(Suggestions, ListWhatThereIs) {
    EXPECT_EQ(suggestion("desne", known, "there are"), "did you mean 'dense'?");
    EXPECT_EQ(suggestion("conv", known, "there are"), "there are dense, sparse, one_to_one, w");
    EXPECT_EQ(suggestion("conv", {}, "there are"), "there are none");
    EXPECT_EQ(listed(std::vector<std::string>(30, "a")).substr(66), "a, a, ...");
}

TEST(Messages, ShowOnlyPrintableText) {
    EXPECT_EQ(in_quotes("a\nb"), "'a\\x0ab'");
    EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ(printable("\xff\xc3(\xed\xa0\x80\xf5"), "\\xff\\xc3(\\xed\\xa0\\x80\\xf5");
    EXPECT_EQ(printable(std::string(100, 'x')), std::string(80, 'x') + "...");
}

TEST(Messages, WriteNumbersShort) {
    EXPECT_EQ(number_text(0.1), "0.1");
    EXPECT_EQ(number_text(3e9), "3000000000");
    EXPECT_EQ(number_text(-5), "-5");
    EXPECT_EQ(number_text(-0.0), "-0");
    EXPECT_EQ(number_text(1e300), "1e+300");
    EXPECT_EQ(counted(1, "neuron"), "1 neuron");
    EXPECT_EQ(counted(0, "neuron"), "0 neurons");
}

}  // namespace
}  // namespace mlgenn::description
