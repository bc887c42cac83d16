// SPDX-License-Identifier: Apache-2.0
// Runs the Yin-Yang network on a stream of spikes, saves its state in between, and goes on from there.
#include <mlgenn/compiler.h>
#include <mlgenn/errors.h>
#include <mlgenn/network_io.h>
#include <mlgenn/session.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <vector>

int main(int argc, char** argv) try {
    const std::filesystem::path folder = argc > 1 ? argv[1] : "docs/examples/yin_yang";
    const mlgenn::NetworkFile file = mlgenn::load_network(folder / "network.json");
    const std::vector<float> times = mlgenn::load_npz(folder / "test_spikes.npz", "times").to_f32();
    const std::vector<std::int64_t> ids = mlgenn::load_npz(folder / "test_spikes.npz", "ids").to_i64();
    const std::vector<std::int64_t> offsets = mlgenn::load_npz(folder / "test_spikes.npz", "offsets").to_i64();

    // A window of 60 steps, an example's, and then the readout starts afresh; the neurons go on.
    const mlgenn::InferenceCompiler compiler({.example_timesteps = 60, .recordings = {{.population = "hidden"}}});
    mlgenn::Session session = compiler.compile(file.network).open_session();

    std::vector<std::byte> saved;
    std::vector<float> output(3);
    for (int window = 0; window < 4; ++window) {
        // What a sensor would do: push the spikes of one step, run it, look at what comes out.
        std::size_t hidden_spikes = 0;
        for (int step = 0; step < 60; ++step) {
            for (auto e = offsets[window]; e < offsets[window + 1]; ++e) {
                if (times[e] == static_cast<float>(step)) {
                    session.push_spikes("input", std::vector<std::uint32_t>{static_cast<std::uint32_t>(ids[e])});
                }
            }
            session.step();
            hidden_spikes += session.spikes("hidden.spikes").ids.size();
        }
        session.read_output("output", output);
        const auto best = std::max_element(output.begin(), output.end()) - output.begin();
        std::printf("step %3llu: class %d, %zu hidden spikes\n", static_cast<unsigned long long>(session.position()),
                    static_cast<int>(best), hidden_spikes);
        if (window == 1) {
            saved = session.snapshot();
        }
    }
    std::printf("%.1f us per step, 99 %% within %.1f us\n", session.latency().mean_us, session.latency().p99_us);

    // Back to step 120, where the state was saved; this could be another process.
    session.restore(saved);
    std::printf("again at step %llu\n", static_cast<unsigned long long>(session.position()));
    return session.position() == 120 ? 0 : 1;
} catch (const mlgenn::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
