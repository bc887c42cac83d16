// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/bench_case.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "tools/mlgenn_compile/data_arguments.h"
#include "tools/mlgenn_compile/input_encoding.h"

namespace mlgenn::cli {
namespace {

namespace fs = std::filesystem;

/// The hand-written program tells bundles apart by a word of its own.
std::string native_kind_of(const fs::path& folder) {
    std::ifstream stream(folder / "meta.json");
    const auto meta = nlohmann::json::parse(stream, nullptr, false);
    const std::string kind = meta.is_object() ? meta.value("kind", "") : "";
    return kind == "if_dense" ? "mnist" : kind == "shd" || kind == "conv" ? kind : "";
}

BenchCase load_bundle_case(const BenchCommand& command, const fs::path& path) {
    bench::Bundle bundle = bench::load_bundle(path);
    if (command.data.first) {
        bundle = bench::select_examples(bundle, 0, *command.data.first);
    }
    CompilerOptions options = command.settings.options;
    options.example_timesteps = bundle.timesteps;
    options.dt = bundle.dt;
    BenchCase result{bundle.name, path, {bundle.network, options}, bundle.inputs, bundle.num_examples};
    result.native_kind = native_kind_of(path);
    result.bundle = std::move(bundle);
    return result;
}

BenchCase load_description_case(const BenchCommand& command, const fs::path& path) {
    CompileSettings settings = command.settings;
    settings.network = path;
    NetworkSetup setup = read_network(settings);
    Inputs inputs = read_prepared_inputs(command.data, setup);
    const std::size_t examples = inputs.empty() ? 0 : num_examples(inputs.begin()->second);
    std::string name = setup.network.name;
    return {std::move(name), path, std::move(setup), std::move(inputs), examples};
}

}  // namespace

BenchCase load_case(const BenchCommand& command, const fs::path& path) {
    return fs::is_directory(path) ? load_bundle_case(command, path) : load_description_case(command, path);
}

std::vector<Accumulation> modes_of(const BenchCommand& command, const fs::path& path) {
    if (!command.accumulations.empty()) {
        return command.accumulations;
    }
    return fs::is_directory(path) ? std::vector{Accumulation::exact, Accumulation::ordered}
                                  : std::vector{Accumulation::exact};
}

NetworkSetup setup_for(const BenchCase& bench_case, Accumulation mode, std::uint32_t threads) {
    NetworkSetup setup = bench_case.setup;
    setup.options.accumulation = mode;
    setup.options.num_threads = threads;
    return setup;
}

}  // namespace mlgenn::cli
