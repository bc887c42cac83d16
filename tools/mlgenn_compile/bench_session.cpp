// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/bench_session.h"

#include <algorithm>

#include "tools/mlgenn_compile/interruption.h"
#include "tools/mlgenn_compile/stream_input.h"

namespace mlgenn::cli {
namespace {

/// Enough for what 99.9 % of the steps take.
constexpr std::uint64_t most_steps = 20000;

}  // namespace

std::optional<LatencyReport> measure_session(const BenchCase& bench_case, Accumulation mode) {
    const Compilation compilation = compile_network(setup_for(bench_case, mode, 1));
    if (!compilation.network.plan().steppable) {
        return std::nullopt;
    }
    const std::uint32_t example_steps = compilation.network.plan().num_timesteps;
    Session session = compilation.network.open_session({.window = example_steps});
    ExamplePlayer player(bench_case.inputs, example_steps, 0);
    // The first example warms up.
    for (bool warm = false; session.position() < player.end() && session.position() < most_steps; warm = true) {
        check_interruption();
        player.push(session, session.position() + example_steps);
        for (std::uint32_t step = 0; step < example_steps; ++step) {
            session.step();
        }
        if (!warm && session.position() < player.end()) {
            session.reset_latency();
        }
    }
    return session.latency();
}

}  // namespace mlgenn::cli
