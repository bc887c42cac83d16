// SPDX-License-Identifier: Apache-2.0
// Peak memory of whole runs: a wide convolution stays a kernel in memory, and is not expanded into synapses.
#include <sys/resource.h>

#include "mlgenn/network_io.h"
#include "tests/cli/cli_test_support.h"

namespace mlgenn::cli_test {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t side = 32;
constexpr std::size_t num_examples = 2;

/// 32 x 32 images with 64 channels -> 3 x 3 convolution with 128 filters -> average pooling and a dense layer.
class WideConvolution : public CliTest {
protected:
    /// Describes the network and returns the bytes of its weights.
    std::size_t write_network(const Json& input, const Json& layer, const char* readout) const {
        const Array kernel = pattern({3, 3, 64, 128}, 0.02);
        const Array dense = pattern({4 * 4 * 128, 10}, 0.05);
        save_npy(file("kernel.npy"), kernel);
        save_npy(file("dense.npy"), dense);
        save_npy(file("images.npy"), pattern({num_examples, side, side, 64}, 1.0));
        const Json network{
            {"format", "mlgenn-network"},
            {"version", 1},
            {"populations", Json::array({{{"name", "image"}, {"shape", {side, side, 64}}, {"neuron", input}},
                                         {{"name", "conv"}, {"neuron", layer}},
                                         {{"name", "output"}, {"neuron", layer}, {"readout", readout}}})},
            {"connections",
             Json::array({{{"source", "image"},
                           {"target", "conv"},
                           {"connectivity",
                            {{"model", "conv2d"},
                             {"params", {{"weight", {{"file", "kernel.npy"}}}, {"conv_padding", "same"}}}}}},
                          {{"source", "conv"},
                           {"target", "output"},
                           {"connectivity",
                            {{"model", "avg_pool_dense2d"},
                             {"params", {{"weight", {{"file", "dense.npy"}}}, {"pool_size", 8}}}}}}})}};
        write("wide.json", network.dump());
        return kernel.bytes().size() + dense.bytes().size();
    }

    /// Evaluates in a process of its own. It must need no more than 100 MB besides the weights.
    void expect_small(std::size_t weight_bytes, const std::vector<std::string>& options) const {
        save_npy(file("classes.npy"), Array::from(std::vector<std::int64_t>(num_examples, 1)));
        std::vector<std::string> arguments = {"evaluate",   "wide.json", "--input",
                                              "images.npy", "--target",  "classes.npy"};
        arguments.insert(arguments.end(), options.begin(), options.end());
        static_cast<void>(output_of(arguments));
        rusage children{};
        ASSERT_EQ(getrusage(RUSAGE_CHILDREN, &children), 0);
        const auto peak_bytes = static_cast<std::size_t>(children.ru_maxrss) * 1024;
        EXPECT_LT(peak_bytes, weight_bytes + 100'000'000);
        RecordProperty("peak_bytes", std::to_string(peak_bytes));
    }

private:
    static Array pattern(const Shape& shape, double largest) {
        std::vector<float> values(num_elements(shape));
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<float>(largest * (static_cast<double>(i * 7919 % 1009) / 504.5 - 0.9));
        }
        return Array::from(values, shape);
    }
};

Json model(const char* name, const Json& params) {
    return {{"model", name}, {"params", params}};
}

TEST_F(WideConvolution, EvaluatesWithin100MegabytesOverItsWeights) {
    const std::size_t bytes = write_network(model("integrate_fire_input", {{"v_thresh", 1.0}}),
                                            model("integrate_fire", {{"v_thresh", 1.0}}), "spike_count");
    expect_small(bytes, {"--timesteps", "4", "--threads", "2"});
}

TEST_F(WideConvolution, EvaluatesFewSpikesWithin100MegabytesOverItsWeights) {
    const Json code{{"k", 4}, {"alpha", 2.0}};
    const std::size_t bytes = write_network(model("few_spike_relu_input", code), model("few_spike_relu", code), "var");
    for (const char* mode : {"literal", "collapsed"}) {
        expect_small(bytes, {"--few-spike", mode, "--threads", "2"});
    }
}

}  // namespace
}  // namespace mlgenn::cli_test
