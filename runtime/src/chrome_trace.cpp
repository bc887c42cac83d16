// SPDX-License-Identifier: Apache-2.0
// Writes the events of a profile as Chrome's trace format: complete events with times in microseconds.
#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <system_error>

#include "mlgenn/profile.h"

namespace mlgenn {
namespace {

/// A JSON string; bytes above 0x7f are UTF-8 already.
std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (byte < 0x20) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(byte));
            result += escape.data();
        } else {
            result += c;
        }
    }
    return result + '"';
}

std::string microseconds(double ms) {
    std::array<char, 400> text{};
    const auto [end, error] = std::to_chars(text.begin(), text.end(), ms * 1e3, std::chars_format::fixed, 3);
    return error == std::errc() ? std::string(text.begin(), end) : "0";
}

}  // namespace

std::string chrome_trace(const KernelProfile& profile) {
    std::string text = "{\"displayTimeUnit\": \"ns\", \"otherData\": {\"network\": " + quoted(profile.network) +
                       ", \"back end\": " + quoted(profile.backend) + ", \"device\": " + quoted(profile.device) +
                       ", \"events left out\": " + std::to_string(profile.events_left_out) + "},\n\"traceEvents\": [";
    const char* separator = "\n";
    for (const ProfileEvent& event : profile.events) {
        text += separator;
        text += "{\"ph\": \"X\", \"pid\": 1, \"tid\": " + std::to_string(event.track) +
                ", \"cat\": " + quoted(event.kind) + ", \"name\": " + quoted(event.name) +
                ", \"ts\": " + microseconds(event.begin_ms) + ", \"dur\": " + microseconds(event.duration_ms) + "}";
        separator = ",\n";
    }
    return text + "\n]}\n";
}

}  // namespace mlgenn
