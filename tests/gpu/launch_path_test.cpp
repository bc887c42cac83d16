// SPDX-License-Identifier: Apache-2.0
// The way to the device: what is launched, what comes back, and what is said when something is missing or breaks.
#include <fstream>

#include "compiler/backends/backend.h"
#include "compiler/backends/cuda/generate.h"
#include "mlgenn/errors.h"
#include "tests/gpu/generated.h"
#include "tests/gpu/stand_in.h"
#include "tests/support/message_of.h"

namespace mlgenn::testing {
namespace {

CompilerOptions options_for(const NetworkCase& c, const std::string& schedule) {
    CompilerOptions options;
    options.example_timesteps = c.timesteps;
    options.batch_size = 2;
    options.backend = "cuda";
    options.schedule = schedule;
    options.cache_dir = MLGENN_TEST_CACHE;
    return options;
}

BackendInfo cuda_info() {
    for (const BackendInfo& info : available_backends()) {
        if (info.name == "cuda") {
            return info;
        }
    }
    return {};
}

class LaunchPath : public StandInGpu {
protected:
    NetworkCase case_ = network_case("dense_if");
};

TEST_F(LaunchPath, WholeSequenceIsOneLaunchPerBatch) {
    CompiledNetwork network = InferenceCompiler(options_for(case_, "whole_sequence")).compile(case_.network);
    configure({});
    (void)network.predict(case_.inputs);
    // Three batches of at most two examples, each with a reset and its input; and the reset of all slots before them.
    EXPECT_EQ(counters().launches, 1 + 3 * 3);
    EXPECT_EQ(counters().graph_launches, 0);
}

TEST_F(LaunchPath, StepIsReplayedAsAGraph) {
    CompiledNetwork network = InferenceCompiler(options_for(case_, "step")).compile(case_.network);
    configure({});
    (void)network.predict(case_.inputs);
    EXPECT_EQ(counters().graph_launches, 3);
    EXPECT_EQ(counters().launches, 1 + 3 * (2 + static_cast<int>(case_.timesteps)));
}

TEST_F(LaunchPath, EvaluateBringsBackOneSumPerMetric) {
    CompilerOptions options = options_for(case_, "whole_sequence");
    options.metrics = {
        {"output", {"sparse_categorical_accuracy", "top_k_accuracy(k=3)", "mean_square_error", "confusion_matrix"}}};
    CompiledNetwork network = InferenceCompiler(options).compile(case_.network);
    const Array values(DType::f32, {case_.num_examples, 10});
    const auto bytes_for = [&](const char* metric, const Array& targets) {
        EvaluateOptions evaluate;
        evaluate.metrics = {{"output", {metric}}};
        const std::size_t before = counters().bytes_downloaded;
        const Evaluation evaluation = network.evaluate(case_.inputs, {{"output", targets}}, evaluate);
        EXPECT_EQ(evaluation.downloaded_bytes, counters().bytes_downloaded - before) << metric;
        return evaluation.downloaded_bytes;
    };
    const Array& labels = case_.targets.at("output");
    EXPECT_EQ(bytes_for("sparse_categorical_accuracy", labels), 8U);
    EXPECT_EQ(bytes_for("top_k_accuracy(k=3)", labels), 8U);
    EXPECT_EQ(bytes_for("mean_square_error", values), 64U);
    EXPECT_EQ(bytes_for("confusion_matrix", labels), 10U * 10U * 8U);
}

TEST_F(LaunchPath, PredictionsComeBackForFunctionsOnly) {
    CompilerOptions options = options_for(case_, "whole_sequence");
    options.metric_functions = {{"first", [](const Array& outputs, const Array&) { return outputs.value(0); }}};
    CompiledNetwork network = InferenceCompiler(options).compile(case_.network);
    const double first = network.predict(case_.inputs).outputs.at("output").value(0);
    const Evaluation evaluation = network.evaluate(case_.inputs, case_.targets);
    EXPECT_EQ(evaluation.metric("first").value, first);
    EXPECT_EQ(evaluation.downloaded_bytes, case_.num_examples * 10 * 4);
}

TEST_F(LaunchPath, DeviceMemoryGoesWithTheObject) {
    {
        CompiledNetwork network = InferenceCompiler(options_for(case_, "step")).compile(case_.network);
        (void)network.predict(case_.inputs);
        const int after_first = counters().live_allocations;
        EXPECT_GT(after_first, 0);
        (void)network.predict(case_.inputs);
        EXPECT_EQ(counters().live_allocations, after_first) << "nothing is allocated after loading";
    }
    EXPECT_EQ(counters().live_allocations, 0);
}

TEST_F(LaunchPath, TooLargeABatchSaysWhichOneFits) {
    stand_in::Settings settings;
    settings.memory_bytes = 1 << 20;
    configure(settings);
    CompilerOptions options = options_for(case_, "whole_sequence");
    options.batch_size = 4096;
    const std::string message =
        message_of<DeviceError>([&] { (void)InferenceCompiler(options).compile(case_.network); });
    EXPECT_EQ(message,
              "network 'dense_if' at batch size 4096 needs 5 MiB on stand-in GPU, which has 1 MiB free of 1 MiB\n"
              "    use a batch size of at most 863");
    options.batch_size = 863;
    CompiledNetwork network = InferenceCompiler(options).compile(case_.network);
    EXPECT_EQ(network.predict(case_.inputs).outputs.at("output").shape(), (Shape{5, 10}));
}

TEST_F(LaunchPath, AnAutomaticBatchSizeTakesAtMostHalfOfTheFreeMemory) {
    stand_in::Settings settings;
    settings.memory_bytes = 1 << 20;
    configure(settings);
    CompilerOptions options = options_for(case_, "whole_sequence");
    options.batch_size = 0;
    CompiledNetwork network = InferenceCompiler(options).compile(case_.network);
    EXPECT_EQ(network.batch_size(), 256U) << "863 would fit into all of it";
    EXPECT_EQ(network.predict(case_.inputs).outputs.at("output").shape(), (Shape{5, 10}));
    options.reset_vars_between_batches = false;
    EXPECT_EQ(message_of<DescriptionError>([&] { (void)InferenceCompiler(options); }),
              "option batch_size: it is 0 (automatic), but state goes from batch to batch, so results depend on it\n"
              "    set batch_size, or reset all state between batches");
}

TEST_F(LaunchPath, TheDeviceIsChosenByNumber) {
    stand_in::Settings settings;
    settings.num_devices = 2;
    configure(settings);
    CompilerOptions options = options_for(case_, "whole_sequence");
    options.device = 1;
    (void)InferenceCompiler(options).compile(case_.network);
    EXPECT_EQ(counters().last_device, 1);
    options.device = 2;
    EXPECT_EQ(message_of<BackendError>([&] { (void)InferenceCompiler(options).compile(case_.network); }),
              "the CUDA back end has no native target here: there is no GPU 2, the CUDA driver sees 2 (numbered from "
              "0)\n    name one, for example sm_90");
    options.device.reset();
    {
        const EnvironmentVariable number("MLGENN_CUDA_DEVICE", "0");
        (void)InferenceCompiler(options).compile(case_.network);
        EXPECT_EQ(counters().last_device, 0);
    }
    const EnvironmentVariable number("MLGENN_CUDA_DEVICE", "first");
    EXPECT_EQ(cuda_info().detail.substr(0, cuda_info().detail.find(';')),
              "MLGENN_CUDA_DEVICE is 'first', expected the number of a GPU");
}

TEST_F(LaunchPath, ALostDeviceIsReportedAndStaysLost) {
    CompiledNetwork network = InferenceCompiler(options_for(case_, "whole_sequence")).compile(case_.network);
    stand_in::Settings settings;
    settings.lost_at_launch = 4;
    configure(settings);
    const std::string cause =
        "stand-in GPU failed while running the network: CUDA_ERROR_DEVICE_UNAVAILABLE: the device was lost";
    EXPECT_EQ(message_of<DeviceError>([&] { (void)network.predict(case_.inputs); }), cause);
    EXPECT_EQ(
        message_of<DeviceError>([&] { (void)network.predict(case_.inputs); }),
        "network 'dense_if' cannot run any more, the device failed before: " + cause + "\n    load the network again");
    configure({});
    CompiledNetwork again = InferenceCompiler(options_for(case_, "whole_sequence")).compile(case_.network);
    EXPECT_NO_THROW((void)again.predict(case_.inputs));
}

TEST_F(LaunchPath, DamagedCodeIsRefused) {
    const CompilerOptions options = options_for(case_, "whole_sequence");
    const ir::Program program = cuda_program(case_, "whole_sequence");
    const backends::Backend& backend = backends::select_backend("cuda");
    backends::Module module = backend.build(program, backend.generate(program, options), options);
    module.code.assign(4096, std::byte{0});
    EXPECT_EQ(message_of<DeviceError>([&] { (void)backend.open(module, options); }),
              "stand-in GPU failed while loading the generated code: CUDA_ERROR_INVALID_IMAGE: device kernel image is "
              "invalid");
}

TEST_F(LaunchPath, TheBackEndSaysWhatItFound) {
    EXPECT_TRUE(cuda_info().available);
    EXPECT_EQ(cuda_info().detail, "stand-in GPU, driver 13.0, NVRTC 0.1, sm_75 ... sm_90");
}

TEST_F(LaunchPath, AMissingDriverIsTheReason) {
    const EnvironmentVariable driver("MLGENN_LIBCUDA", "libno_such_driver.so");
    EXPECT_FALSE(cuda_info().available);
    EXPECT_EQ(cuda_info().detail, "no CUDA driver: libno_such_driver.so cannot be loaded; NVRTC 0.1, sm_75 ... sm_90");
    EXPECT_EQ(
        message_of<BackendError>([&] { (void)InferenceCompiler(options_for(case_, "auto")).compile(case_.network); }),
        "no back end can run here: cuda: no CUDA driver: libno_such_driver.so cannot be loaded; NVRTC 0.1, sm_75 "
        "... sm_90");
}

TEST_F(LaunchPath, ADriverWithoutNvrtcIsTheReason) {
    const EnvironmentVariable nvrtc("MLGENN_LIBNVRTC", "libno_such_nvrtc.so");
    EXPECT_FALSE(cuda_info().available);
    EXPECT_EQ(cuda_info().detail,
              "stand-in GPU, driver 13.0, but NVRTC was not found (tried libno_such_nvrtc.so): install the CUDA "
              "toolkit, or set MLGENN_LIBNVRTC to its libnvrtc.so");
}

TEST_F(LaunchPath, ADriverWithoutADeviceIsTheReason) {
    stand_in::Settings settings;
    settings.num_devices = 0;
    configure(settings);
    EXPECT_EQ(cuda_info().detail.substr(0, cuda_info().detail.find(';')),
              "the CUDA driver does not start: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected");
}

TEST_F(LaunchPath, AnOldDeviceIsTheReason) {
    stand_in::Settings settings;
    settings.capability = 61;
    configure(settings);
    EXPECT_EQ(cuda_info().detail.substr(0, cuda_info().detail.find(';')),
              "the GPU stand-in GPU is sm_61, sm_75 or newer is needed");
}

TEST_F(LaunchPath, AnUnknownTargetNamesTheKnownOnes) {
    CompilerOptions options = options_for(case_, "auto");
    options.target = "sm_61";
    EXPECT_EQ(message_of<BackendError>([&] { (void)InferenceCompiler(options).compile(case_.network); }),
              "the CUDA back end does not know the target 'sm_61'\n"
              "    use native, sm_75, sm_80, sm_90, or compute_NN for PTX");
}

TEST_F(LaunchPath, ANewerDeviceGetsPtx) {
    stand_in::Settings settings;
    settings.capability = 86;
    configure(settings);
    const CompilerOptions options = options_for(case_, "whole_sequence");
    const ir::Program program = cuda_program(case_, "whole_sequence");
    EXPECT_EQ(backends::select_backend("cuda").generate(program, options).target, "compute_80");
}

TEST_F(LaunchPath, CpuSchedulesAreRefused) {
    EXPECT_EQ(message_of<BackendError>(
                  [&] { (void)InferenceCompiler(options_for(case_, "layerwise")).compile(case_.network); }),
              "schedule 'layerwise' cannot run network 'dense_if': the back end launches kernels");
}

TEST_F(LaunchPath, TheSecondCompilationComesFromTheCache) {
    CompileReport first;
    CompileReport second;
    (void)InferenceCompiler(options_for(case_, "whole_sequence")).compile(case_.network, first);
    (void)InferenceCompiler(options_for(case_, "whole_sequence")).compile(case_.network, second);
    EXPECT_TRUE(second.cache_hit);
    EXPECT_EQ(first.cache_key, second.cache_key);
}

TEST_F(LaunchPath, GeneratedTextDependsOnTheNetworkAlone) {
    EXPECT_EQ(cuda_source(case_, "whole_sequence"), cuda_source(network_case("dense_if"), "whole_sequence"));
    EXPECT_NE(cuda_source(case_, "whole_sequence"), cuda_source(case_, "step"));
}

}  // namespace
}  // namespace mlgenn::testing
