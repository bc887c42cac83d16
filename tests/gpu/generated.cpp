// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu/generated.h"

#include "compiler/backends/backend.h"
#include "compiler/backends/cuda/cuda_backend.h"
#include "compiler/backends/cuda/generate.h"
#include "compiler/passes/lower.h"
#include "compiler/passes/pipeline.h"

namespace mlgenn::testing {

ir::Program cuda_program(const NetworkCase& c, const std::string& schedule, Accumulation accumulation) {
    CompilerOptions options;
    options.example_timesteps = c.timesteps;
    options.recordings = c.recordings;
    options.accumulation = accumulation;
    options.backend = "cuda";
    options.schedule = schedule;
    ir::Program program = passes::lower(drawn(validated(c.network), options.rng_seed, options.dt), options);
    CompileReport report;
    passes::run_pipeline(program, options, backends::cuda().limits(options), "", report);
    return program;
}

std::string cuda_source(const NetworkCase& c, const std::string& schedule, Accumulation accumulation) {
    return cuda::generate_text(cuda::lay_out(cuda_program(c, schedule, accumulation), {}));
}

}  // namespace mlgenn::testing
