// SPDX-License-Identifier: Apache-2.0
// The machine code itself: vectors of the target's width, and the same bits on every target.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <numeric>

#include "mlgenn/errors.h"
#include "tests/passes/small_networks.h"

namespace mlgenn::test {
namespace {

Network wide_network() {
    Network network;
    network.name = "wide";
    std::vector<float> weights(100 * 150);
    for (std::size_t k = 0; k < weights.size(); ++k) {
        weights[k] = static_cast<float>(static_cast<int>(k * 31 % 101) - 45) / 77.0F;
    }
    network.populations = {
        {.name = "input", .shape = {100}, .neuron = {"integrate_fire_input", {{"v_thresh", 2.0}}}, .readout = {}},
        {.name = "output", .shape = {150}, .neuron = "leaky_integrate_fire", .readout = ModelSpec("avg_var")}};
    network.connections = {{.source = "input",
                            .target = "output",
                            .connectivity = {"dense", {{"weight", Array::from(weights, {100, 150})}}},
                            .synapse = "exponential"}};
    return network;
}

/// Compiles for `target`, or gives the reason why this machine cannot.
std::optional<CompiledNetwork> compile_for(const std::string& target, CompileReport& report, std::string& reason) {
    CompilerOptions options = small_options(Accumulation::exact, "sequential");
    options.target = target;
    try {
        return InferenceCompiler(options).compile(wide_network(), report, {.emit = {"object"}, .print_after = {}});
    } catch (const BackendError& error) {
        reason = error.what();
        return std::nullopt;
    }
}

std::string disassembled(const std::string& object) {
    const std::filesystem::path file =
        std::filesystem::path(testing::TempDir()) / ("mlgenn_generated_" + std::to_string(::getpid()) + ".o");
    std::ofstream(file, std::ios::binary) << object;
    const std::string command = "objdump -d " + file.string();
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::string text;
    std::array<char, 4096> chunk{};
    while (const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), pipe.get())) {
        text.append(chunk.data(), count);
    }
    std::filesystem::remove(file);
    return text;
}

void expect_registers(const std::string& target, const std::string& present, const std::string& absent) {
    CompileReport report;
    std::string reason;
    if (!compile_for(target, report, reason)) {
        GTEST_SKIP() << reason;
    }
    const std::string code = disassembled(report.texts.at("object"));
    if (code.find("mlgenn_run") == std::string::npos) {
        GTEST_SKIP() << "objdump (binutils) is not installed, so the code cannot be disassembled";
    }
    EXPECT_THAT(code, testing::HasSubstr(present));
    if (!absent.empty()) {
        EXPECT_THAT(code, testing::Not(testing::HasSubstr(absent)));
    }
}

TEST(GeneratedCode, Avx512UsesWholeRegistersAndCompress) {
    expect_registers("avx512", "%zmm", "");
    expect_registers("avx512", "vpcompressd", "");
}

TEST(GeneratedCode, Avx2UsesWholeRegisters) {
    expect_registers("avx2", "%ymm", "%zmm");
}

TEST(GeneratedCode, NothingIsContracted) {
    expect_registers("avx2", "vmulps", "vfmadd");
}

TEST(GeneratedCode, TargetsAgreeToTheBit) {
    std::vector<float> values(7 * 100);
    for (std::size_t k = 0; k < values.size(); ++k) {
        values[k] = static_cast<float>(k * 13 % 37) / 40.0F;
    }
    const Inputs inputs = {{"input", DenseInput{Array::from(values, {7, 100})}}};
    std::vector<float> first;
    std::size_t compared = 0;
    std::string reason;
    for (const char* target : {"generic", "avx2", "avx512", "native"}) {
        CompileReport report;
        auto compiled = compile_for(target, report, reason);
        if (!compiled) {
            continue;
        }
        const Array output = compiled->predict(inputs).outputs.at("output");
        const std::vector<float> result(output.as<float>().begin(), output.as<float>().end());
        if (first.empty()) {
            first = result;
        }
        EXPECT_EQ(first, result) << target;
        ++compared;
    }
    EXPECT_GE(compared, 2U) << reason;
    EXPECT_GT(std::accumulate(first.begin(), first.end(), 0.0F), 0.0F);
}

TEST(GeneratedCode, UnknownTargetNamesTheKnownOnes) {
    CompilerOptions options = small_options(Accumulation::exact, "sequential");
    options.target = "sm_90";
    try {
        (void)InferenceCompiler(options).compile(wide_network());
        FAIL() << "no exception";
    } catch (const BackendError& error) {
        EXPECT_THAT(error.what(),
                    testing::HasSubstr("back end 'llvm' has no target 'sm_90' on this machine; it has: native"));
    }
}

}  // namespace
}  // namespace mlgenn::test
