// SPDX-License-Identifier: Apache-2.0
// Which examples and which neurons a recorder keeps.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <variant>
#include <vector>

namespace mlgenn {

/// Every `step`-th index from `start` up to, not including, `stop`; negative bounds count from the end. Unlike NumPy's,
/// bounds outside the dimension are errors, and the step is at least 1.
struct Slice {
    std::optional<std::int64_t> start{};
    std::optional<std::int64_t> stop{};
    std::int64_t step = 1;
};

/// An integer type that is not a truth value.
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

/// Indices in any order, duplicates allowed: a filter is a set.
class IndexList {
public:
    IndexList(std::initializer_list<int> indices) : values_(indices.begin(), indices.end()) {}
    template <Integer T>
    IndexList(const std::vector<T>& indices) : values_(indices.begin(), indices.end()) {}
    [[nodiscard]] const std::vector<std::int64_t>& values() const { return values_; }

private:
    std::vector<std::int64_t> values_;
};

/// Examples of a call, by their position in its data. Default: all of them. Indices and truth values may be fewer than
/// the examples; what lies beyond them is not selected.
class ExampleFilter {
public:
    using Variant = std::variant<std::monostate, IndexList, std::vector<bool>>;

    ExampleFilter() = default;
    template <Integer T>
    ExampleFilter(T index) : value_(IndexList(std::vector<T>{index})) {}
    ExampleFilter(std::initializer_list<int> indices) : value_(IndexList(indices)) {}
    ExampleFilter(std::initializer_list<bool> selected) : value_(std::vector<bool>(selected)) {}
    template <Integer T>
    ExampleFilter(const std::vector<T>& indices) : value_(IndexList(indices)) {}
    ExampleFilter(std::vector<bool> selected) : value_(std::move(selected)) {}

    [[nodiscard]] const Variant& variant() const { return value_; }

private:
    Variant value_{};
};

/// Neurons of a population. Default: all of them.
class NeuronFilter {
public:
    /// What one dimension keeps. Lists of several dimensions go together element by element, as in NumPy (a list of
    /// one index goes with every element); slices combine with everything.
    using Dimension = std::variant<Slice, IndexList>;
    using Variant = std::variant<std::monostate, Slice, IndexList, std::vector<bool>, std::vector<Dimension>>;

    NeuronFilter() = default;
    /// Of a one-dimensional population.
    NeuronFilter(Slice slice) : value_(slice) {}
    /// Row-major neuron indices, whatever the population's shape; negative ones count from the end.
    template <Integer T>
    NeuronFilter(T index) : value_(IndexList(std::vector<T>{index})) {}
    NeuronFilter(std::initializer_list<int> indices) : value_(IndexList(indices)) {}
    template <Integer T>
    NeuronFilter(const std::vector<T>& indices) : value_(IndexList(indices)) {}
    /// One truth value per neuron, in row-major order.
    NeuronFilter(std::initializer_list<bool> selected) : value_(std::vector<bool>(selected)) {}
    NeuronFilter(std::vector<bool> selected) : value_(std::move(selected)) {}
    /// One entry per dimension of the population.
    NeuronFilter(std::vector<Dimension> dimensions) : value_(std::move(dimensions)) {}

    [[nodiscard]] const Variant& variant() const { return value_; }

private:
    Variant value_{};
};

}  // namespace mlgenn
