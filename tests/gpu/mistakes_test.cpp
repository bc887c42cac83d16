// SPDX-License-Identifier: Apache-2.0
// Mistakes planted into generated source are caught by running it on the host: otherwise agreeing bits prove little.
#include <algorithm>
#include <fstream>

#include "compiler/backends/cuda/generate.h"
#include "mlgenn/errors.h"
#include "runtime/src/cuda/launch_shape.h"
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
        // Three examples in a block, on the two multiprocessors of the stand-in.
        options.batch_size = 5;
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
    /// How the threads of an example wait for each other.
    static std::string barrier_of(const std::string& text) {
        for (const char* barrier : {"__syncthreads();", "__syncwarp();", "__barrier_sync_count(team + 1, 96);"}) {
            if (text.find(barrier, time_loop(text)) != std::string::npos) {
                return barrier;
            }
        }
        throw std::runtime_error("the source has no barrier");
    }
    void expect_noticed(const NetworkCase& c, const std::string& good, const std::string& bad) const {
        const Predictions expected = run(c, good, false);
        EXPECT_TRUE(same(expected, run(c, good, true)));
        bool noticed = false;
        for (const bool descending : {false, true}) {
            try {
                noticed = noticed || !same(expected, run(c, bad, descending));
            } catch (const DeviceError&) {
                noticed = true;
            }
        }
        EXPECT_TRUE(noticed);
    }

private:
    static bool same(const Predictions& a, const Predictions& b) {
        for (const auto& [name, values] : a.outputs) {
            const auto left = values.bytes();
            const auto right = b.outputs.at(name).bytes();
            if (!std::equal(left.begin(), left.end(), right.begin(), right.end())) {
                return false;
            }
        }
        return true;
    }
};

TEST_F(Mistakes, AMissingBarrierShowsInOneOfTheOrders) {
    for (const char* name : {"recurrent_lif", "dense_if", "convolution"}) {
        const NetworkCase c = network_case(name);
        const std::string good = cuda_source(c, "whole_sequence");
        const std::string barrier = barrier_of(good);
        std::string bad = good;
        for (std::size_t place = time_loop(bad);
             (place = bad.find(barrier, place)) != std::string::npos && place < bad.find("if (thread == 0)", place);) {
            bad.erase(place, barrier.size());
        }
        SCOPED_TRACE(name);
        expect_noticed(c, good, bad);
    }
}

TEST_F(Mistakes, ADivergentBarrierIsNamed) {
    const NetworkCase c = network_case("convolution");
    const std::string good = cuda_source(c, "whole_sequence");
    const std::string barrier = barrier_of(good);
    EXPECT_EQ(barrier, "__syncthreads();");
    const std::string error = error_of(c, replaced(good, barrier, "if (thread < 7) " + barrier, time_loop(good)));
    EXPECT_NE(error.find("kernel run_network, block 0, thread 0, line "), std::string::npos) << error;
    EXPECT_NE(error.find("divergent barrier: "), std::string::npos) << error;
}

TEST_F(Mistakes, ADivergentBarrierOfATeamIsNamed) {
    const NetworkCase c = network_case("recurrent_lif");
    const std::string good = cuda_source(c, "whole_sequence");
    const std::string barrier = barrier_of(good);
    EXPECT_EQ(barrier, "__barrier_sync_count(team + 1, 96);");
    const std::string error = error_of(c, replaced(good, barrier, "if (thread < 32) " + barrier, time_loop(good)));
    EXPECT_NE(error.find("kernel run_network, block 0, thread 32, line "), std::string::npos) << error;
    EXPECT_NE(error.find("divergent barrier: "), std::string::npos) << error;
    const std::string shared = replaced(good, barrier, "__barrier_sync_count(1, 96);", time_loop(good));
    EXPECT_NE(error_of(c, shared).find("divergent barrier: "), std::string::npos) << error_of(c, shared);
}

TEST_F(Mistakes, TwoExamplesInTheSameSharedMemoryShow) {
    const NetworkCase c = network_case("recurrent_lif");
    const cuda::GpuLayout layout = cuda::lay_out(cuda_program(c, "whole_sequence"), {});
    const std::string good = cuda::generate_text(layout);
    const std::string bytes = std::to_string(layout.launch.shared_bytes_per_example);
    expect_noticed(c, good, replaced(good, "team * " + bytes, "0 * " + bytes));
}

TEST_F(Mistakes, WeightsThatAreNotCopiedToSharedMemoryShow) {
    const NetworkCase c = network_case("recurrent_lif");
    const std::string good = cuda_source(c, "whole_sequence");
    expect_noticed(c, good, replaced(good, "copy_words(mlgenn_shared + ", "copy_words(mlgenn_shared + 4 + "));
}

TEST_F(Mistakes, AnExampleOfTheNextRoundThatIsLeftOutShows) {
    const NetworkCase c = network_case("recurrent_lif");
    const std::string good = cuda_source(c, "whole_sequence");
    expect_noticed(c, good, replaced(good, "example < num_examples; example +=", "example < 1; example +="));
}

TEST_F(Mistakes, AStoreBehindAnAllocationIsNamed) {
    const NetworkCase c = network_case("dense_if");
    const std::string good = cuda_source(c, "whole_sequence");
    const std::string far_away =
        replaced(good, "u32 t = timesteps[2 * example];", "u32 t = timesteps[2 * example]; workspaces[1 << 20] = 1;");
    EXPECT_NE(error_of(c, far_away).find("access outside of every device allocation, at "), std::string::npos)
        << error_of(c, far_away);
    const std::string next_byte =
        replaced(good, "timesteps[2 * example] = t;", "timesteps[2 * example] = t; timesteps[2 * num_examples] = 1;");
    EXPECT_NE(error_of(c, next_byte).find("kernel run_network: store beyond the end of an allocation"),
              std::string::npos)
        << error_of(c, next_byte);
}

TEST_F(Mistakes, AStoreBehindSharedMemoryIsNamed) {
    const NetworkCase c = network_case("dense_if");
    const cuda::GpuLayout layout = cuda::lay_out(cuda_program(c, "whole_sequence"), {});
    const std::string bytes = std::to_string(cuda::shared_bytes_of_block(layout.launch, 1));
    const std::string bad = replaced(cuda::generate_text(layout), "u32 t = timesteps[2 * example];",
                                     "u32 t = timesteps[2 * example]; mlgenn_shared[" + bytes + "] = 1;");
    EXPECT_NE(error_of(c, bad).find("store beyond the " + bytes + " bytes of shared memory, at byte " + bytes),
              std::string::npos)
        << error_of(c, bad);
}

TEST_F(Mistakes, SharedMemoryStartsPoisoned) {
    const NetworkCase c = network_case("dense_if");
    const std::string good = cuda_source(c, "whole_sequence");
    // Without the copy, state is whatever the block finds.
    const std::size_t place = good.find("copy_words(shared");
    std::string bad = good;
    bad.erase(place, bad.find('\n', place) - place);
    expect_noticed(c, good, bad);
}

}  // namespace
}  // namespace mlgenn::testing
