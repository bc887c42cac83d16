// SPDX-License-Identifier: Apache-2.0
// Reads what the compiler says.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "compiler/backends/cuda/nvrtc.h"

namespace mlgenn::cuda {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(std::move(line));
    }
    return lines;
}

/// The number that stands before `unit` in `line`, 0 if there is none.
int number_before(const std::string& line, const std::string& unit) {
    const std::size_t place = line.find(" " + unit);
    if (place == std::string::npos || place == 0) {
        return 0;
    }
    std::size_t begin = place;
    while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9') {
        --begin;
    }
    return std::atoi(line.substr(begin, place - begin).c_str());
}

/// The line that a message "file(12): error" is about, 0 for other lines.
std::size_t error_line(const std::string& message, const std::string& file) {
    if (message.rfind(file + "(", 0) != 0 || message.find(": error") == std::string::npos) {
        return 0;
    }
    return static_cast<std::size_t>(std::max(0, std::atoi(message.c_str() + file.size() + 1)));
}

}  // namespace

std::map<std::string, KernelResources> parse_resources(const std::string& log) {
    std::map<std::string, KernelResources> resources;
    std::string kernel;
    for (const std::string& line : lines_of(log)) {
        // ptxas info    : Compiling entry function 'run_network' for 'sm_90'
        const std::size_t quote = line.find("entry function '");
        if (quote != std::string::npos) {
            const std::size_t begin = quote + 16;
            kernel = line.substr(begin, line.find('\'', begin) - begin);
            continue;
        }
        if (kernel.empty()) {
            continue;
        }
        KernelResources& found = resources[kernel];
        if (line.find("spill stores") != std::string::npos) {
            found.stack_bytes = number_before(line, "bytes stack frame");
            found.spill_store_bytes = number_before(line, "bytes spill stores");
            found.spill_load_bytes = number_before(line, "bytes spill loads");
        } else if (line.find(" registers") != std::string::npos) {
            found.registers = number_before(line, "registers");
            found.static_shared_bytes = number_before(line, "bytes smem");
        }
    }
    return resources;
}

std::string annotate_log(const std::string& log, const std::string& text, const std::string& file) {
    constexpr std::size_t context = 2;
    const std::vector<std::string> source = lines_of(text);
    std::string result;
    for (const std::string& message : lines_of(log)) {
        result += message + "\n";
        const std::size_t number = error_line(message, file);
        if (number == 0 || number > source.size()) {
            continue;
        }
        const std::size_t first = number > context ? number - context : 1;
        const std::size_t last = std::min(number + context, source.size());
        for (std::size_t line = first; line <= last; ++line) {
            result += (line == number ? "  > " : "    ") + std::to_string(line) + " | " + source[line - 1] + "\n";
        }
    }
    return result;
}

}  // namespace mlgenn::cuda
