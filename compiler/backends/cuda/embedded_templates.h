// SPDX-License-Identifier: Apache-2.0
// The files of codegen_templates/cuda, built into the library (codegen_templates/embed.cmake writes the source).
#pragma once

#include <span>
#include <string_view>

namespace mlgenn::cuda {

struct EmbeddedTemplate {
    std::string_view file;
    std::string_view text;
};
[[nodiscard]] std::span<const EmbeddedTemplate> embedded_templates();

}  // namespace mlgenn::cuda
