// SPDX-License-Identifier: Apache-2.0
// Collects generated lines with indentation.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace mlgenn::cuda {

class SourceWriter {
public:
    void line(std::string_view text) {
        out_.append(depth_ * 4, ' ').append(text);
        if (!origin_.empty() && !text.empty() && text.back() == ';') {
            out_.append("  // ").append(origin_);
        }
        out_.push_back('\n');
    }
    /// Stands behind every statement from now on; empty: nothing does.
    void set_origin(std::string origin) { origin_ = std::move(origin); }
    /// A line that ends in " {", and everything until close() indented.
    void open(std::string_view text) {
        line(text.empty() ? std::string("{") : std::string(text) + " {");
        ++depth_;
    }
    void close() {
        --depth_;
        line("}");
    }
    /// "} else {".
    void otherwise() {
        --depth_;
        open("} else");
    }
    void blank() { out_.push_back('\n'); }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    std::string out_;
    std::string origin_;
    std::size_t depth_ = 0;
};

}  // namespace mlgenn::cuda
