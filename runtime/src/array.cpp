// SPDX-License-Identifier: Apache-2.0
// Arrays: sizes, conversions and shared bytes.
#include "mlgenn/array.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "mlgenn/errors.h"

namespace mlgenn {

namespace {

constexpr std::size_t max_elements = std::size_t{1} << 48;

struct DTypeFacts {
    std::size_t size;
    std::string_view name;
};

DTypeFacts facts_of(DType dtype) {
    switch (dtype) {
        case DType::boolean:
            return {1, "bool"};
        case DType::u8:
            return {1, "uint8"};
        case DType::i8:
            return {1, "int8"};
        case DType::u16:
            return {2, "uint16"};
        case DType::i16:
            return {2, "int16"};
        case DType::u32:
            return {4, "uint32"};
        case DType::i32:
            return {4, "int32"};
        case DType::u64:
            return {8, "uint64"};
        case DType::i64:
            return {8, "int64"};
        case DType::f32:
            return {4, "float32"};
        case DType::f64:
            return {8, "float64"};
    }
    throw InternalError("an array type outside the enumeration");
}

/// Calls `visitor` with a span of the array's elements; bool arrays come as u8, because any byte may stand in them.
template <class Visitor>
decltype(auto) visit_elements(const Array& array, Visitor&& visitor) {
    const std::byte* data = array.bytes().data();
    const auto typed = [&]<class T>(std::type_identity<T>) {
        return std::span<const T>(reinterpret_cast<const T*>(data), array.size());
    };
    switch (array.dtype()) {
        case DType::boolean:
        case DType::u8:
            return visitor(typed(std::type_identity<std::uint8_t>{}));
        case DType::i8:
            return visitor(typed(std::type_identity<std::int8_t>{}));
        case DType::u16:
            return visitor(typed(std::type_identity<std::uint16_t>{}));
        case DType::i16:
            return visitor(typed(std::type_identity<std::int16_t>{}));
        case DType::u32:
            return visitor(typed(std::type_identity<std::uint32_t>{}));
        case DType::i32:
            return visitor(typed(std::type_identity<std::int32_t>{}));
        case DType::u64:
            return visitor(typed(std::type_identity<std::uint64_t>{}));
        case DType::i64:
            return visitor(typed(std::type_identity<std::int64_t>{}));
        case DType::f32:
            return visitor(typed(std::type_identity<float>{}));
        case DType::f64:
            return visitor(typed(std::type_identity<double>{}));
    }
    throw InternalError("an array type outside the enumeration");
}

std::string shortest(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

[[noreturn]] void fail_whole_number(std::size_t index, const std::string& found, std::string expected) {
    throw DescriptionError(
        Diagnostic{"array", "element " + std::to_string(index) + " is " + found + ", expected " + expected, {}, {}});
}

template <class T>
std::int64_t whole_number(T value, std::size_t index) {
    if constexpr (std::is_floating_point_v<T>) {
        const double wide = static_cast<double>(value);
        if (std::isnan(wide) || std::trunc(wide) != wide) {
            fail_whole_number(index, shortest(wide), "a whole number");
        }
        // 2^63 itself is a double but not an i64.
        if (wide < -0x1p63 || wide >= 0x1p63) {
            fail_whole_number(index, shortest(wide), "a whole number that fits in 64 bits");
        }
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            fail_whole_number(index, std::to_string(value), "at most 9223372036854775807");
        }
    }
    return static_cast<std::int64_t>(value);
}

}  // namespace

std::size_t size_of(DType dtype) {
    return facts_of(dtype).size;
}

std::string_view name_of(DType dtype) {
    return facts_of(dtype).name;
}

std::size_t num_elements(std::span<const std::size_t> shape) {
    if (std::find(shape.begin(), shape.end(), std::size_t{0}) != shape.end()) {
        return 0;
    }
    std::size_t product = 1;
    for (const std::size_t dimension : shape) {
        if (dimension > max_elements / product) {
            throw DescriptionError(Diagnostic{
                "array", "shape " + to_string(shape) + " has more than 2^48 elements", {}, "use a smaller shape"});
        }
        product *= dimension;
    }
    return product;
}

std::string to_string(std::span<const std::size_t> shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return text + "]";
}

Array::Array(DType dtype, Shape shape) : dtype_(dtype), shape_(std::move(shape)), size_(num_elements(shape_)) {
    const std::size_t num_bytes = size_ * size_of(dtype);
    try {
        bytes_ = std::make_shared<std::vector<std::byte>>(num_bytes);
    } catch (const std::bad_alloc&) {
        throw DescriptionError(Diagnostic{"array",
                                          "shape " + to_string(shape_) + " of " + std::string(name_of(dtype)) +
                                              " needs " + std::to_string(num_bytes) +
                                              " bytes, more memory than there is",
                                          {},
                                          "use a smaller array or a machine with more memory"});
    }
}

Array::Array(DType dtype, Shape shape, std::span<const std::byte> bytes) {
    const std::size_t expected = num_elements(shape);
    if (const std::size_t found = bytes.size() / size_of(dtype); found != expected) {
        throw DescriptionError(Diagnostic{"array",
                                          std::to_string(found) + " values do not fill shape " + to_string(shape) +
                                              ", which has " + std::to_string(expected),
                                          {},
                                          {}});
    }
    *this = Array(dtype, std::move(shape));
    if (!bytes.empty()) {
        std::memcpy(bytes_->data(), bytes.data(), bytes.size());
    }
}

std::span<const std::byte> Array::bytes() const {
    if (bytes_ == nullptr) {
        return {};
    }
    return *bytes_;
}

std::span<std::byte> Array::mutable_bytes() {
    if (bytes_ == nullptr) {
        return {};
    }
    if (bytes_.use_count() > 1) {
        bytes_ = std::make_shared<std::vector<std::byte>>(*bytes_);
    }
    return *bytes_;
}

void Array::check_type(DType wanted) const {
    if (wanted != dtype_) {
        throw InternalError("an array of " + std::string(name_of(dtype_)) + " is read as " +
                            std::string(name_of(wanted)));
    }
}

double Array::value(std::size_t index) const {
    if (index >= size_) {
        throw InternalError("element " + std::to_string(index) + " of an array of " + std::to_string(size_));
    }
    if (dtype_ == DType::boolean) {
        return bytes()[index] != std::byte{0} ? 1.0 : 0.0;
    }
    return visit_elements(*this, [&](auto elements) { return static_cast<double>(elements[index]); });
}

std::vector<float> Array::to_f32() const {
    std::vector<float> result(size_);
    const bool is_bool = dtype_ == DType::boolean;
    visit_elements(*this, [&](auto elements) {
        std::transform(elements.begin(), elements.end(), result.begin(), [is_bool](auto element) {
            return is_bool ? static_cast<float>(element != 0) : static_cast<float>(element);
        });
    });
    return result;
}

std::vector<std::int64_t> Array::to_i64() const {
    std::vector<std::int64_t> result(size_);
    const bool is_bool = dtype_ == DType::boolean;
    visit_elements(*this, [&](auto elements) {
        for (std::size_t i = 0; i < elements.size(); ++i) {
            result[i] = is_bool ? static_cast<std::int64_t>(elements[i] != 0) : whole_number(elements[i], i);
        }
    });
    return result;
}

Array Array::reshaped(Shape shape) const {
    if (const std::size_t wanted = num_elements(shape); wanted != size_) {
        throw DescriptionError(Diagnostic{"array",
                                          "shape " + to_string(shape_) + " with " + std::to_string(size_) +
                                              " elements does not reshape to " + to_string(shape) + " with " +
                                              std::to_string(wanted),
                                          {},
                                          {}});
    }
    Array result = *this;
    result.shape_ = std::move(shape);
    return result;
}

Array Array::rows(std::size_t begin, std::size_t end) const {
    if (shape_.empty() || begin > end || end > shape_[0]) {
        throw InternalError("rows " + std::to_string(begin) + " to " + std::to_string(end) + " of an array of shape " +
                            to_string(shape_));
    }
    Shape shape = shape_;
    shape[0] = end - begin;
    const std::size_t row_bytes = shape_[0] == 0 ? 0 : bytes().size() / shape_[0];
    return Array(dtype_, std::move(shape), bytes().subspan(begin * row_bytes, (end - begin) * row_bytes));
}

}  // namespace mlgenn
