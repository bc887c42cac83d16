// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/bench_native.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "mlgenn/errors.h"

namespace mlgenn::cli {

namespace fs = std::filesystem;

NativeProgram::NativeProgram(const fs::path& source) : program_(folder_.path() / "native") {
    const char* chosen = std::getenv("CXX");
    const std::string compiler = chosen != nullptr && *chosen != '\0' ? chosen : "g++";
    const ProcessResult result =
        run_process({compiler, "-O3", "-march=native", "-ffp-contract=off", source.string(), "-o", program_.string()});
    if (result.exit_code != 0) {
        throw BackendError("cannot build the hand-written program " + source.string() + " with " + compiler + ":\n" +
                           result.err + "    leave it out with --no-native");
    }
}

NativeTime NativeProgram::run(const BenchCase& bench_case) const {
    const ProcessResult result = run_process({program_.string(), bench_case.path.string(), bench_case.native_kind,
                                              std::to_string(bench_case.num_examples), "1"});
    const auto json = nlohmann::json::parse(result.out, nullptr, false);
    if (result.exit_code != 0 || !json.is_object() || !json.contains("cpu_ms_min_med_max")) {
        throw BackendError("the hand-written program failed on " + bench_case.path.string() + " (exit status " +
                           std::to_string(result.exit_code) + ")\n" + result.err + "    leave it out with --no-native");
    }
    return {json["cpu_ms_min_med_max"].at(1).get<double>(), json["wall_ms_min_med_max"].at(1).get<double>()};
}

std::optional<fs::path> find_native_source(const BenchCommand& command) {
    if (command.no_native) {
        return std::nullopt;
    }
    if (command.native) {
        if (!fs::is_regular_file(*command.native)) {
            throw DescriptionError(Diagnostic{"--native",
                                              command.native->string() + " is not a file",
                                              {},
                                              "name the C++ source of the hand-written program"});
        }
        return command.native;
    }
    for (const fs::path& path : command.paths) {
        for (fs::path folder = fs::absolute(path); folder.has_relative_path(); folder = folder.parent_path()) {
            const fs::path candidate = folder / "bench" / "native_avx512.cpp";
            std::error_code error;
            if (fs::is_regular_file(candidate, error)) {
                return candidate;
            }
        }
    }
    return std::nullopt;
}

std::string native_obstacle() {
#if defined(__x86_64__)
    const bool suitable = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                          __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
    return suitable ? "" : "this processor has no AVX-512";
#else
    return "this processor is no x86-64";
#endif
}

}  // namespace mlgenn::cli
