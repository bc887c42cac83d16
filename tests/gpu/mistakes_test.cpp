// SPDX-License-Identifier: Apache-2.0
// Mistakes planted into generated source are caught by running it on the host: otherwise agreeing bits prove little.
#include <algorithm>
#include <fstream>

#include "compiler/backends/cuda/generate.h"
#include "mlgenn/errors.h"
#include "tests/gpu/generated.h"
#include "tests/gpu/stand_in.h"

namespace mlgenn::testing {
namespace {

/// Runs the network with `text` instead of its own source.
class Mistakes : public StandInGpu {
protected:
    Predictions run(const NetworkCase& c, const std::string& text, bool descending) const {
        stand_in::Settings settings;
        settings.descending = descending;
        configure(settings);
        const std::string file = ::testing::TempDir() + "mlgenn_planted_" + std::to_string(::getpid()) + ".cu";
        std::ofstream(file) << text;
        const EnvironmentVariable replace("MLGENN_REPLACE_SOURCE", file.c_str());
        CompilerOptions options;
        options.example_timesteps = c.timesteps;
        options.recordings = c.recordings;
        options.batch_size = 2;
        options.backend = "cuda";
        options.schedule = "whole_sequence";
        options.cache_dir = MLGENN_TEST_CACHE;
        return InferenceCompiler(options).compile(c.network).predict(c.inputs);
    }
    std::string error_of(const NetworkCase& c, const std::string& text) const {
        try {
            (void)run(c, text, false);
        } catch (const DeviceError& error) {
            return error.what();
        }
        return "nothing was noticed";
    }
    static std::string replaced(std::string text, const std::string& what, const std::string& by,
                                std::size_t from = 0) {
        const std::size_t place = text.find(what, from);
        if (place == std::string::npos) {
            throw std::runtime_error("the source has no " + what);
        }
        return text.replace(place, what.size(), by);
    }
    /// Where the timesteps start.
    static std::size_t time_loop(const std::string& text) { return text.find("steps_done"); }
};

bool same(const Predictions& a, const Predictions& b) {
    for (const auto& [name, values] : a.outputs) {
        const auto left = values.bytes();
        const auto right = b.outputs.at(name).bytes();
        if (!std::equal(left.begin(), left.end(), right.begin(), right.end())) {
            return false;
        }
    }
    return true;
}

TEST_F(Mistakes, AMissingBarrierShowsInOneOfTheOrders) {
    const NetworkCase c = network_case("recurrent_lif");
    const std::string good = cuda_source(c, "whole_sequence");
    std::string bad = good;
    for (std::size_t place = time_loop(bad);
         (place = bad.find("__syncthreads();", place)) < bad.rfind("__syncthreads();");) {
        bad.erase(place, 16);
    }
    const Predictions expected = run(c, good, false);
    EXPECT_TRUE(same(expected, run(c, good, true)));
    EXPECT_FALSE(same(expected, run(c, bad, false)) && same(expected, run(c, bad, true)));
}

TEST_F(Mistakes, ADivergentBarrierIsNamed) {
    const NetworkCase c = network_case("dense_if");
    const std::string good = cuda_source(c, "whole_sequence");
    const std::string bad = replaced(good, "__syncthreads();", "if (thread < 7) __syncthreads();", time_loop(good));
    const std::string error = error_of(c, bad);
    EXPECT_NE(error.find("kernel run_network, block 0, thread 0, line "), std::string::npos) << error;
    EXPECT_NE(error.find("divergent barrier: "), std::string::npos) << error;
}

TEST_F(Mistakes, AStoreBehindAnAllocationIsNamed) {
    const NetworkCase c = network_case("dense_if");
    const std::string good = cuda_source(c, "whole_sequence");
    const std::string far_away = replaced(good, "u32 t = timesteps[2 * blockIdx.x];",
                                          "u32 t = timesteps[2 * blockIdx.x]; workspaces[1 << 20] = 1;");
    EXPECT_NE(error_of(c, far_away).find("access outside of every device allocation, at "), std::string::npos)
        << error_of(c, far_away);
    const std::string next_byte = replaced(good, "timesteps[2 * blockIdx.x] = t;",
                                           "timesteps[2 * blockIdx.x] = t; timesteps[2 * gridDim.x] = 1;");
    EXPECT_NE(error_of(c, next_byte).find("kernel run_network: store beyond the end of an allocation"),
              std::string::npos)
        << error_of(c, next_byte);
}

TEST_F(Mistakes, AStoreBehindSharedMemoryIsNamed) {
    const NetworkCase c = network_case("dense_if");
    const cuda::GpuLayout layout = cuda::lay_out(cuda_program(c, "whole_sequence"), {});
    const std::string bytes = std::to_string(layout.launch.shared_bytes);
    const std::string bad = replaced(cuda::generate_text(layout), "u32 t = timesteps[2 * blockIdx.x];",
                                     "u32 t = timesteps[2 * blockIdx.x]; mlgenn_shared[" + bytes + "] = 1;");
    EXPECT_NE(error_of(c, bad).find("store beyond the " + bytes + " bytes of shared memory, at byte " + bytes),
              std::string::npos)
        << error_of(c, bad);
}

TEST_F(Mistakes, SharedMemoryStartsPoisoned) {
    const NetworkCase c = network_case("dense_if");
    const std::string good = cuda_source(c, "whole_sequence");
    // Without the copy, state is whatever the block finds.
    const std::size_t place = good.find("    copy_words(");
    std::string bad = good;
    bad.erase(place, bad.find('\n', place) - place);
    const Predictions expected = run(c, good, false);
    bool noticed = false;
    try {
        noticed = !same(expected, run(c, bad, false));
    } catch (const DeviceError&) {
        noticed = true;
    }
    EXPECT_TRUE(noticed);
}

}  // namespace
}  // namespace mlgenn::testing
