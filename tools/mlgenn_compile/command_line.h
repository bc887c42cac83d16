// SPDX-License-Identifier: Apache-2.0
// The command line as plain data. The only place that knows the parsing library is command_line.cpp.
#pragma once

#include <string>
#include <variant>

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/commands.h"

namespace mlgenn::cli {

/// The arguments do not make sense; the text names the argument and says what to do.
class UsageError : public Error {
public:
    using Error::Error;
};

/// The user asked for help or the version: print this and end.
struct ShowText {
    std::string text;
};

using Command = std::variant<ShowText, CheckCommand, CompileCommand, PredictCommand, EvaluateCommand, StreamCommand,
                             ConvertCommand, ListCommand, BenchCommand>;

/// Throws UsageError.
[[nodiscard]] Command parse_command_line(int argc, const char* const* argv);

}  // namespace mlgenn::cli
