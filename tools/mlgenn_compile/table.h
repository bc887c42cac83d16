// SPDX-License-Identifier: Apache-2.0
// Aligned columns of text for people.
#pragma once

#include <string>
#include <vector>

namespace mlgenn::cli {

enum class Align { left, right };

struct Column {
    std::string title;
    Align align = Align::left;
};

class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// One cell per column.
    void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    /// Title line and rows, two spaces between columns, no trailing blanks; columns without any text are left out.
    [[nodiscard]] std::string text() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace mlgenn::cli
