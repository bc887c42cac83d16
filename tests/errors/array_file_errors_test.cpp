// SPDX-License-Identifier: Apache-2.0
// Broken npy, npz and idx files: every lie about sizes is found before memory is spent on it.
#include <gtest/gtest.h>

#include <ostream>
#include <vector>

#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"
#include "tests/support/array_bytes.h"
#include "tests/support/temp_folder.h"

namespace mlgenn::test {
namespace {

struct FileCase {
    std::string name;
    /// "w.npy", "w.npz:w" or "images.gz".
    std::string file;
    std::string bytes;
    std::string expected;
};

void PrintTo(const FileCase& file, std::ostream* stream) {
    *stream << file.bytes.size() << " bytes";
}

class BrokenArrayFile : public testing::TestWithParam<FileCase> {};

TEST_P(BrokenArrayFile, IsRefusedWithTheseWords) {
    const TempFolder folder;
    folder.write(GetParam().file.substr(0, GetParam().file.find(':')), GetParam().bytes);
    // A limit that a test machine's memory holds many times over.
    const ReadOptions options{.max_array_bytes = 1 << 20};
    try {
        static_cast<void>(load_array(folder.path() / GetParam().file, options));
        FAIL() << "it is accepted";
    } catch (const DescriptionError& error) {
        EXPECT_EQ(without_folder(error.what(), folder.path()), GetParam().expected);
    }
}

std::string case_name(const testing::TestParamInfo<FileCase>& info) {
    return info.param.name;
}

const std::string six_floats = bytes_of<float>({0, 1, 2, 3, 4, 5});
const std::string again = "\n    write the file again with numpy.save";

std::string npy(const std::string& descr, const std::string& shape, const std::string& data = six_floats) {
    return npy_file(npy_header(descr, shape), data);
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i) {
        result += text;
    }
    return result;
}

FileCase header_case(const std::string& name, const std::string& dictionary, const std::string& expected) {
    return {name, "w.npy", npy_file(dictionary, six_floats), "w.npy: " + expected};
}

const std::vector<FileCase> npy_cases{
    FileCase{"empty", "w.npy", "", "w.npy: is neither an npy, npz nor idx file\n    write the file with numpy.save"},
    FileCase{"other_kind", "w.npy", "weights = 3",
             "w.npy: is neither an npy, npz nor idx file\n    write the file with numpy.save"},
    FileCase{"only_magic", "w.npy", "\x93NUMPY", "w.npy: has 6 bytes, too few for an npy file" + again},
    FileCase{"version_nine", "w.npy", npy_file(npy_header("<f4", "(6,)"), six_floats, 9),
             "w.npy: has npy version 9.0, expected 1.0, 2.0 or 3.0" + again},
    FileCase{"header_longer_than_file", "w.npy", std::string("\x93NUMPY\x01\x00\xff\xff{'descr'", 18),
             "w.npy: the npy header claims 65535 bytes in a file of 18" + again},
    FileCase{"header_of_4_gigabytes", "w.npy", std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14),
             "w.npy: the npy header claims 4294967295 bytes in a file of 14" + again},
    FileCase{"big_endian", "w.npy", npy(">f4", "(2, 3)"),
             "w.npy: the values are big endian ('>f4'), expected little endian\n    save array.astype('<f4')"},
    FileCase{"fortran_order", "w.npy", npy_file(npy_header("<f4", "(2, 3)", "True"), six_floats),
             "w.npy: the values stand in Fortran order (columns first), expected C order\n    save "
             "numpy.ascontiguousarray(array)"},
    FileCase{"float16", "w.npy", npy("<f2", "(12,)"),
             "w.npy: holds float16 values ('<f2'), which are not supported\n    save array.astype('float32')"},
    FileCase{"complex", "w.npy", npy("<c8", "(3,)"),
             "w.npy: holds values of type '<c8', which is not supported\n    save it as bool, int8 to int64, uint8 "
             "to uint64, float32 or float64"},
    FileCase{"python_objects", "w.npy", npy("|O", "(3,)"),
             "w.npy: holds values of type '|O', which is not supported\n    save it as bool, int8 to int64, uint8 "
             "to uint64, float32 or float64"},
    FileCase{"text", "w.npy", npy("<U4", "(3,)"),
             "w.npy: holds values of type '<U4', which is not supported\n    save it as bool, int8 to int64, uint8 "
             "to uint64, float32 or float64"},
    FileCase{"no_byte_order", "w.npy", npy("|f4", "(6,)"),
             "w.npy: holds values of type '|f4', which is not supported\n    save it as bool, int8 to int64, uint8 "
             "to uint64, float32 or float64"},
    FileCase{"records", "w.npy",
             npy_file("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (6,), }", six_floats),
             "w.npy: holds records with named fields, expected plain numbers\n    save each field by itself"},
    FileCase{"truncated", "w.npy", npy("<f4", "(2, 3)", six_floats.substr(0, 20)),
             "w.npy: shape [2, 3] of float32 needs 24 bytes of data, found 20\n    the file is truncated: write it "
             "again"},
    FileCase{"oversized", "w.npy", npy("<f4", "(2, 3)", six_floats + "x"),
             "w.npy: shape [2, 3] of float32 needs 24 bytes of data, found 25\n    the file has bytes after its "
             "data: write it again"},
    FileCase{"shape_beyond_the_limit", "w.npy", npy("<f4", "(1024, 257)"),
             "w.npy: an array of shape [1024, 257] of float32 needs more than the limit of 1048576 bytes\n    use "
             "a smaller array, or raise ReadOptions::max_array_bytes"},
    FileCase{"shape_that_wraps", "w.npy", npy("<f4", "(4294967296, 4294967296, 4)"),
             "w.npy: an array of shape [4294967296, 4294967296, 4] of float32 needs more than the limit of 1048576 "
             "bytes\n    use a smaller array, or raise ReadOptions::max_array_bytes"},
    FileCase{"bool_of_two", "w.npy", npy("|b1", "(3,)", std::string("\0\1\2", 3)),
             "w.npy: element 2 of a bool array is 2, expected 0 or 1" + again}};

INSTANTIATE_TEST_SUITE_P(Npy, BrokenArrayFile, testing::ValuesIn(npy_cases), case_name);

const std::vector<FileCase> npy_header_cases{
    header_case("no_dictionary", "hello", "the npy header is damaged: found 'h' at character 0, expected '{'" + again),
    header_case("unclosed_string", "{'descr",
                "the npy header is damaged: found ''' at character 1, expected a closing quote" + again),
    header_case("unclosed_dictionary", "{'descr': '<f4'",
                "the npy header is damaged: found the end at character 16, expected '}'" + again),
    header_case("missing_colon", "{'descr' '<f4'}",
                "the npy header is damaged: found ''' at character 9, expected ':'" + again),
    header_case("text_after_it", npy_header("<f4", "(6,)") + " x",
                "the npy header is damaged: found 'x' at character 58, expected the end" + again),
    header_case("order_as_number", "{'descr': '<f4', 'fortran_order': 0, 'shape': (6,), }",
                "the npy header is damaged: found '0' at character 34, expected True or False" + again),
    header_case(
        "negative_dimension", npy_header("<f4", "(-6,)"),
        "the npy header is damaged: found '-' at character 51, expected a dimension (a whole number >= 0)" + again),
    header_case("dimension_of_19_digits", npy_header("<f4", "(1000000000000000000,)"),
                "the npy header has a dimension of more than 18 digits" + again),
    header_case("thirty_three_dimensions", npy_header("<f4", "(" + repeated("1, ", 33) + ")"),
                "has more than 32 dimensions\n    reshape the array"),
    header_case("entry_twice", "{'descr': '<f4', 'descr': '<f8'}",
                "the npy header has an unexpected or repeated entry 'descr'" + again),
    header_case("unknown_entry", "{'order': 'C'}",
                "the npy header has an unexpected or repeated entry 'order'" + again),
    header_case("entry_missing", "{'descr': '<f4', 'shape': (6,)}",
                "the npy header has no entry 'fortran_order'" + again)};

INSTANTIATE_TEST_SUITE_P(NpyHeader, BrokenArrayFile, testing::ValuesIn(npy_header_cases), case_name);

const std::string savez = "\n    write the file again with numpy.savez";

std::string zeros(std::size_t bytes) {
    return npy("|u1", "(" + std::to_string(bytes) + ",)", std::string(bytes, '\0'));
}

FileCase zip_case(const std::string& name, const ZipEntry& entry, const std::string& expected) {
    return {name, "w.npz:w", zip_file({entry}), expected};
}

FileCase cut_zip_case(const std::string& name, std::string bytes, const std::string& expected) {
    return {name, "w.npz:w", std::move(bytes), "w.npz: is not an intact zip archive: " + expected + savez};
}

std::string with_bytes_at(std::string file, std::size_t from_end, const std::string& bytes) {
    return file.replace(file.size() - from_end, bytes.size(), bytes);
}

const std::string good_zip = zip_file({{.name = "w.npy", .data = good_npy()}});

const std::vector<FileCase> npz_cases{
    FileCase{"no_member_named", "w.npz", good_zip,
             "w.npz: is an archive of arrays, expected one array\n    name a member of the archive"},
    FileCase{"member_missing", "w.npz:weight", zip_file({{.name = "weights.npy", .data = good_npy()}}),
             "w.npz: the archive has no member 'weight'\n    did you mean 'weights'?"},
    FileCase{"member_missing_far", "w.npz:x", good_zip, "w.npz: the archive has no member 'x'\n    its members are w"},
    FileCase{"member_twice", "w.npz:w",
             zip_file({{.name = "w.npy", .data = good_npy()}, {.name = "w.npy", .data = good_npy()}}),
             "w.npz: the archive has 2 members named 'w'" + savez},
    zip_case("not_npy_inside", {.name = "w", .data = "hello world"},
             "w.npz:w: is not an npy file: it does not start with \\x93NUMPY\n    write the file with numpy.save"),
    zip_case("encrypted", {.name = "w", .data = good_npy(), .flags = 1}, "w.npz:w: is encrypted" + savez),
    zip_case("lzma", {.name = "w", .data = good_npy(), .method = 14},
             "w.npz:w: is compressed by method 14, expected 0 (stored) or 8 (deflate)" + savez +
                 " or numpy.savez_compressed")};

INSTANTIATE_TEST_SUITE_P(Npz, BrokenArrayFile, testing::ValuesIn(npz_cases), case_name);

const std::vector<FileCase> npz_content_cases{
    zip_case("bomb_beyond_the_limit", {.name = "w", .data = zeros(3 << 20), .deflate = true},
             "w.npz:w: expands to 3145802 bytes, more than the limit of 1048576\n    use a smaller array, or raise "
             "ReadOptions::max_array_bytes"),
    zip_case("bomb_of_impossible_ratio", {.name = "w", .data = good_npy(), .deflate = true, .bytes = 1 << 20},
             "w.npz:w: claims to expand from 82 to 1048576 bytes, which its compression cannot do" + savez),
    zip_case("bomb_that_hides_its_size", {.name = "w", .data = zeros(1 << 20), .deflate = true, .bytes = 100},
             "w.npz:w: shape [1048576] of uint8 needs 1048576 bytes of data, found 26\n    the file is truncated: "
             "write it again"),
    zip_case("more_than_it_claims",
             {.name = "w", .data = good_npy() + std::string(5000, '\0'), .deflate = true, .bytes = good_npy().size()},
             "w.npz:w: expands to more than the 94 bytes that the archive names" + savez),
    zip_case("less_than_it_claims", {.name = "w", .data = good_npy(), .deflate = true, .bytes = good_npy().size() + 1},
             "w.npz:w: shape [2, 3] of float32 needs 24 bytes of data, found 25\n    the file has bytes after its "
             "data: write it again"),
    zip_case("stored_size_differs", {.name = "w", .data = good_npy(), .bytes = 4},
             "w.npz:w: claims to expand from 94 to 4 bytes, which its compression cannot do" + savez),
    zip_case("wrong_checksum", {.name = "w", .data = good_npy(), .crc = 7},
             "w.npz:w: the data does not match its checksum (CRC-32)" + savez),
    zip_case("damaged_stream", {.name = "w", .data = std::string(40, '\xff'), .method = 8},
             "w.npz:w: the compressed data is damaged (invalid block type)\n    write the file again"),
    zip_case("truncated_stream", {.name = "w", .data = good_npy(), .deflate = true, .compressed_bytes = 20},
             "w.npz:w: the compressed data is truncated\n    write the file again"),
    zip_case("big_endian_inside", {.name = "w", .data = npy(">f8", "(3,)")},
             "w.npz:w: the values are big endian ('>f8'), expected little endian\n    save array.astype('<f8')"),
    zip_case("data_outside", {.name = "w", .data = good_npy(), .bytes = 1000000, .compressed_bytes = 1000000},
             "w.npz: is not an intact zip archive: the data of 'w' lies outside the file's 194 bytes" + savez),
    zip_case("header_outside", {.name = "w", .data = good_npy(), .local_header = 4000000},
             "w.npz: is not an intact zip archive: a member's header lies outside the file's 194 bytes" + savez),
    zip_case("header_elsewhere", {.name = "w", .data = good_npy(), .local_header = 3},
             "w.npz: is not an intact zip archive: the header of 'w' is missing" + savez)};

INSTANTIATE_TEST_SUITE_P(NpzContent, BrokenArrayFile, testing::ValuesIn(npz_content_cases), case_name);

const std::vector<FileCase> npz_directory_cases{
    cut_zip_case("truncated", good_zip.substr(0, 60), "the directory at its end is missing (is the file truncated?)"),
    cut_zip_case("too_short", good_zip.substr(0, 10), "it has only 10 bytes"),
    cut_zip_case("text_after_it", good_zip + "x", "the directory at its end is missing (is the file truncated?)"),
    cut_zip_case("directory_outside", with_bytes_at(good_zip, 6, little(1 << 30, 4)),
                 "the directory lies outside the file's 202 bytes"),
    cut_zip_case("directory_too_large", with_bytes_at(good_zip, 10, little(1 << 30, 4)),
                 "its directory claims 1 member in 1073741824 bytes"),
    cut_zip_case("more_members_than_bytes", with_bytes_at(good_zip, 14, little(9, 2) + little(9, 2)),
                 "its directory claims 9 members in 51 bytes"),
    cut_zip_case("name_too_long", with_bytes_at(good_zip, 22 + 51 - 28, little(60000, 2)),
                 "entry 0 of its directory is too long"),
    cut_zip_case("several_disks", with_bytes_at(good_zip, 18, little(1, 2)), "it is one part of several"),
    cut_zip_case("zip64_without_locator", with_bytes_at(good_zip, 6, little(0xffffffff, 4)),
                 "the directory lies outside the file's 202 bytes")};

INSTANTIATE_TEST_SUITE_P(NpzDirectory, BrokenArrayFile, testing::ValuesIn(npz_directory_cases), case_name);

FileCase idx_case(const std::string& name, const std::string& bytes, const std::string& expected) {
    return {name, "images", bytes, "images: " + expected};
}

const std::vector<FileCase> idx_cases{
    idx_case("unknown_type", idx_file(0x0a, {1}, "x"),
             "is not an idx file: it starts with bytes 0, 0, 10, expected 0, 0 and a type (8, 9, 11, 12, 13 or "
             "14)\n    use an npy, npz or idx file"),
    idx_case("cut_in_the_shape", idx_file(8, {2, 3}, "").substr(0, 7),
             "is truncated: 3 bytes where 4 are expected\n    fetch the file again"),
    idx_case("truncated", idx_file(8, {2, 3}, "12345"),
             "is truncated: 5 bytes where 6 are expected\n    fetch the file again"),
    idx_case("oversized", idx_file(8, {2, 3}, "1234567"),
             "has bytes after the 6 bytes of its data\n    fetch the file again"),
    idx_case("beyond_the_limit", idx_file(8, {60000, 28, 28}, ""),
             "an array of shape [60000, 28, 28] of uint8 needs more than the limit of 1048576 bytes\n    use a "
             "smaller array, or raise ReadOptions::max_array_bytes"),
    idx_case("shape_that_wraps", idx_file(14, {0xffffffff, 0xffffffff, 0xffffffff}, ""),
             "an array of shape [4294967295, 4294967295, 4294967295] of float64 needs more than the limit of "
             "1048576 bytes\n    use a smaller array, or raise ReadOptions::max_array_bytes"),
    idx_case("impossible_gzip", gzip(idx_file(8, {1000, 1000}, "")),
             "shape [1000, 1000] of uint8 needs 1000000 bytes of data, more than the file's 29 bytes can hold\n    "
             "the file is truncated: fetch it again"),
    idx_case("truncated_gzip", gzip(idx_file(8, {50}, std::string(50, 'x'))).substr(0, 20),
             "the compressed data is truncated\n    write the file again"),
    idx_case("damaged_gzip", with_bytes_at(gzip(idx_file(8, {5}, "abcde")), 8, "crc?"),
             "the compressed data is damaged (incorrect data check)\n    write the file again"),
    idx_case("gzip_of_something_else", gzip("hello world"),
             "is not an idx file: it starts with bytes 104, 101, 108, expected 0, 0 and a type (8, 9, 11, 12, 13 "
             "or 14)\n    use an npy, npz or idx file"),
    idx_case("text_after_the_gzip", gzip(idx_file(8, {5}, "abcde")) + "x",
             "has bytes after the 5 bytes of its data\n    fetch the file again"),
    idx_case("more_in_the_gzip", gzip(idx_file(8, {5}, "abcdef")),
             "has bytes after the 5 bytes of its data\n    fetch the file again")};

INSTANTIATE_TEST_SUITE_P(Idx, BrokenArrayFile, testing::ValuesIn(idx_cases), case_name);

}  // namespace
}  // namespace mlgenn::test
