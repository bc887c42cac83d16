// SPDX-License-Identifier: Apache-2.0
// Inference from beginning to end: metrics of one's own, callbacks, batches, resets, profiling, predictions.
//
//   inference docs/examples/yin_yang
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <string>

#include "mlgenn/compiler.h"
#include "mlgenn/network_io.h"

namespace {

constexpr unsigned example_timesteps = 500;

// Says how far an evaluation has come.
class BatchReport : public mlgenn::Callback {
public:
    [[nodiscard]] mlgenn::HookLevel level() const override { return mlgenn::HookLevel::batch; }

    void on_batch_begin(std::size_t batch) override {
        if (batch % batches_per_line == 0) {
            std::printf("batch %zu\n", batch);
        }
    }

    void on_batch_end(std::size_t batch, std::span<const mlgenn::MetricResult> metrics) override {
        if (batch % batches_per_line == 0) {
            for (const mlgenn::MetricResult& result : metrics) {
                std::printf("    so far %s of %s: %.3f\n", result.metric.c_str(), result.output.c_str(), result.value);
            }
        }
    }

private:
    static constexpr std::size_t batches_per_line = 20;
};

// Spikes per neuron and second, from the spike counts of all examples.
double spike_rate(const mlgenn::Array& counts, const mlgenn::Array& /*targets*/) {
    double sum = 0.0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        sum += counts.value(i);
    }
    return sum / static_cast<double>(counts.size()) / (example_timesteps / 1000.0);
}

// How often the largest output is the label, written by hand.
double accuracy(const mlgenn::Array& outputs, const mlgenn::Array& labels) {
    const std::size_t num_examples = outputs.shape().front();
    const std::size_t num_classes = outputs.size() / num_examples;
    std::size_t num_correct = 0;
    for (std::size_t example = 0; example < num_examples; ++example) {
        std::size_t best = 0;
        for (std::size_t k = 1; k < num_classes; ++k) {
            if (outputs.value(example * num_classes + k) > outputs.value(example * num_classes + best)) {
                best = k;
            }
        }
        num_correct += static_cast<double>(best) == labels.value(example) ? 1 : 0;
    }
    return static_cast<double>(num_correct) / static_cast<double>(num_examples);
}

mlgenn::CompilerOptions options() {
    mlgenn::CompilerOptions options;
    options.example_timesteps = example_timesteps;
    options.dt = 1.0;
    options.batch_size = 32;
    options.reset_time_between_batches = true;
    options.kernel_profiling = true;
    options.metric_functions = {{"spike_rate", spike_rate}, {"accuracy", accuracy}};
    options.callbacks = {std::make_shared<BatchReport>()};
    return options;
}

void run(const std::string& folder) {
    mlgenn::Network network = mlgenn::load_network(folder + "/network.json").network;
    for (mlgenn::Population& population : network.populations) {
        if (population.name == "hidden") {
            // What a metric wants to see must be read out.
            population.readout = "spike_count";
        } else if (population.name == "output") {
            // The network was trained to answer within 60 ms.
            population.readout = {"avg_var", {{"window_end", 60.0}}};
        }
    }

    const mlgenn::InferenceCompiler compiler(options());
    mlgenn::CompiledNetwork compiled = compiler.compile(network);

    const auto part = [&](const char* name) { return mlgenn::load_npz(folder + "/test_spikes.npz", name); };
    const mlgenn::Inputs inputs = {{"input", mlgenn::SpikeInput{part("times"), part("ids"), part("offsets")}}};
    const mlgenn::Array labels = mlgenn::load_npy(folder + "/test_labels.npy");

    mlgenn::EvaluateOptions evaluate_options;
    evaluate_options.metrics = {{"output", {"accuracy", "sparse_categorical_accuracy"}}, {"hidden", {"spike_rate"}}};
    const mlgenn::Evaluation evaluation = compiled.evaluate(inputs, {{"output", labels}}, evaluate_options);
    std::printf("accuracy      %.2f %%\n", 100.0 * evaluation.metric("output", "accuracy").value);
    std::printf("the library's %.2f %%\n", 100.0 * evaluation.metric("sparse_categorical_accuracy").value);
    std::printf("spike rate    %.1f Hz\n", evaluation.metric("hidden", "spike_rate").value);
    for (const mlgenn::ProfileEntry& entry : compiled.profile().entries) {
        std::printf("%-7s %-24s %8.2f ms\n", entry.kind.c_str(), entry.name.c_str(), entry.total_ms);
    }

    // What the network answers, in smaller batches than it was compiled for.
    mlgenn::RunOptions predict_options;
    predict_options.batch_size = 8;
    const mlgenn::Predictions predictions = compiled.predict(inputs, predict_options);
    const mlgenn::Array& readouts = predictions.outputs.at("output");
    std::printf("example 0 reads %.3f %.3f %.3f\n", readouts.value(0), readouts.value(1), readouts.value(2));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "docs/examples/yin_yang");
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
