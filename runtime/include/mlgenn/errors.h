// SPDX-License-Identifier: Apache-2.0
// The exceptions that mlgenn throws, sorted by whose problem it is.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace mlgenn {

/// One finding about what the user gave.
struct Diagnostic {
    /// File and JSON pointer ("net.json: /connections/2/delay"), or the population or connection by name.
    std::string where{};
    /// What was found and what was expected, with both numbers.
    std::string problem{};
    /// Related places, one line each ("pool1 is declared at /populations/3 with shape [16, 64]").
    std::vector<std::string> notes{};
    /// What to do about it.
    std::string remedy{};

    /// `where: problem`, then the notes and the remedy indented by four spaces, a line each.
    [[nodiscard]] std::string text() const;
};

/// Base of everything that mlgenn throws on purpose.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The description, the data or the arguments are wrong: the caller can mend it. Holds *all* findings.
class DescriptionError : public Error {
public:
    explicit DescriptionError(std::vector<Diagnostic> diagnostics);
    explicit DescriptionError(Diagnostic diagnostic);
    [[nodiscard]] std::span<const Diagnostic> diagnostics() const { return diagnostics_; }

private:
    std::vector<Diagnostic> diagnostics_{};
};

/// This machine or this back end cannot do what was asked (no driver, no toolchain, unsupported feature).
class BackendError : public Error {
public:
    using Error::Error;
};

/// The device failed while running, or has too little memory.
class DeviceError : public Error {
public:
    using Error::Error;
};

/// A broken invariant inside mlgenn: please report it.
class InternalError : public Error {
public:
    using Error::Error;
};

}  // namespace mlgenn
