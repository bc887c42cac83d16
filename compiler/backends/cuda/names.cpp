// SPDX-License-Identifier: Apache-2.0
// Chooses identifiers for generated CUDA source.
#include "compiler/backends/cuda/names.h"

#include <array>
#include <cctype>

namespace mlgenn::cuda {
namespace {

/// Words that templates and helpers use, and C++ keywords that a description could name a thing after.
constexpr std::array<std::string_view, 64> reserved_words = {
    "alignas",   "and",       "asm",       "auto",      "bool",      "break",        "case",     "catch",
    "char",      "class",     "const",     "continue",  "default",   "delete",       "do",       "double",
    "else",      "enum",      "extern",    "false",     "float",     "for",          "if",       "inline",
    "int",       "long",      "namespace", "new",       "not",       "operator",     "or",       "private",
    "public",    "register",  "return",    "short",     "signed",    "sizeof",       "static",   "struct",
    "switch",    "template",  "this",      "true",      "typedef",   "union",        "unsigned", "using",
    "void",      "while",     "t",         "io_row",    "step",      "thread",       "lane",     "warp",
    "workspace", "constants", "argument",  "arguments", "timesteps", "step_counter", "team",     "shared"};
constexpr std::array<std::string_view, 41> helper_words = {
    "i8",         "u8",           "i16",           "u16",           "i32",
    "u32",        "u64",          "wrap_add",      "wrap_sub",      "wrap_mul",
    "absolute",   "minimum",      "maximum",       "lowest_bit",    "copy_words",
    "base",       "num_steps",    "steps_done",    "bits",          "word",
    "workspaces", "targets",      "scores",        "num_examples",  "example",
    "add_count",  "add_to_bin",   "add_exactly",   "profile_began", "profile_now",
    "num_teams",  "team_barrier", "first_example", "next_spike",    "add_spikes",
    "spike",      "found",        "SpikeWalk",     "two_words",     "walk",
    "i64"};

}  // namespace

std::string identifier(std::string_view name) {
    std::string result;
    for (const char c : name) {
        const bool word = c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
        result.push_back(word ? c : '_');
    }
    if (result.empty() || std::isdigit(static_cast<unsigned char>(result.front())) != 0) {
        result.insert(result.begin(), '_');
    }
    return result;
}

std::string comment_text(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool printable = static_cast<unsigned char>(c) >= 0x20 && c != '\\' && c != 0x7f;
        result.push_back(printable ? c : '?');
    }
    return result;
}

std::string NameTable::unique(std::string_view name) {
    const std::string wanted = identifier(name);
    std::string chosen = wanted;
    for (int number = 2; !taken_.insert(chosen).second; ++number) {
        chosen = wanted + "_" + std::to_string(number);
    }
    return chosen;
}

NameTable::NameTable(const PlacedProgram& placed) {
    const ir::Program& program = placed.program;
    taken_.insert(reserved_words.begin(), reserved_words.end());
    taken_.insert(helper_words.begin(), helper_words.end());
    for (const ir::Buffer& buffer : program.buffers) {
        buffers_.push_back(unique(buffer.name));
    }
    for (std::size_t k = 0; k < buffers_.size(); ++k) {
        const bool own = placed.in_registers.count(static_cast<ir::BufferId>(k)) != 0;
        own_elements_.push_back(own ? unique(buffers_[k] + "_own") : std::string());
    }
    for (const ir::SpikeQueue& queue : program.queues) {
        rings_.push_back(buffers_.at(static_cast<std::size_t>(queue.ids)));
    }
}

std::string NameTable::spike_row(ir::QueueId id, std::uint32_t delay) const {
    return delay == 0 ? spike_row_now(id) : ring(id) + "_" + std::to_string(delay) + "_ago";
}

std::string NameTable::spike_row_now(ir::QueueId id) const {
    return ring(id) + "_now";
}

const std::string& NameTable::local(const std::string& name) {
    const auto found = locals_.find(name);
    if (found != locals_.end()) {
        return found->second;
    }
    return locals_.emplace(name, unique(name)).first->second;
}

}  // namespace mlgenn::cuda
