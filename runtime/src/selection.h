// SPDX-License-Identifier: Apache-2.0
// Filters applied to a call's examples and a population's neurons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/array.h"
#include "mlgenn/errors.h"
#include "mlgenn/filters.h"

namespace mlgenn::runtime {

/// Examples that a filter selects, without a place for those that it does not.
class ExampleSelection {
public:
    /// Adds a finding to `problems` for an index that is not below `num_examples`.
    ExampleSelection(const ExampleFilter& filter, std::size_t num_examples, const std::string& where,
                     std::vector<Diagnostic>& problems);

    [[nodiscard]] std::size_t size() const { return all_ ? num_examples_ : examples_.size(); }
    /// Position among the selected examples.
    [[nodiscard]] std::optional<std::size_t> position(std::size_t example) const;

private:
    bool all_ = false;
    std::size_t num_examples_ = 0;
    /// Ascending.
    std::vector<std::size_t> examples_{};
};

/// Row-major indices of the selected neurons, ascending. Adds a finding to `problems` for a filter that does not fit
/// `shape`, which `where` names.
[[nodiscard]] std::vector<std::uint32_t> selected_neurons(const NeuronFilter& filter, const Shape& shape,
                                                          const std::string& where, std::vector<Diagnostic>& problems);

}  // namespace mlgenn::runtime
