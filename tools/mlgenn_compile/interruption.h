// SPDX-License-Identifier: Apache-2.0
// Ctrl-C: the first one ends the command at the next safe place (temporary files are removed), the second at once.
#pragma once

#include <exception>

namespace mlgenn::cli {

/// Thrown at a safe place after a signal asked the program to end.
class Interrupted : public std::exception {
public:
    explicit Interrupted(int signal_number) : signal_number_(signal_number) {}
    [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
    [[nodiscard]] int signal_number() const { return signal_number_; }

private:
    int signal_number_;
};

/// From here on SIGINT and SIGTERM are noted instead of ending the program.
void watch_interruptions();
/// A safe place: throws Interrupted when a signal came.
void check_interruption();
/// Ends the process as the signal would have.
[[noreturn]] void end_by_signal(int signal_number);

}  // namespace mlgenn::cli
