// SPDX-License-Identifier: Apache-2.0
// Dense n-dimensional arrays in C order: how weights, inputs, targets and predictions travel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace mlgenn {

enum class DType : std::uint8_t { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f32, f64 };

/// Bytes of one element.
[[nodiscard]] std::size_t size_of(DType dtype);
/// NumPy's name: "float32", "uint8", "bool", ...
[[nodiscard]] std::string_view name_of(DType dtype);

using Shape = std::vector<std::size_t>;

/// Product of the dimensions; 1 for an empty shape.
/// Throws DescriptionError when the product does not fit in 2^48 elements.
[[nodiscard]] std::size_t num_elements(std::span<const std::size_t> shape);
/// "[28, 28, 1]".
[[nodiscard]] std::string to_string(std::span<const std::size_t> shape);

template <class T>
[[nodiscard]] constexpr DType dtype_of();

/// An immutable-by-default array that shares its bytes when copied.
class Array {
public:
    Array() = default;
    /// Zero-filled.
    Array(DType dtype, Shape shape);

    /// Copies `values`; throws DescriptionError when their number does not match `shape`.
    template <class T>
    [[nodiscard]] static Array from(std::span<const T> values, Shape shape) {
        return Array(dtype_of<T>(), std::move(shape), std::as_bytes(values));
    }
    template <class T>
    [[nodiscard]] static Array from(const std::vector<T>& values) {
        return from(std::span<const T>(values), Shape{values.size()});
    }
    template <class T>
    [[nodiscard]] static Array from(const std::vector<T>& values, Shape shape) {
        return from(std::span<const T>(values), std::move(shape));
    }

    [[nodiscard]] DType dtype() const { return dtype_; }
    [[nodiscard]] const Shape& shape() const { return shape_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::span<const std::byte> bytes() const;
    /// Writable bytes; makes a private copy first if the bytes are shared.
    [[nodiscard]] std::span<std::byte> mutable_bytes();

    /// Elements as T; throws InternalError when T is not the array's type (convert first).
    template <class T>
    [[nodiscard]] std::span<const T> as() const {
        check_type(dtype_of<T>());
        return {reinterpret_cast<const T*>(bytes().data()), size_};
    }
    template <class T>
    [[nodiscard]] std::span<T> as_mutable() {
        check_type(dtype_of<T>());
        return {reinterpret_cast<T*>(mutable_bytes().data()), size_};
    }

    /// Element `index` (flat) as double, whatever the type.
    [[nodiscard]] double value(std::size_t index) const;
    /// Every element converted to float32 (one rounding from the stored value).
    [[nodiscard]] std::vector<float> to_f32() const;
    /// Every element as a signed 64-bit integer; throws DescriptionError for fractions, NaN and out-of-range values.
    [[nodiscard]] std::vector<std::int64_t> to_i64() const;

    /// Same bytes, other shape; throws DescriptionError when the number of elements differs.
    [[nodiscard]] Array reshaped(Shape shape) const;
    /// Rows [begin, end) of the first dimension (a copy).
    [[nodiscard]] Array rows(std::size_t begin, std::size_t end) const;

private:
    Array(DType dtype, Shape shape, std::span<const std::byte> bytes);
    void check_type(DType wanted) const;

    DType dtype_ = DType::f32;
    Shape shape_{0};
    std::size_t size_ = 0;
    std::shared_ptr<std::vector<std::byte>> bytes_;
};

// clang-format off
template <> constexpr DType dtype_of<bool>() { return DType::boolean; }
template <> constexpr DType dtype_of<std::uint8_t>() { return DType::u8; }
template <> constexpr DType dtype_of<std::int8_t>() { return DType::i8; }
template <> constexpr DType dtype_of<std::uint16_t>() { return DType::u16; }
template <> constexpr DType dtype_of<std::int16_t>() { return DType::i16; }
template <> constexpr DType dtype_of<std::uint32_t>() { return DType::u32; }
template <> constexpr DType dtype_of<std::int32_t>() { return DType::i32; }
template <> constexpr DType dtype_of<std::uint64_t>() { return DType::u64; }
template <> constexpr DType dtype_of<std::int64_t>() { return DType::i64; }
template <> constexpr DType dtype_of<float>() { return DType::f32; }
template <> constexpr DType dtype_of<double>() { return DType::f64; }
// clang-format on

}  // namespace mlgenn
