// SPDX-License-Identifier: Apache-2.0
// How findings read as text.
#include "mlgenn/errors.h"

#include <utility>

namespace mlgenn {

namespace {

std::string joined_text(std::span<const Diagnostic> diagnostics) {
    std::string text;
    for (const Diagnostic& diagnostic : diagnostics) {
        if (!text.empty()) {
            text += '\n';
        }
        text += diagnostic.text();
    }
    return text;
}

}  // namespace

std::string Diagnostic::text() const {
    std::string result = where.empty() ? problem : where + ": " + problem;
    for (const std::string& note : notes) {
        result += "\n    " + note;
    }
    if (!remedy.empty()) {
        result += "\n    " + remedy;
    }
    return result;
}

DescriptionError::DescriptionError(std::vector<Diagnostic> diagnostics)
    : Error(joined_text(diagnostics)), diagnostics_(std::move(diagnostics)) {}

DescriptionError::DescriptionError(Diagnostic diagnostic)
    : DescriptionError(std::vector<Diagnostic>{std::move(diagnostic)}) {}

}  // namespace mlgenn
