// SPDX-License-Identifier: Apache-2.0
// Round trips and every good form of npy, npz and idx files.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"
#include "tests/support/array_bytes.h"
#include "tests/support/temp_folder.h"

namespace mlgenn::test {
namespace {

std::vector<float> counted_to(std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = static_cast<float>(i);
    }
    return values;
}

class EveryType : public testing::TestWithParam<DType> {};

TEST_P(EveryType, SurvivesARoundTrip) {
    const TempFolder folder;
    Array array(GetParam(), {3, 5});
    for (std::size_t i = 0; i < array.bytes().size(); ++i) {
        array.mutable_bytes()[i] = static_cast<std::byte>(GetParam() == DType::boolean ? i % 2 : i * 7);
    }
    save_npy(folder.path() / "a.npy", array);
    const Array back = load_array(folder.path() / "a.npy");
    EXPECT_EQ(back.dtype(), array.dtype());
    EXPECT_EQ(back.shape(), array.shape());
    EXPECT_TRUE(std::equal(back.bytes().begin(), back.bytes().end(), array.bytes().begin(), array.bytes().end()));
}

INSTANTIATE_TEST_SUITE_P(Npy, EveryType,
                         testing::Values(DType::boolean, DType::u8, DType::i8, DType::u16, DType::i16, DType::u32,
                                         DType::i32, DType::u64, DType::i64, DType::f32, DType::f64),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST(Npy, KeepsShapes) {
    const TempFolder folder;
    for (const Shape& shape : {Shape{}, Shape{7}, Shape{0, 4}, Shape{2, 1, 3, 1}}) {
        save_npy(folder.path() / "a.npy", Array(DType::f32, shape));
        EXPECT_EQ(load_npy(folder.path() / "a.npy").shape(), shape);
    }
}

TEST(Npy, WritesWhatNumPyWrites) {
    const TempFolder folder;
    save_npy(folder.path() / "a.npy", Array::from(std::vector<float>{1, 2}));
    std::ifstream stream(folder.path() / "a.npy", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    dictionary.resize(0x76 - 1, ' ');
    EXPECT_EQ(bytes, npy_file(dictionary, bytes_of<float>({1, 2})));
    EXPECT_EQ((bytes.size() - 8) % 64, 0u);
}

TEST(Npy, ReadsVersionsTwoAndThree) {
    const TempFolder folder;
    for (const int version : {1, 2, 3}) {
        const auto file =
            folder.write("a.npy", npy_file(npy_header("<f4", "(2, 3)"), bytes_of(counted_to(6)), version));
        EXPECT_EQ(load_npy(file).to_f32(), counted_to(6));
    }
}

TEST(Npy, ReadsOtherSpellings) {
    const TempFolder folder;
    const std::string bytes = bytes_of<std::uint8_t>({1, 2});
    for (const char* header : {"{'descr':'|u1','fortran_order':False,'shape':(2,)}",
                               "{\"shape\": (2,), \"fortran_order\": False, \"descr\": \"<u1\"}  ",
                               "{'descr': '>u1', 'fortran_order': True, 'shape': (2,), }"}) {
        EXPECT_EQ(load_npy(folder.write("a.npy", npy_file(header, bytes))).value(1), 2) << header;
    }
}

TEST(Npy, LeavesNoTemporaryFile) {
    const TempFolder folder;
    save_npy(folder.path() / "a.npy", Array(DType::f32, {3}));
    save_npy(folder.path() / "a.npy", Array(DType::f32, {4}));
    std::filesystem::create_directories(folder.path() / "taken.npy" / "below");
    EXPECT_THROW(save_npy(folder.path() / "taken.npy", Array(DType::f32, {3})), DescriptionError);
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        EXPECT_TRUE(entry.path().filename() == "a.npy" || entry.path().filename() == "taken.npy") << entry.path();
        ++count;
    }
    EXPECT_EQ(count, 2u);
    EXPECT_EQ(load_npy(folder.path() / "a.npy").size(), 4u);
}

TEST(Npz, ReadsStoredAndDeflatedMembers) {
    const TempFolder folder;
    const std::string zeros = npy_file(npy_header("<f8", "(300, 100)"), std::string(240000, '\0'));
    const auto file = folder.write("a.npz", zip_file({{.name = "w.npy", .data = good_npy()},
                                                      {.name = "v.npy", .data = good_npy(), .deflate = true},
                                                      {.name = "zeros.npy", .data = zeros, .deflate = true}},
                                                     "with a comment"));
    EXPECT_EQ(load_npz(file, "w").to_f32(), counted_to(6));
    EXPECT_EQ(load_npz(file, "v.npy").to_f32(), counted_to(6));
    EXPECT_EQ(load_array(file.string() + ":zeros").shape(), (Shape{300, 100}));
}

TEST(Npz, ReadsZip64) {
    const TempFolder folder;
    const auto file = folder.write("a.npz", zip_file({{.name = "w.npy", .data = good_npy(), .zip64 = true}}));
    EXPECT_EQ(load_npz(file, "w").to_f32(), counted_to(6));
}

TEST(Npz, ReadsTheZip64EndRecord) {
    const TempFolder folder;
    std::string bytes = zip_file({{.name = "w.npy", .data = good_npy(), .zip64 = true}});
    const std::size_t end_at = bytes.size() - 22;
    const std::string directory_bytes = bytes.substr(end_at + 12, 4);
    const std::string directory_at = bytes.substr(end_at + 16, 4);
    bytes.resize(end_at);
    bytes += "PK\x06\x06" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(1, 8) + little(1, 8) +
             directory_bytes + little(0, 4) + directory_at + little(0, 4);
    bytes += "PK\x06\x07" + little(0, 4) + little(end_at, 8) + little(1, 4);
    bytes += "PK\x05\x06" + little(0, 4) + little(0xffff, 2) + little(0xffff, 2) + little(0xffffffff, 4) +
             little(0xffffffff, 4) + little(0, 2);
    EXPECT_EQ(load_npz(folder.write("a.npz", bytes), "w").to_f32(), counted_to(6));
}

TEST(Idx, ReadsEveryTypeBigEndian) {
    const TempFolder folder;
    EXPECT_EQ(load_array(folder.write("a", idx_file(0x08, {2, 2}, "\x01\x02\x03\xff"))).to_i64(),
              (std::vector<std::int64_t>{1, 2, 3, 255}));
    EXPECT_EQ(load_idx(folder.write("a", idx_file(0x09, {1}, "\xff"))).value(0), -1);
    EXPECT_EQ(load_idx(folder.write("a", idx_file(0x0b, {1}, "\xff\xfe"))).value(0), -2);
    EXPECT_EQ(load_idx(folder.write("a", idx_file(0x0c, {2}, big(258, 4) + big(3, 4)))).value(0), 258);
    EXPECT_EQ(load_idx(folder.write("a", idx_file(0x0d, {1}, big(0x3fc00000, 4)))).value(0), 1.5);
    EXPECT_EQ(load_idx(folder.write("a", idx_file(0x0e, {1}, big(0x3ff8000000000000, 8)))).value(0), 1.5);
}

TEST(Idx, ReadsGzip) {
    const TempFolder folder;
    const std::string images(784 * 50, '\x07');
    const Array array = load_array(folder.write("images-idx3-ubyte.gz", gzip(idx_file(8, {50, 28, 28}, images))));
    EXPECT_EQ(array.shape(), (Shape{50, 28, 28}));
    EXPECT_EQ(array.dtype(), DType::u8);
    EXPECT_EQ(array.value(784 * 50 - 1), 7);
}

}  // namespace
}  // namespace mlgenn::test
