// SPDX-License-Identifier: Apache-2.0
// Identifiers of generated CUDA source: stable, readable, taken from the description ("hidden.V" -> hidden_V).
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/backends/cuda/placement.h"

namespace mlgenn::cuda {

/// Maps the names of a placed program to distinct C++ identifiers. The same program always gets the same names.
class NameTable {
public:
    explicit NameTable(const PlacedProgram& placed);

    [[nodiscard]] const std::string& buffer(ir::BufferId id) const { return buffers_.at(static_cast<std::size_t>(id)); }
    /// The local variable that stands for the thread's own element of a buffer ("hidden_V_own"); empty for buffers that
    /// are not in registers.
    [[nodiscard]] const std::string& own_element(ir::BufferId id) const {
        return own_elements_.at(static_cast<std::size_t>(id));
    }
    /// The ring of spike rows of a queue ("hidden_spikes").
    [[nodiscard]] const std::string& ring(ir::QueueId id) const { return rings_.at(static_cast<std::size_t>(id)); }
    /// Row of spike words that the queue's population emitted `delay` steps ago.
    [[nodiscard]] std::string spike_row(ir::QueueId id, std::uint32_t delay) const;
    /// Row of spike words of the current step.
    [[nodiscard]] std::string spike_row_now(ir::QueueId id) const;
    /// A local or a loop index.
    [[nodiscard]] const std::string& local(const std::string& name);

private:
    std::string unique(std::string_view name);

    std::set<std::string, std::less<>> taken_;
    std::vector<std::string> buffers_;
    std::vector<std::string> own_elements_;
    std::vector<std::string> rings_;
    std::map<std::string, std::string> locals_;
};

/// `name` with every character that no identifier may hold replaced by an underscore.
[[nodiscard]] std::string identifier(std::string_view name);

/// Text from a description inside a line comment: a line break or a final backslash would end it early.
[[nodiscard]] std::string comment_text(std::string_view text);

}  // namespace mlgenn::cuda
