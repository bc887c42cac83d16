// SPDX-License-Identifier: Apache-2.0
#include "compiler/passes/pipeline.h"

#include <array>
#include <chrono>

#include "mlgenn/errors.h"

namespace mlgenn::passes {

std::span<const Pass> pipeline() {
    static const std::array passes = {
        Pass{"split_time_loops", ir::VerifyStage::lowered, split_time_loops},
        Pass{"choose_accumulation", ir::VerifyStage::lowered, choose_accumulation},
        Pass{"collapse_few_spike", ir::VerifyStage::lowered, collapse_few_spike},
        Pass{"choose_schedule", ir::VerifyStage::lowered, choose_schedule},
        Pass{"expand_accumulators", ir::VerifyStage::expanded, expand_accumulators},
        Pass{"instrument", ir::VerifyStage::expanded, instrument},
        Pass{"place_buffers", ir::VerifyStage::expanded, place_buffers},
    };
    return passes;
}

void run_pipeline(ir::Program& program, const CompilerOptions& options, const backends::Limits& limits,
                  const std::string& print_after, CompileReport& report) {
    bool found = print_after.empty() || print_after == "all" || print_after == "lower";
    std::string known = "lower";
    if (print_after == "all" || print_after == "lower") {
        report.passes.push_back({"lower", ir::print(program), 0.0});
    }
    ir::verify(program, ir::VerifyStage::lowered);
    for (const Pass& pass : pipeline()) {
        const auto begin = std::chrono::steady_clock::now();
        pass.run(program, options, limits);
        const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - begin;
        ir::verify(program, pass.establishes);
        const bool wanted = print_after == "all" || print_after == pass.name;
        found = found || wanted;
        known += ", " + pass.name;
        report.passes.push_back({pass.name, wanted ? ir::print(program) : std::string(), elapsed.count()});
    }
    if (!found) {
        throw DescriptionError(
            {"option print_after", "there is no pass '" + print_after + "'", {}, "use one of: all, " + known});
    }
}

}  // namespace mlgenn::passes
