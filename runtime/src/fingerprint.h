// SPDX-License-Identifier: Apache-2.0
// A fast hash of many bytes: tells damage and mix-ups, not malice.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace mlgenn::runtime {

class Fingerprint {
public:
    void add(std::span<const std::byte> bytes) {
        add_number(bytes.size());
        std::size_t done = 0;
        for (; done + sizeof(std::uint64_t) <= bytes.size(); done += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + done, sizeof(word));
            add_number(word);
        }
        std::uint64_t rest = 0;
        if (done < bytes.size()) {
            std::memcpy(&rest, bytes.data() + done, bytes.size() - done);
        }
        add_number(rest);
    }
    void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
    /// Every step is one-to-one in the state, so that two inputs that differ in one word always differ in the end.
    void add_number(std::uint64_t number) {
        constexpr std::uint64_t odd = 0x9e3779b97f4a7c15U;
        constexpr int rotation = 29;
        state_ = std::rotl(state_ ^ number, rotation) * odd;
    }
    [[nodiscard]] std::uint64_t value() const { return state_; }

private:
    std::uint64_t state_ = 0x243f6a8885a308d3U;
};

}  // namespace mlgenn::runtime
