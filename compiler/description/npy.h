// SPDX-License-Identifier: Apache-2.0
// The npy format inside any source of bytes: a file, or a member of an npz archive.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/description/byte_source.h"
#include "mlgenn/array.h"
#include "mlgenn/network_io.h"

namespace mlgenn::description {

struct NpyHeader {
    DType dtype = DType::f32;
    Shape shape;
};

/// Reads the dictionary that stands in an npy header: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)}.
/// Throws DescriptionError for anything that an Array cannot hold as it is (byte order, Fortran order, types).
[[nodiscard]] NpyHeader parse_npy_dictionary(std::string_view text, const std::string& where);

/// Bytes that the shape needs, checked against the limit before anything is allocated.
[[nodiscard]] std::uint64_t checked_bytes(DType dtype, const Shape& shape, const std::string& where,
                                          const ReadOptions& options);

/// Reads an npy file of exactly `total_bytes` bytes.
[[nodiscard]] Array read_npy(ByteSource& source, std::uint64_t total_bytes, const std::string& where,
                             const ReadOptions& options);

}  // namespace mlgenn::description
