// SPDX-License-Identifier: Apache-2.0
// Log lines on stderr, off unless MLGENN_LOG names a level ("debug", "info", "warn", "error").
#pragma once

#include <string>

namespace mlgenn::log {

void debug(const std::string& message);
void info(const std::string& message);

}  // namespace mlgenn::log
