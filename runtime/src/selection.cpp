// SPDX-License-Identifier: Apache-2.0
// Filters applied to a call's examples and a population's neurons.
#include "runtime/src/selection.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace mlgenn::runtime {

namespace {

/// Turns filters of one population into sorted neuron indices; findings go into the list.
class NeuronSelection {
public:
    NeuronSelection(const Shape& shape, std::string where, std::vector<Diagnostic>& problems)
        : shape_(shape), num_neurons_(num_elements(shape)), where_(std::move(where)), problems_(problems) {}

    std::vector<std::uint32_t> operator()(std::monostate) const {
        std::vector<std::uint32_t> all(num_neurons_);
        std::iota(all.begin(), all.end(), 0U);
        return all;
    }
    std::vector<std::uint32_t> operator()(const Slice& slice) const {
        if (shape_.size() != 1) {
            report(
                "a slice found for a population of shape " + to_string(shape_),
                "give one slice or list of indices for each of its " + std::to_string(shape_.size()) + " dimensions");
            return {};
        }
        return sorted(indices_of(slice, num_neurons_, where_));
    }
    std::vector<std::uint32_t> operator()(const IndexList& list) const {
        return sorted(indices_of(list, num_neurons_, where_));
    }
    std::vector<std::uint32_t> operator()(const std::vector<bool>& selected) const {
        if (selected.size() != num_neurons_) {
            report(std::to_string(selected.size()) + " truth values found, but the population has " +
                       std::to_string(num_neurons_) + " neurons",
                   "give one per neuron, in row-major order");
            return {};
        }
        std::vector<std::uint32_t> neurons;
        for (std::size_t j = 0; j < selected.size(); ++j) {
            if (selected[j]) {
                neurons.push_back(static_cast<std::uint32_t>(j));
            }
        }
        return neurons;
    }
    std::vector<std::uint32_t> operator()(const std::vector<NeuronFilter::Dimension>& dimensions) const {
        if (dimensions.size() != shape_.size()) {
            report(
                std::to_string(dimensions.size()) + " dimensions found, but the population has shape " +
                    to_string(shape_),
                "give one slice or list of indices for each of its " + std::to_string(shape_.size()) + " dimensions");
            return {};
        }
        std::vector<std::vector<std::size_t>> per_dimension;
        std::size_t list_length = 1;
        for (std::size_t d = 0; d < dimensions.size(); ++d) {
            const std::string where = where_ + ", dimension " + std::to_string(d);
            per_dimension.push_back(
                std::visit([&](const auto& filter) { return indices_of(filter, shape_[d], where); }, dimensions[d]));
            const std::size_t length = per_dimension.back().size();
            if (std::holds_alternative<Slice>(dimensions[d]) || length == 1 || length == list_length) {
                continue;
            }
            if (list_length != 1) {
                report("lists of " + std::to_string(list_length) + " and " + std::to_string(length) +
                           " indices found for different dimensions",
                       "give lists of the same length, or of one index: they go together element by element");
                return {};
            }
            list_length = length;
        }
        return combined(dimensions, per_dimension, list_length);
    }

private:
    void report(std::string problem, std::string remedy) const {
        report_at(where_, std::move(problem), std::move(remedy));
    }
    void report_at(const std::string& where, std::string problem, std::string remedy) const {
        problems_.push_back({.where = where, .problem = std::move(problem), .notes = {}, .remedy = std::move(remedy)});
    }

    /// Row-major indices: lists element by element, slices with everything.
    [[nodiscard]] std::vector<std::uint32_t> combined(const std::vector<NeuronFilter::Dimension>& dimensions,
                                                      const std::vector<std::vector<std::size_t>>& indices,
                                                      std::size_t list_length) const {
        std::vector<std::size_t> neurons;
        for (std::size_t k = 0; k < list_length; ++k) {
            std::vector<std::size_t> partial = {0};
            for (std::size_t d = 0; d < dimensions.size(); ++d) {
                std::span<const std::size_t> chosen(indices[d]);
                if (!std::holds_alternative<Slice>(dimensions[d])) {
                    chosen = chosen.size() == 1 ? chosen
                                                : chosen.subspan(std::min(k, chosen.size()), chosen.empty() ? 0 : 1);
                }
                std::vector<std::size_t> next;
                next.reserve(partial.size() * chosen.size());
                for (const std::size_t base : partial) {
                    for (const std::size_t index : chosen) {
                        next.push_back(base * shape_[d] + index);
                    }
                }
                partial = std::move(next);
            }
            neurons.insert(neurons.end(), partial.begin(), partial.end());
        }
        return sorted(std::move(neurons));
    }

    static std::vector<std::uint32_t> sorted(std::vector<std::size_t> indices) {
        std::sort(indices.begin(), indices.end());
        indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
        return {indices.begin(), indices.end()};
    }

    [[nodiscard]] std::vector<std::size_t> indices_of(const IndexList& list, std::size_t size,
                                                      const std::string& where) const {
        std::vector<std::size_t> indices;
        const auto length = static_cast<std::int64_t>(size);
        for (const std::int64_t index : list.values()) {
            if (index < -length || index >= length) {
                report_at(
                    where,
                    "index " + std::to_string(index) + " found, but there are " + std::to_string(size) + " neurons",
                    "use 0 to " + std::to_string(length - 1) + ", or -" + std::to_string(length) +
                        " to -1 from the end");
                return {};
            }
            indices.push_back(static_cast<std::size_t>(index < 0 ? index + length : index));
        }
        return indices;
    }

    [[nodiscard]] std::vector<std::size_t> indices_of(const Slice& slice, std::size_t size,
                                                      const std::string& where) const {
        const auto length = static_cast<std::int64_t>(size);
        if (slice.step < 1) {
            report_at(where, "a slice with step " + std::to_string(slice.step) + " found", "use a step of at least 1");
            return {};
        }
        for (const auto& bound : {slice.start, slice.stop}) {
            if (bound && (*bound < -length || *bound > length)) {
                report_at(where,
                          "a slice with bound " + std::to_string(*bound) + " found, but there are " +
                              std::to_string(size) + " neurons",
                          "use bounds from 0 to " + std::to_string(length) + ", or from -" + std::to_string(length) +
                              " to -1 from the end");
                return {};
            }
        }
        const auto from_end = [length](std::int64_t bound) { return bound < 0 ? bound + length : bound; };
        const std::int64_t stop = from_end(slice.stop.value_or(length));
        std::vector<std::size_t> indices;
        for (std::int64_t i = from_end(slice.start.value_or(0)); i < stop; i += std::min(slice.step, length)) {
            indices.push_back(static_cast<std::size_t>(i));
        }
        return indices;
    }

    const Shape& shape_;
    std::size_t num_neurons_;
    std::string where_;
    std::vector<Diagnostic>& problems_;
};

/// The example indices that a filter names.
std::vector<std::int64_t> named_examples(const ExampleFilter& filter) {
    if (const auto* list = std::get_if<IndexList>(&filter.variant())) {
        return list->values();
    }
    std::vector<std::int64_t> examples;
    const auto& selected = std::get<std::vector<bool>>(filter.variant());
    for (std::size_t e = 0; e < selected.size(); ++e) {
        if (selected[e]) {
            examples.push_back(static_cast<std::int64_t>(e));
        }
    }
    return examples;
}

}  // namespace

ExampleSelection::ExampleSelection(const ExampleFilter& filter, std::size_t num_examples, const std::string& where,
                                   std::vector<Diagnostic>& problems)
    : all_(std::holds_alternative<std::monostate>(filter.variant())), num_examples_(num_examples) {
    if (all_) {
        return;
    }
    for (const std::int64_t example : named_examples(filter)) {
        if (example < 0 || static_cast<std::size_t>(example) >= num_examples) {
            problems.push_back({.where = where,
                                .problem = "example " + std::to_string(example) +
                                           " is to be recorded, but the call has " + std::to_string(num_examples) +
                                           " examples",
                                .notes = {},
                                .remedy = "name examples by their position in the data, from 0"});
            return;
        }
        examples_.push_back(static_cast<std::size_t>(example));
    }
    std::sort(examples_.begin(), examples_.end());
    examples_.erase(std::unique(examples_.begin(), examples_.end()), examples_.end());
}

std::optional<std::size_t> ExampleSelection::position(std::size_t example) const {
    if (all_) {
        return example;
    }
    const auto found = std::lower_bound(examples_.begin(), examples_.end(), example);
    if (found == examples_.end() || *found != example) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - examples_.begin());
}

std::vector<std::uint32_t> selected_neurons(const NeuronFilter& filter, const Shape& shape, const std::string& where,
                                            std::vector<Diagnostic>& problems) {
    return std::visit(NeuronSelection(shape, where, problems), filter.variant());
}

}  // namespace mlgenn::runtime
