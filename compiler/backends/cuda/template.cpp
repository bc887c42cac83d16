// SPDX-License-Identifier: Apache-2.0
// Renders templates and finds their text.
#include "compiler/backends/cuda/template.h"

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "compiler/backends/cuda/embedded_templates.h"
#include "mlgenn/errors.h"

namespace mlgenn::cuda {
namespace {

constexpr std::string_view hole_prefix = "MLGENN_";

bool is_word(char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// One rendering: the values, which of them were used, and the text so far.
class Renderer {
public:
    Renderer(const std::string& name, const TemplateValues& values) : name_(name), values_(values) {}

    void line(std::string_view text, std::size_t number) {
        number_ = number;
        const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
        const std::string_view content = text.substr(first);
        if (content.substr(0, 3) == "//!") {
            return;
        }
        if (content.substr(0, 3) == "//@") {
            statements(text.substr(0, first), value(content.substr(3)));
        } else if (content.substr(0, 2) == "//") {
            out_.append(text).push_back('\n');
        } else {
            tokens(text);
        }
    }

    [[nodiscard]] std::string finish() {
        for (const auto& [key, unused] : values_) {
            if (used_.count(key) == 0) {
                throw BackendError(name_ + ": the value '" + key + "' fits no hole of this template");
            }
        }
        return std::move(out_);
    }

private:
    const std::string& value(std::string_view key) {
        const auto found = values_.find(key);
        if (found == values_.end()) {
            throw BackendError(name_ + ":" + std::to_string(number_) + ": nothing fills the hole '" + std::string(key) +
                               "'");
        }
        used_.insert(found->first);
        return found->second;
    }

    void statements(std::string_view indent, std::string_view block) {
        while (!block.empty()) {
            const std::size_t end = std::min(block.find('\n'), block.size());
            if (end > 0) {
                out_.append(indent).append(block.substr(0, end));
            }
            out_.push_back('\n');
            block.remove_prefix(std::min(end + 1, block.size()));
        }
    }

    void tokens(std::string_view text) {
        std::size_t i = 0;
        while (i < text.size()) {
            if (!is_word(text[i])) {
                out_.push_back(text[i++]);
                continue;
            }
            std::size_t end = i;
            while (end < text.size() && is_word(text[end])) {
                ++end;
            }
            const std::string_view word = text.substr(i, end - i);
            out_.append(word.substr(0, hole_prefix.size()) == hole_prefix ? std::string_view(value(word)) : word);
            i = end;
        }
        out_.push_back('\n');
    }

    const std::string& name_;
    const TemplateValues& values_;
    std::set<std::string_view> used_;
    std::string out_;
    std::size_t number_ = 0;
};

std::string read_override(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
        throw BackendError("MLGENN_TEMPLATE_DIR: cannot read " + file.string());
    }
    return text.str();
}

}  // namespace

std::string Template::render(const TemplateValues& values) const {
    Renderer renderer(name_, values);
    std::string_view rest = text_;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        renderer.line(rest.substr(0, end), number);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return renderer.finish();
}

Template load_template(std::string_view file) {
    if (const char* folder = std::getenv("MLGENN_TEMPLATE_DIR"); folder != nullptr && *folder != '\0') {
        const std::filesystem::path path = std::filesystem::path(folder) / file;
        std::error_code ignored;
        if (std::filesystem::exists(path, ignored)) {
            return {path.string(), read_override(path)};
        }
    }
    for (const EmbeddedTemplate& embedded : embedded_templates()) {
        if (embedded.file == file) {
            return {"codegen_templates/cuda/" + std::string(file), std::string(embedded.text)};
        }
    }
    throw InternalError("no CUDA template is called '" + std::string(file) + "'");
}

}  // namespace mlgenn::cuda
