// SPDX-License-Identifier: Apache-2.0
// From command-line settings to a network and its compiled form.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "mlgenn/compiler.h"
#include "mlgenn/network.h"
#include "mlgenn/network_io.h"
#include "tools/mlgenn_compile/commands.h"

namespace mlgenn::cli {

/// A network with the options that it is compiled with: the command line's, else the description's.
struct NetworkSetup {
    Network network;
    CompilerOptions options;
};

/// Reads the description, and the checkpoint if one is named; says on standard error what was not used of it.
[[nodiscard]] NetworkFile read_network_file(const CompileSettings& settings);

/// Reads the description. Throws DescriptionError when it is wrong, or nobody says how many timesteps to run (few-spike
/// networks say it by themselves).
[[nodiscard]] NetworkSetup read_network(const CompileSettings& settings);

/// A compiled network and what its compilation did.
struct Compilation {
    CompiledNetwork network;
    CompileReport report;
    /// Wall-clock milliseconds of compile().
    double milliseconds = 0.0;
};
[[nodiscard]] Compilation compile_network(const NetworkSetup& setup, const ReportRequest& request = {});

/// A network as code that nothing has loaded.
struct BuiltCode {
    BuiltNetwork network;
    CompileReport report;
    /// Wall-clock milliseconds of build().
    double milliseconds = 0.0;
};
[[nodiscard]] BuiltCode build_network(const NetworkSetup& setup, const ReportRequest& request = {});

/// "exact", "ordered", "fast".
[[nodiscard]] std::string name_of(Accumulation accumulation);
/// Threads that a run uses: the number asked for, or the processors that this process may use.
[[nodiscard]] std::uint32_t threads_of(const CompilerOptions& options);

/// "compiled in 12.3 ms (from the cache)".
[[nodiscard]] std::string compile_text(const Compilation& compilation);
/// "ran 10,000 examples in 0.41 s: 0.041 ms per example".
[[nodiscard]] std::string run_text(std::size_t examples, double seconds);
/// The keys that predict and evaluate share in their machine-readable output.
[[nodiscard]] nlohmann::ordered_json run_json(const NetworkSetup& setup, const Compilation& compilation,
                                              std::size_t examples, double seconds);

}  // namespace mlgenn::cli
