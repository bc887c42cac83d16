// SPDX-License-Identifier: Apache-2.0
// The Python dictionary in an npy header.
#include <array>
#include <optional>
#include <utility>

#include "compiler/description/messages.h"
#include "compiler/description/npy.h"

namespace mlgenn::description {

namespace {

constexpr std::size_t max_dimensions = 32;

/// A cursor over the few forms that NumPy writes: quoted strings, booleans, tuples of whole numbers.
class DictionaryReader {
public:
    DictionaryReader(std::string_view text, const std::string& where) : text_(text), where_(where) {}

    NpyHeader read() {
        expect('{');
        while (!accept('}')) {
            const std::string key = read_string();
            expect(':');
            read_entry(key);
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skip_space();
        if (position_ != text_.size()) {
            damaged("the end");
        }
        return finish();
    }

private:
    void read_entry(const std::string& key) {
        if (key == "descr" && !descr_) {
            skip_space();
            if (position_ < text_.size() && text_[position_] == '[') {
                fail(where_, "holds records with named fields, expected plain numbers", "save each field by itself");
            }
            descr_ = read_string();
        } else if (key == "fortran_order" && !fortran_order_) {
            fortran_order_ = read_boolean();
        } else if (key == "shape" && !shape_) {
            shape_ = read_tuple();
        } else {
            fail(where_, "the npy header has an unexpected or repeated entry " + in_quotes(key),
                 "write the file again with numpy.save");
        }
    }

    NpyHeader finish() {
        if (!descr_ || !fortran_order_ || !shape_) {
            const char* missing = !descr_ ? "descr" : !fortran_order_ ? "fortran_order" : "shape";
            fail(where_, "the npy header has no entry '" + std::string(missing) + "'",
                 "write the file again with numpy.save");
        }
        const DType dtype = read_type(*descr_);
        if (*fortran_order_ && shape_->size() > 1) {
            fail(where_, "the values stand in Fortran order (columns first), expected C order",
                 "save numpy.ascontiguousarray(array)");
        }
        return {dtype, *std::move(shape_)};
    }

    DType read_type(const std::string& descr) const {
        static constexpr std::array<std::pair<std::string_view, DType>, 11> types{{{"b1", DType::boolean},
                                                                                   {"u1", DType::u8},
                                                                                   {"i1", DType::i8},
                                                                                   {"u2", DType::u16},
                                                                                   {"i2", DType::i16},
                                                                                   {"u4", DType::u32},
                                                                                   {"i4", DType::i32},
                                                                                   {"u8", DType::u64},
                                                                                   {"i8", DType::i64},
                                                                                   {"f4", DType::f32},
                                                                                   {"f8", DType::f64}}};
        const char order = descr.empty() ? '\0' : descr[0];
        const std::string_view kind = descr.empty() ? std::string_view() : std::string_view(descr).substr(1);
        if (kind == "f2") {
            fail(where_, "holds float16 values ('" + descr + "'), which are not supported",
                 "save array.astype('float32')");
        }
        for (const auto& [name, dtype] : types) {
            if (kind != name || (order != '<' && order != '>' && order != '|')) {
                continue;
            }
            if (size_of(dtype) > 1 && order == '>') {
                fail(where_, "the values are big endian ('" + descr + "'), expected little endian",
                     "save array.astype('<" + std::string(kind) + "')");
            }
            if (size_of(dtype) == 1 || order == '<') {
                return dtype;
            }
        }
        fail(where_, "holds values of type " + in_quotes(descr) + ", which is not supported",
             "save it as bool, int8 to int64, uint8 to uint64, float32 or float64");
    }

    std::string read_string() {
        skip_space();
        const char quote = position_ < text_.size() ? text_[position_] : '\0';
        if (quote != '\'' && quote != '"') {
            damaged("a quoted string");
        }
        const std::size_t end = text_.find(quote, position_ + 1);
        if (end == std::string_view::npos) {
            damaged("a closing quote");
        }
        std::string result(text_.substr(position_ + 1, end - position_ - 1));
        position_ = end + 1;
        return result;
    }

    bool read_boolean() {
        skip_space();
        for (const bool value : {false, true}) {
            const std::string_view word = value ? "True" : "False";
            if (text_.substr(position_, word.size()) == word) {
                position_ += word.size();
                return value;
            }
        }
        damaged("True or False");
    }

    Shape read_tuple() {
        Shape shape;
        expect('(');
        while (!accept(')')) {
            shape.push_back(read_dimension());
            if (shape.size() > max_dimensions) {
                fail(where_, "has more than " + std::to_string(max_dimensions) + " dimensions", "reshape the array");
            }
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return shape;
    }

    std::size_t read_dimension() {
        constexpr std::size_t max_digits = 18;
        skip_space();
        const std::size_t begin = position_;
        std::size_t value = 0;
        while (position_ < text_.size() && text_[position_] >= '0' && text_[position_] <= '9') {
            if (position_ - begin == max_digits) {
                fail(where_, "the npy header has a dimension of more than 18 digits",
                     "write the file again with numpy.save");
            }
            value = value * 10 + static_cast<std::size_t>(text_[position_] - '0');
            ++position_;
        }
        if (position_ == begin) {
            damaged("a dimension (a whole number >= 0)");
        }
        return value;
    }

    void skip_space() {
        while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n')) {
            ++position_;
        }
    }

    bool accept(char c) {
        skip_space();
        if (position_ < text_.size() && text_[position_] == c) {
            ++position_;
            return true;
        }
        return false;
    }

    void expect(char c) {
        if (!accept(c)) {
            damaged(in_quotes(std::string(1, c)));
        }
    }

    [[noreturn]] void damaged(const std::string& expected) const {
        const std::string found =
            position_ < text_.size() ? in_quotes(text_.substr(position_, 1)) : std::string("the end");
        fail(where_,
             "the npy header is damaged: found " + found + " at character " + std::to_string(position_) +
                 ", expected " + expected,
             "write the file again with numpy.save");
    }

    std::string_view text_;
    const std::string& where_;
    std::size_t position_ = 0;
    std::optional<std::string> descr_;
    std::optional<bool> fortran_order_;
    std::optional<Shape> shape_;
};

}  // namespace

NpyHeader parse_npy_dictionary(std::string_view text, const std::string& where) {
    return DictionaryReader(text, where).read();
}

}  // namespace mlgenn::description
