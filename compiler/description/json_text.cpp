// SPDX-License-Identifier: Apache-2.0
// JSON text that nobody vouches for.
#include "compiler/description/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "compiler/description/messages.h"

namespace mlgenn::description {

namespace {

using nlohmann::json;

std::string line_and_column(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t line_begin = before.rfind('\n');
    const std::size_t column = before.size() - (line_begin == std::string_view::npos ? 0 : line_begin + 1) + 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// The library's text without its identifier and its own position.
std::string reason_of(const std::exception& error) {
    constexpr std::size_t longest = 200;
    std::string_view text = error.what();
    for (const std::string_view mark : {"] ", "parse error", ": "}) {
        if (const std::size_t at = text.find(mark); at != std::string_view::npos) {
            text.remove_prefix(at + mark.size());
        }
    }
    return printable(text, longest);
}

/// Follows the parser to know where it is, for depth and duplicates.
class Follower {
public:
    Follower(const std::string& name, std::vector<Diagnostic>& findings) : name_(name), findings_(findings) {}

    bool operator()(int /*depth*/, json::parse_event_t event, const json& value) {
        switch (event) {
            case json::parse_event_t::object_start:
            case json::parse_event_t::array_start:
                open(event == json::parse_event_t::object_start);
                return true;
            case json::parse_event_t::object_end:
            case json::parse_event_t::array_end:
                levels_.pop_back();
                next_element();
                return true;
            case json::parse_event_t::key:
                enter_key(value.get_ref<const std::string&>());
                return true;
            case json::parse_event_t::value:
                next_element();
                return true;
        }
        return true;
    }

private:
    struct Level {
        bool is_object = false;
        std::set<std::string> keys;
        std::string key;
        std::size_t index = 0;
    };

    void open(bool is_object) {
        if (levels_.size() == max_json_depth) {
            fail(name_, "the JSON is nested more than " + std::to_string(max_json_depth) + " levels deep",
                 "use fewer levels");
        }
        levels_.push_back({.is_object = is_object, .keys = {}, .key = {}, .index = 0});
    }

    void next_element() {
        if (!levels_.empty() && !levels_.back().is_object) {
            ++levels_.back().index;
        }
    }

    void enter_key(const std::string& key) {
        Level& level = levels_.back();
        if (!level.keys.insert(key).second) {
            findings_.push_back(
                {name_ + pointer(), "the key " + in_quotes(key) + " stands here twice", {}, "remove one of them"});
        }
        level.key = key;
    }

    /// ": /populations/0" for the object whose keys are being read; empty at the top.
    [[nodiscard]] std::string pointer() const {
        std::string result;
        for (std::size_t i = 0; i + 1 < levels_.size(); ++i) {
            const Level& level = levels_[i];
            result = level.is_object ? join_pointer(result, level.key) : join_pointer(result, level.index);
        }
        return result.empty() ? result : ": " + result;
    }

    const std::string& name_;
    std::vector<Diagnostic>& findings_;
    std::vector<Level> levels_;
};

}  // namespace

std::string join_pointer(const std::string& pointer, std::string_view key) {
    std::string result = pointer + "/";
    for (const char c : printable(key)) {
        result += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return result;
}

std::string join_pointer(const std::string& pointer, std::size_t index) {
    return pointer + "/" + std::to_string(index);
}

json parse_json(std::string_view text, const std::string& name, std::vector<Diagnostic>& findings) {
    if (text.size() > max_json_bytes) {
        fail(name,
             "has " + std::to_string(text.size()) + " bytes, more than the limit of " + std::to_string(max_json_bytes),
             "put large arrays into npy files");
    }
    try {
        Follower follower(name, findings);
        return json::parse(text.begin(), text.end(), std::ref(follower));
    } catch (const json::parse_error& error) {
        fail(name, line_and_column(text, error.byte) + ": " + reason_of(error), "correct the JSON");
    } catch (const json::out_of_range& error) {
        fail(name, reason_of(error), "use numbers that a double can hold");
    }
}

}  // namespace mlgenn::description
