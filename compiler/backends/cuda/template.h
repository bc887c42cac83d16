// SPDX-License-Identifier: Apache-2.0
// The strict template renderer: skeletons are real kernel files, only their holes are filled (docs/templates.md).
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace mlgenn::cuda {

/// What goes into the holes, by name.
using TemplateValues = std::map<std::string, std::string, std::less<>>;

/// A kernel file with two kinds of hole: `//@name` alone on a line takes statements, indented to its column, and an
/// identifier `MLGENN_NAME` takes a token. Lines that start with `//!` are for the template's author and are dropped;
/// other comment lines are kept as they are.
class Template {
public:
    /// `name` stands in messages.
    Template(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}

    /// Throws BackendError, with file and line, for a hole without a value, and for a value that fits no hole.
    [[nodiscard]] std::string render(const TemplateValues& values) const;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string name_;
    std::string text_;
};

/// The template `file` ("step.cu") that was built in, or the file of that name in the folder that the environment
/// variable MLGENN_TEMPLATE_DIR names. Throws BackendError when there is none.
[[nodiscard]] Template load_template(std::string_view file);

}  // namespace mlgenn::cuda
