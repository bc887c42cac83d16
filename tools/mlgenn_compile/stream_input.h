// SPDX-License-Identifier: Apache-2.0
// What `stream` pushes into its session: examples from files, or lines from a pipe.
#pragma once

#include <cstdint>
#include <string>

#include "mlgenn/inputs.h"
#include "mlgenn/session.h"

namespace mlgenn::cli {

/// Plays examples one after another, each for `example_steps` steps.
class ExamplePlayer {
public:
    /// Examples that began before `position` have been pushed already. Throws DescriptionError when the inputs hold
    /// different numbers of examples.
    ExamplePlayer(const Inputs& inputs, std::uint32_t example_steps, std::uint64_t position);

    /// The step behind the last example.
    [[nodiscard]] std::uint64_t end() const { return num_examples_ * std::uint64_t{example_steps_}; }
    /// Pushes the examples that begin before step `end`. Events that are due behind their example are left out, as in
    /// predict().
    void push(Session& session, std::uint64_t end);

private:
    void push_example(Session& session, std::uint64_t example) const;

    const Inputs& inputs_;
    std::uint32_t example_steps_;
    std::uint64_t num_examples_ = 0;
    std::uint64_t next_;
};

/// Does what one line of JSON says: {"input": NAME, "ids": [...], "step": N or "time_ms": X} or
/// {"input": NAME, "values": [...], "step": N} pushes, {"run": N} gives back the number of steps to run (else 0).
/// Throws DescriptionError, naming the line, for anything else.
[[nodiscard]] std::uint32_t follow_line(Session& session, const std::string& line, std::size_t number);

}  // namespace mlgenn::cli
