// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/table.h"

#include <algorithm>

#include "mlgenn/errors.h"

namespace mlgenn::cli {
namespace {

void append_line(std::string& out, const std::vector<Column>& columns, const std::vector<std::string>& cells,
                 const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t c = 0; c < columns.size(); ++c) {
        if (widths[c] == 0) {
            continue;
        }
        const std::string padding(widths[c] - cells[c].size(), ' ');
        line += line.empty() ? "" : "  ";
        line += columns[c].align == Align::right ? padding + cells[c] : cells[c] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
}

}  // namespace

std::string Table::text() const {
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (const auto& row : rows_) {
        if (row.size() != columns_.size()) {
            throw InternalError("a table row has " + std::to_string(row.size()) + " cells for " +
                                std::to_string(columns_.size()) + " columns");
        }
        for (std::size_t c = 0; c < row.size(); ++c) {
            widths[c] = std::max(widths[c], row[c].size());
        }
    }
    std::vector<std::string> titles;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        titles.push_back(columns_[c].title);
        if (widths[c] > 0) {
            widths[c] = std::max(widths[c], titles[c].size());
        }
    }
    std::string out;
    append_line(out, columns_, titles, widths);
    for (const auto& row : rows_) {
        append_line(out, columns_, row, widths);
    }
    return out;
}

}  // namespace mlgenn::cli
