// SPDX-License-Identifier: Apache-2.0
#include "compiler/src/explain.h"

#include <algorithm>

namespace mlgenn {
namespace {

std::string padded(std::string text, std::size_t width, bool right = false) {
    if (text.size() < width) {
        text.insert(right ? 0 : text.size(), width - text.size(), ' ');
    }
    return text;
}

}  // namespace

std::string explain_schedule(const ir::Program& program) {
    std::string text;
    for (const std::string& line : program.schedule.explanation) {
        text += line + "\n";
    }
    for (std::size_t k = 0; k < program.loops.size(); ++k) {
        text += "loop " + std::to_string(k) + (program.loops[k].recurrent ? " (recurrent):" : ":");
        for (const ir::Phase& phase : program.loops[k].phases) {
            text += " " + phase.name;
        }
        text += "\n";
    }
    return text;
}

std::string explain_buffers(const ir::Program& program) {
    std::size_t width = 6;
    for (const ir::Buffer& buffer : program.buffers) {
        width = std::max(width, buffer.name.size());
    }
    std::string text =
        padded("buffer", width) + "  " + padded("elements", 10, true) + "  " + padded("bytes", 10, true) + "  space\n";
    for (const ir::Buffer& buffer : program.buffers) {
        const char* space = buffer.space == ir::Space::constant    ? "constant"
                            : buffer.space == ir::Space::workspace ? "workspace"
                                                                   : "argument";
        text += padded(buffer.name, width) + "  " + padded(std::to_string(buffer.count), 10, true) + "  " +
                padded(std::to_string(buffer.count * size_of(buffer.storage)), 10, true) + "  " + space + "\n";
    }
    text += "constants " + std::to_string(program.constants_bytes) + " bytes, shared by all examples\n";
    text += "workspace " + std::to_string(program.workspace_bytes) + " bytes per worker\n";
    return text;
}

}  // namespace mlgenn
