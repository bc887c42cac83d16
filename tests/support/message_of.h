// SPDX-License-Identifier: Apache-2.0
// What an action says when it is refused.
#pragma once

#include <string>

namespace mlgenn::testing {

/// The message of the Exception that `action()` throws; other exceptions pass through.
template <class Exception, class Action>
[[nodiscard]] std::string message_of(const Action& action) {
    try {
        action();
    } catch (const Exception& error) {
        return error.what();
    }
    return "nothing was thrown";
}

}  // namespace mlgenn::testing
