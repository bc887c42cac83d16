// SPDX-License-Identifier: Apache-2.0
#include "mlgenn/array.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "mlgenn/errors.h"
#include "mlgenn/execution_plan.h"

namespace mlgenn {
namespace {

TEST(Array, KnowsSizesAndNamesOfAllTypes) {
    EXPECT_EQ(size_of(DType::boolean), 1u);
    EXPECT_EQ(size_of(DType::i16), 2u);
    EXPECT_EQ(size_of(DType::f32), 4u);
    EXPECT_EQ(size_of(DType::u64), 8u);
    EXPECT_EQ(name_of(DType::boolean), "bool");
    EXPECT_EQ(name_of(DType::u8), "uint8");
    EXPECT_EQ(name_of(DType::f64), "float64");
    EXPECT_EQ(size_of(Storage::u16), 2u);
    EXPECT_EQ(dtype_of(Storage::i8), DType::i8);
}

TEST(Array, CountsElements) {
    EXPECT_EQ(num_elements(Shape{}), 1u);
    EXPECT_EQ(num_elements(Shape{3, 4, 5}), 60u);
    EXPECT_EQ(num_elements(Shape{std::size_t{1} << 40, std::size_t{1} << 40, 0}), 0u);
    EXPECT_EQ(num_elements(Shape{std::size_t{1} << 48}), std::size_t{1} << 48);
    EXPECT_THROW(static_cast<void>(num_elements(Shape{std::size_t{1} << 24, std::size_t{1} << 25})), DescriptionError);
    EXPECT_THROW(static_cast<void>(num_elements(Shape{SIZE_MAX, SIZE_MAX})), DescriptionError);
}

TEST(Array, WritesShapes) {
    EXPECT_EQ(to_string(Shape{}), "[]");
    EXPECT_EQ(to_string(Shape{28, 28, 1}), "[28, 28, 1]");
}

TEST(Array, IsEmptyByDefaultAndZeroFilledByShape) {
    const Array none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.shape(), Shape{0});
    EXPECT_TRUE(none.as<float>().empty());
    const Array zeros(DType::i16, {2, 3});
    EXPECT_EQ(zeros.size(), 6u);
    EXPECT_EQ(zeros.bytes().size(), 12u);
    for (const std::int16_t element : zeros.as<std::int16_t>()) {
        EXPECT_EQ(element, 0);
    }
}

TEST(Array, CopiesAreIndependentOnceWritten) {
    Array first = Array::from(std::vector<float>{1, 2});
    Array second = first;
    EXPECT_EQ(first.bytes().data(), second.bytes().data());
    second.as_mutable<float>()[0] = 7;
    EXPECT_EQ(first.as<float>()[0], 1);
    EXPECT_EQ(second.as<float>()[0], 7);
}

TEST(Array, RefusesValuesThatDoNotFillTheShape) {
    try {
        static_cast<void>(Array::from(std::vector<int>{1, 2, 3}, {2, 2}));
        FAIL();
    } catch (const DescriptionError& error) {
        EXPECT_STREQ(error.what(), "array: 3 values do not fill shape [2, 2], which has 4");
    }
}

TEST(Array, RefusesTheWrongType) {
    const Array array = Array::from(std::vector<float>{1});
    EXPECT_THROW(static_cast<void>(array.as<double>()), InternalError);
    EXPECT_THROW(static_cast<void>(array.value(1)), InternalError);
}

TEST(Array, RoundsOnceToFloat) {
    // 2^24 + 1 + 2^-30 rounds up to 2^24 + 2; by way of another rounding it would be a tie to even, 2^24.
    EXPECT_EQ(Array::from(std::vector<double>{16777217.0 + 0x1p-28}).to_f32()[0], 16777218.0F);
    // 2^61 + 2^37 + 1 lies above the middle of two floats, but its double lies on it.
    const std::int64_t wide = (std::int64_t{1} << 61) + (std::int64_t{1} << 37) + 1;
    EXPECT_EQ(Array::from(std::vector<std::int64_t>{wide}).to_f32()[0], 0x1p61F + 0x1p38F);
    EXPECT_EQ(Array(DType::boolean, {2}).to_f32(), (std::vector<float>{0, 0}));
}

TEST(Array, GivesValuesOfEveryTypeAsDouble) {
    EXPECT_EQ(Array::from(std::vector<std::uint8_t>{200}).value(0), 200);
    EXPECT_EQ(Array::from(std::vector<std::int8_t>{-100}).value(0), -100);
    EXPECT_EQ(Array::from(std::vector<std::uint64_t>{UINT64_MAX}).value(0), 0x1p64);
    EXPECT_EQ(Array::from(std::vector<float>{0.5F}).value(0), 0.5);
    Array flags(DType::boolean, {1});
    flags.mutable_bytes()[0] = std::byte{1};
    EXPECT_EQ(flags.value(0), 1);
    EXPECT_EQ(flags.to_i64(), std::vector<std::int64_t>{1});
}

std::string to_i64_error(const Array& array) {
    try {
        static_cast<void>(array.to_i64());
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "no error";
}

TEST(Array, ConvertsWholeNumbersOnly) {
    EXPECT_EQ(Array::from(std::vector<double>{-3, 4e18}).to_i64(),
              (std::vector<std::int64_t>{-3, 4000000000000000000}));
    EXPECT_EQ(Array::from(std::vector<float>{-0x1p63F}).to_i64(), std::vector<std::int64_t>{INT64_MIN});
    EXPECT_EQ(to_i64_error(Array::from(std::vector<double>{1, 2.5})),
              "array: element 1 is 2.5, expected a whole number");
    EXPECT_EQ(to_i64_error(Array::from(std::vector<float>{NAN})), "array: element 0 is nan, expected a whole number");
    EXPECT_EQ(to_i64_error(Array::from(std::vector<double>{-HUGE_VAL})),
              "array: element 0 is -inf, expected a whole number that fits in 64 bits");
    EXPECT_EQ(to_i64_error(Array::from(std::vector<double>{0x1p63})),
              "array: element 0 is 9223372036854775808, expected a whole number that fits in 64 bits");
    EXPECT_EQ(to_i64_error(Array::from(std::vector<std::uint64_t>{UINT64_MAX})),
              "array: element 0 is 18446744073709551615, expected at most 9223372036854775807");
}

TEST(Array, ReshapesWithoutCopying) {
    const Array array = Array::from(std::vector<int>{1, 2, 3, 4, 5, 6});
    const Array matrix = array.reshaped({2, 3});
    EXPECT_EQ(matrix.shape(), (Shape{2, 3}));
    EXPECT_EQ(matrix.bytes().data(), array.bytes().data());
    EXPECT_THROW(static_cast<void>(array.reshaped({2, 2})), DescriptionError);
}

TEST(Array, CutsRows) {
    const Array matrix = Array::from(std::vector<int>{1, 2, 3, 4, 5, 6}, {3, 2});
    const Array rows = matrix.rows(1, 3);
    EXPECT_EQ(rows.shape(), (Shape{2, 2}));
    EXPECT_EQ(rows.as<int>()[0], 3);
    EXPECT_EQ(rows.as<int>()[3], 6);
    EXPECT_TRUE(matrix.rows(3, 3).empty());
    EXPECT_EQ(Array(DType::f32, {0, 5}).rows(0, 0).shape(), (Shape{0, 5}));
    EXPECT_THROW(static_cast<void>(matrix.rows(2, 4)), InternalError);
    EXPECT_THROW(static_cast<void>(Array(DType::f32, Shape{}).rows(0, 0)), InternalError);
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool allocator_throws = false;
#elif defined(__has_feature)
constexpr bool allocator_throws = !__has_feature(address_sanitizer);
#else
constexpr bool allocator_throws = true;
#endif

TEST(Array, SaysHowMuchMemoryIsMissing) {
    if (!allocator_throws) {
        GTEST_SKIP() << "AddressSanitizer ends the program where operator new would throw";
    }
    try {
        static_cast<void>(Array(DType::f64, {std::size_t{1} << 24, std::size_t{1} << 24}));
        FAIL();
    } catch (const DescriptionError& error) {
        EXPECT_NE(std::string(error.what()).find("needs 2251799813685248 bytes"), std::string::npos) << error.what();
    }
}

TEST(Diagnostic, IndentsNotesAndRemedy) {
    const Diagnostic full{"net.json: /a", "is wrong", {"see here", "and there"}, "mend it"};
    EXPECT_EQ(full.text(), "net.json: /a: is wrong\n    see here\n    and there\n    mend it");
    EXPECT_EQ((Diagnostic{"", "is wrong", {}, ""}).text(), "is wrong");
    const DescriptionError error({full, {"b", "too", {}, {}}});
    EXPECT_EQ(error.diagnostics().size(), 2u);
    EXPECT_STREQ(error.what(), "net.json: /a: is wrong\n    see here\n    and there\n    mend it\nb: too");
}

}  // namespace
}  // namespace mlgenn
