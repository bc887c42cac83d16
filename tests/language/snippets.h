// SPDX-License-Identifier: Apache-2.0
// Code strings with their results: what the language accepts and what it computes, what it refuses and why.
#pragma once

#include <span>
#include <string_view>

namespace mlgenn::test {

/// Statements of a neuron's sim_code in a population of 5 neurons, and variable x of neuron 0 after one step of 0.5 ms.
/// Before: parameters a = 3, b = 0.5, big = 1e10; derived parameter d = 2 a; variables x = -99, y = 2.5, z = -7.
struct Accepted {
    const char* code;
    double result;
};

/// Statements, and the beginning of the first finding behind "line 1, ".
struct Rejected {
    const char* code;
    const char* problem;
};

[[nodiscard]] std::span<const Accepted> accepted_snippets();
[[nodiscard]] std::span<const Rejected> rejected_snippets();

}  // namespace mlgenn::test
