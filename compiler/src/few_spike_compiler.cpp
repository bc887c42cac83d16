// SPDX-License-Identifier: Apache-2.0
// The compiler for few-spike networks: the main line with the number of steps that the neurons ask for.
#include <string>

#include "mlgenn/compiler.h"
#include "mlgenn/errors.h"
#include "mlgenn/model_info.h"

namespace mlgenn {

FewSpikeCompiler::FewSpikeCompiler(FewSpikeCompilerOptions options) : options_(std::move(options)) {}

CompiledNetwork FewSpikeCompiler::compile(const Network& network) const {
    CompileReport report;
    return compile(network, report);
}

CompiledNetwork FewSpikeCompiler::compile(const Network& network, CompileReport& report,
                                          const ReportRequest& request) const {
    const Network valid = validated(network);
    const auto k = few_spike_steps(valid);
    if (!k) {
        throw DescriptionError(
            {"network '" + valid.name + "'",
             "it has no few-spike neurons",
             {},
             "use InferenceCompiler, or few_spike_relu and few_spike_relu_input in all populations"});
    }
    if (options_.k && *options_.k != *k) {
        throw DescriptionError({"option k",
                                "it is " + std::to_string(*options_.k) + ", but the neurons of '" + valid.name +
                                    "' have k = " + std::to_string(*k),
                                {},
                                "leave it out, or change the neurons"});
    }
    CompilerOptions options = options_;
    if (options.example_timesteps == 0) {
        options.example_timesteps = *k;
    }
    return InferenceCompiler(std::move(options)).compile(valid, report, request);
}

}  // namespace mlgenn
