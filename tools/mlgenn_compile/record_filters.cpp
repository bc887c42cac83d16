// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/record_filters.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "mlgenn/errors.h"

namespace mlgenn::cli {
namespace {

/// Reads one filter text; anything unexpected is an error that shows the whole of it.
class FilterText {
public:
    FilterText(std::string_view text, std::string option, const char* expected)
        : text_(text), option_(std::move(option)), expected_(expected) {}

    [[nodiscard]] bool finished() {
        skip_spaces();
        return at_ == text_.size();
    }
    [[nodiscard]] bool take(char wanted) {
        skip_spaces();
        const bool found = at_ < text_.size() && text_[at_] == wanted;
        at_ += found ? 1 : 0;
        return found;
    }
    [[nodiscard]] std::optional<std::int64_t> number() {
        skip_spaces();
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
        if (error == std::errc::invalid_argument) {
            return std::nullopt;
        }
        if (error != std::errc()) {
            reject();
        }
        at_ = static_cast<std::size_t>(end - text_.data());
        return value;
    }
    [[nodiscard]] std::int64_t required_number() {
        const auto value = number();
        if (!value) {
            reject();
        }
        return *value;
    }
    [[noreturn]] void reject() const {
        throw DescriptionError(Diagnostic{option_, "found '" + std::string(text_) + "'", {}, expected_});
    }

private:
    void skip_spaces() {
        while (at_ < text_.size() && text_[at_] == ' ') {
            ++at_;
        }
    }

    std::string_view text_;
    std::string option_;
    const char* expected_;
    std::size_t at_ = 0;
};

NeuronFilter::Dimension dimension(FilterText& text) {
    if (text.take('[')) {
        std::vector<std::int64_t> indices;
        do {
            indices.push_back(text.required_number());
        } while (text.take(','));
        if (!text.take(']')) {
            text.reject();
        }
        return IndexList(indices);
    }
    const auto first = text.number();
    if (!text.take(':')) {
        if (!first) {
            text.reject();
        }
        return IndexList(std::vector<std::int64_t>{*first});
    }
    Slice slice{.start = first, .stop = text.number()};
    if (text.take(':')) {
        slice.step = text.number().value_or(1);
    }
    return slice;
}

}  // namespace

NeuronFilter parse_neuron_filter(std::string_view text, const std::string& option) {
    FilterText reader(text, option, "write an index, a slice or a list for each dimension: 3, ::2, [1,4] or 0:2,[1,4]");
    std::vector<NeuronFilter::Dimension> dimensions;
    do {
        dimensions.push_back(dimension(reader));
    } while (reader.take(','));
    if (!reader.finished()) {
        reader.reject();
    }
    if (dimensions.size() > 1) {
        return dimensions;
    }
    if (const auto* slice = std::get_if<Slice>(&dimensions[0])) {
        return *slice;
    }
    return std::get<IndexList>(dimensions[0]).values();
}

ExampleFilter parse_example_filter(std::string_view text, const std::string& option) {
    constexpr std::int64_t max_range = 1 << 24;
    FilterText reader(text, option, "write examples and ranges of at most 16777216: 0,3,10:20");
    std::vector<std::int64_t> examples;
    do {
        const std::int64_t first = reader.required_number();
        if (!reader.take(':')) {
            examples.push_back(first);
            continue;
        }
        const std::int64_t end = reader.required_number();
        if (first < 0 || end < first || end - first > max_range) {
            reader.reject();
        }
        for (std::int64_t example = first; example < end; ++example) {
            examples.push_back(example);
        }
    } while (reader.take(','));
    if (!reader.finished()) {
        reader.reject();
    }
    return examples;
}

}  // namespace mlgenn::cli
