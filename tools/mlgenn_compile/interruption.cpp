// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/interruption.h"

#include <csignal>
#include <cstdlib>

namespace mlgenn::cli {
namespace {

// A signal handler can only reach static storage.
volatile std::sig_atomic_t pending_signal = 0;

void note_signal(int signal_number) {
    pending_signal = signal_number;
}

}  // namespace

void watch_interruptions() {
    struct sigaction action {};
    action.sa_handler = note_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

void check_interruption() {
    if (pending_signal != 0) {
        throw Interrupted(pending_signal);
    }
}

void end_by_signal(int signal_number) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
    std::_Exit(128 + signal_number);
}

}  // namespace mlgenn::cli
