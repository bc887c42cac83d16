// SPDX-License-Identifier: Apache-2.0
// The guard that bounds the parser's recursion.
#pragma once

#include "compiler/language/parser.h"

namespace mlgenn::language {

/// Held while a construct that can contain itself is parsed.
class Parser::Nesting {
public:
    explicit Nesting(Parser& parser) : parser_(parser) {
        if (++parser_.nesting_ > max_nesting) {
            --parser_.nesting_;
            parser_.report(parser_.peek().offset,
                           "not supported: code nested deeper than " + std::to_string(max_nesting) + " levels",
                           "use variables for parts of it");
            parser_.gave_up_ = true;
            parser_.position_ = parser_.tokens_.size() - 1;
            throw Panic{};
        }
    }
    ~Nesting() { --parser_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

private:
    Parser& parser_;
};

}  // namespace mlgenn::language
