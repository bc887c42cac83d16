// SPDX-License-Identifier: Apache-2.0
// The examples of docs/data.md: they run, and stand in the document as they stand here.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "mlgenn/spike_data.h"

namespace {

std::string text_of(const std::string& file) {
    std::ifstream stream(std::string(MLGENN_SOURCE_DIR "/") + file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(DataExamples, Events) {
    // begin
    // Two examples of a population of 700 neurons: times in ms, neuron indices.
    const std::vector<double> times = {0.5, 3.2, 3.2};
    const std::vector<std::uint32_t> ids = {12, 12, 699};
    const std::vector<std::uint32_t> steps = {0, 10};
    const std::vector<std::uint32_t> step_ids = {1, 2};
    const std::vector<mlgenn::SpikeTrain> examples = {
        mlgenn::preprocess_spikes(times, ids, 700),
        mlgenn::spikes_from_steps(steps, step_ids, 700, 1.0),
    };
    const mlgenn::Inputs inputs = {{"input", mlgenn::spike_input_of(examples)}};
    // end
    EXPECT_EQ(mlgenn::calc_max_spikes(examples), 3U);
    EXPECT_EQ(inputs.size(), 1U);
}

TEST(DataExamples, Sensors) {
    // begin
    // Events of a camera, 34 x 34 pixels with 2 polarities, as rows of (t in us, x, y, p); the population has shape
    // (34, 34, 2). At most one spike per neuron and millisecond.
    const mlgenn::Array rows = mlgenn::Array::from(std::vector<std::int64_t>{1500, 3, 2, 1, 1700, 3, 2, 1}, {2, 4});
    const mlgenn::SpikeTrain train = mlgenn::preprocess_tonic_spikes(mlgenn::sensor_events(rows, "txyp"),
                                                                     {.width = 34, .height = 34, .polarities = 2},
                                                                     {.histogram_thresh = 1, .dt_ms = 1.0});
    // end
    EXPECT_EQ(train.ids, std::vector<std::uint32_t>{1 + 3 * 2 + 2 * 34 * 2});
    EXPECT_EQ(train.times_ms, std::vector<float>{1.0F});
}

TEST(DataExamples, Encoders) {
    // begin
    const mlgenn::Array images = mlgenn::Array::from(std::vector<std::uint8_t>(2 * 28 * 28, 128), {2, 28, 28});
    const mlgenn::SpikeInput latencies = mlgenn::linear_latency_encode_data(images, {.max_time_ms = 20.0});
    const mlgenn::SpikeInput rates =
        mlgenn::poisson_encode_data(images, {.num_timesteps = 100, .dt_ms = 1.0, .scale = 0.1 / 255.0, .seed = 1});
    const auto [train, validation] = mlgenn::split_dataset(mlgenn::Inputs{{"input", latencies}}, 0.5);
    // end
    EXPECT_EQ(latencies.ids.size(), 2U * 28U * 28U);
    EXPECT_GT(rates.ids.size(), 0U);
    EXPECT_EQ(train.size() + validation.size(), 2U);
}

/// The parts between the marks, without their indentation.
std::vector<std::string> examples_here() {
    std::vector<std::string> examples;
    std::istringstream lines(text_of("tests/examples/spike_data_test.cpp"));
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line == "    // begin") {
            inside = true;
            examples.emplace_back();
        } else if (line == "    // end") {
            inside = false;
        } else if (inside) {
            examples.back() += line.substr(std::min<std::size_t>(4, line.size())) + "\n";
        }
    }
    return examples;
}

TEST(DataExamples, StandInTheDocument) {
    const std::string document = text_of("docs/data.md");
    const std::vector<std::string> examples = examples_here();
    EXPECT_EQ(examples.size(), 3U);
    for (const std::string& example : examples) {
        EXPECT_NE(document.find("```cpp\n" + example + "```\n"), std::string::npos) << example;
    }
}

}  // namespace
