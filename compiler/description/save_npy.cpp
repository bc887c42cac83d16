// SPDX-License-Identifier: Apache-2.0
// Writing npy files.
#include <string>

#include "compiler/description/atomic_file.h"
#include "compiler/description/messages.h"
#include "compiler/description/npy_writer.h"
#include "mlgenn/errors.h"
#include "mlgenn/network_io.h"

namespace mlgenn {

namespace {

std::string descr_of(DType dtype) {
    switch (dtype) {
        case DType::boolean:
            return "|b1";
        case DType::u8:
            return "|u1";
        case DType::i8:
            return "|i1";
        case DType::u16:
            return "<u2";
        case DType::i16:
            return "<i2";
        case DType::u32:
            return "<u4";
        case DType::i32:
            return "<i4";
        case DType::u64:
            return "<u8";
        case DType::i64:
            return "<i8";
        case DType::f32:
            return "<f4";
        case DType::f64:
            return "<f8";
    }
    throw InternalError("an array type outside the enumeration");
}

}  // namespace

namespace description {

std::string npy_header(const Array& array, const std::string& where) {
    std::string shape = "(";
    for (const std::size_t dimension : array.shape()) {
        shape += std::to_string(dimension) + (array.shape().size() == 1 ? "," : ", ");
    }
    if (array.shape().size() > 1) {
        shape.resize(shape.size() - 2);
    }
    std::string text =
        "{'descr': '" + descr_of(array.dtype()) + "', 'fortran_order': False, 'shape': " + shape + "), }";
    constexpr std::size_t preamble_bytes = 10;
    constexpr std::size_t alignment = 64;
    text.append(alignment - 1 - (preamble_bytes + text.size()) % alignment, ' ');
    text += '\n';
    if (text.size() > 0xffff) {
        fail(where, "an array of " + std::to_string(array.shape().size()) + " dimensions is too much",
             "reshape the array");
    }
    std::string header("\x93NUMPY\x01\x00", 8);
    header += static_cast<char>(text.size() & 0xff);
    header += static_cast<char>(text.size() >> 8U);
    return header + text;
}

}  // namespace description

void save_npy(const std::filesystem::path& file, const Array& array) {
    const std::string header = description::npy_header(array, description::shown_path(file));
    description::write_atomically(file, {std::as_bytes(std::span(header)), array.bytes()});
}

}  // namespace mlgenn
