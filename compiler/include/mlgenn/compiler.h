// SPDX-License-Identifier: Apache-2.0
// From a network to a CompiledNetwork: options, the compiler, and every stage it can show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mlgenn/callbacks.h"
#include "mlgenn/compiled_network.h"
#include "mlgenn/memory_estimate.h"
#include "mlgenn/network.h"

namespace mlgenn {

/// How synaptic input is summed (docs/semantics.md).
enum class Accumulation : std::uint8_t {
    exact,    ///< 32-bit integers: the same bits in any order, on any device
    ordered,  ///< float32, ascending presynaptic index: as a textbook loop
    fast,     ///< float32, within a tolerance
};

enum class Compatibility : std::uint8_t {
    none,        ///< examples are independent
    mlgenn_2_4,  ///< undelivered spikes and synaptic currents leak into the next example, as in mlGeNN 2.4
};

/// Something to record in every example and timestep.
struct Recording {
    std::string population{};
    /// Empty: spikes. Else a variable's name, sampled at the end of each step: of the neurons ("V", "RefracTime"), of
    /// their readout ("VAvg", "Scount"), "Input", or a parameter of single neurons ("v_thresh").
    std::string variable{};
    /// Empty: "<population>.spikes" or "<population>.<variable>".
    std::string key{};
    /// False: calls do not return it by themselves, but recorders (docs/callbacks.md) can be given to calls.
    bool returned = true;
};

/// A connection's weights ("g") or delays ("d"), for ConnVarRecorder.
struct ConnectionVariable {
    std::string connection{};
    std::string variable = "g";
};

/// Names and defaults follow mlGeNN's InferenceCompiler where it has them.
struct CompilerOptions {
    /// Timesteps per example (mlGeNN: evaluate_timesteps). Must be set.
    std::uint32_t example_timesteps = 0;
    double dt = 1.0;  ///< ms
    /// Examples per batch. 0: chosen from the free memory of the device (docs/performance.md).
    std::uint32_t batch_size = 1;
    std::uint64_t rng_seed = 0;
    bool reset_time_between_batches = true;
    bool reset_vars_between_batches = true;
    /// Unset: true, or false (as in mlGeNN) with `mlgenn_2_4`.
    std::optional<bool> reset_in_syn_between_batches{};
    /// One endless run: nothing but readouts is reset between the examples of a batch slot, whatever the three options
    /// above say, and time goes on.
    bool streaming = false;
    Compatibility compatibility = Compatibility::none;
    Accumulation accumulation = Accumulation::exact;
    /// "auto", or a name from `available_backends()`.
    std::string backend = "auto";
    /// "native", or one the back end knows: for llvm "avx512", "avx2", "generic"; for cuda "sm_90", "compute_90", ...
    std::string target = "native";
    /// "auto", or a name from the planner's table: "sequential", "layerwise"; on a GPU "whole_sequence", "step".
    std::string schedule = "auto";
    /// How few-spike networks run: "literal" (k steps per layer), "collapsed" (one pass with whole numbers), or "auto":
    /// whatever the planner expects to be faster. Other networks ignore it.
    std::string few_spike = "auto";
    /// Worker threads; 0: one per processor that this process may use.
    std::uint32_t num_threads = 0;
    /// For cuda: number of the GPU. Unset: MLGENN_CUDA_DEVICE, else the first.
    std::optional<std::uint32_t> device{};
    /// Spike events per example and input population: an example with more is refused, on every back end. On a GPU room
    /// for that many is reserved when the network is loaded, and nothing is allocated afterwards. Unset: any number,
    /// with room that grows (docs/performance.md).
    std::optional<std::uint32_t> max_input_events{};
    /// Takes the times of kernels and copies (CompiledNetwork::profile()).
    bool kernel_profiling = false;
    /// With kernel_profiling: also those of every population and connection, by code that runs slower and computes the
    /// same.
    bool phase_profiling = true;
    /// A comment behind every generated CUDA statement: population or connection, model, phase.
    bool origin_comments = false;
    /// Metrics that evaluate() can score, by output population: exactly these. Empty: those that the network names; for
    /// outputs without any sparse categorical accuracy, and mean square error where a call names it.
    std::map<std::string, std::vector<MetricSpec>> metrics{};
    /// Metrics that every call can name, by a name that the catalogue does not have. They run on the host, on
    /// predictions.
    MetricFunctions metric_functions{};
    std::vector<Recording> recordings{};
    /// Up to 16777216 pairs of neurons each.
    std::vector<ConnectionVariable> recorded_connections{};
    /// Take part in every call, before the call's own. What recorders among them need is compiled in.
    std::vector<CallbackSpec> callbacks{};
    /// Kernel cache directory. Unset: MLGENN_CACHE_DIR, else the XDG cache home. "off": no cache.
    std::string cache_dir{};
};

/// A printable stage of a compilation, in order.
struct Stage {
    std::string name{};
    std::string text{};
    double milliseconds = 0.0;
};

/// What compile() did, for --emit, --explain and reports.
struct CompileReport {
    double total_ms = 0.0;
    bool cache_hit = false;
    std::string cache_key{};
    /// What compile() spent its time on, in order: "lower" (with validation), "passes", "generate", "build" (or reading
    /// the cache), "load". Without text.
    std::vector<Stage> stages{};
    /// Pass names and times; text only when asked for.
    std::vector<Stage> passes{};
    /// "schedule", "buffers": explanations; "ir": final IR; the other names of ReportRequest::emit: generated code.
    std::map<std::string, std::string> texts{};
};

/// Which texts a compilation should keep.
struct ReportRequest {
    /// "ir"; of llvm "llvm", "asm", "object"; of cuda "cuda", "ptx", "cubin", "sass", "resources".
    std::vector<std::string> emit{};
    std::string print_after{};  ///< a pass name, or "all"
};

/// Generated code that nothing has loaded.
struct BuiltNetwork {
    ExecutionPlan plan{};
    /// Architecture that the code is for ("sm_90").
    std::string target{};
    /// An object file, a cubin, or PTX with its terminating zero.
    std::vector<std::byte> code{};
};

class InferenceCompiler {
public:
    /// Throws DescriptionError for options that contradict themselves.
    explicit InferenceCompiler(CompilerOptions options);

    /// Validates, lowers, generates, builds and loads. Throws DescriptionError or BackendError.
    [[nodiscard]] CompiledNetwork compile(const Network& network) const;
    [[nodiscard]] CompiledNetwork compile(const Network& network, CompileReport& report,
                                          const ReportRequest& request = {}) const;

    /// The same without loading: needs the back end's toolchain, and no device when `target` names an architecture.
    /// Throws DescriptionError or BackendError.
    [[nodiscard]] BuiltNetwork build(const Network& network, CompileReport& report,
                                     const ReportRequest& request = {}) const;

    [[nodiscard]] const CompilerOptions& options() const { return options_; }

private:
    CompilerOptions options_;
};

/// Options of FewSpikeCompiler. `example_timesteps` follows from k and may stay 0; the reset options do not apply.
struct FewSpikeCompilerOptions : CompilerOptions {
    /// Steps that code a number. Unset: those of the network's neurons, which it must equal otherwise.
    std::optional<std::uint32_t> k{};
};

/// Compiles networks of few-spike neurons (docs/few_spike.md). Examples are independent of each other.
class FewSpikeCompiler {
public:
    explicit FewSpikeCompiler(FewSpikeCompilerOptions options = {});

    /// As InferenceCompiler::compile. Throws DescriptionError for a network without few-spike neurons too.
    [[nodiscard]] CompiledNetwork compile(const Network& network) const;
    [[nodiscard]] CompiledNetwork compile(const Network& network, CompileReport& report,
                                          const ReportRequest& request = {}) const;

    [[nodiscard]] const FewSpikeCompilerOptions& options() const { return options_; }

private:
    FewSpikeCompilerOptions options_;
};

struct BackendInfo {
    std::string name{};
    bool available = false;
    /// Why not, or what it found ("LLVM 19.1.7, sapphirerapids, AVX-512").
    std::string detail{};
};
[[nodiscard]] std::vector<BackendInfo> available_backends();

/// Memory of the device on which a network that was compiled with these options would run. Throws BackendError when
/// no back end of that name can build code here.
[[nodiscard]] DeviceMemoryState device_memory(const CompilerOptions& options);

/// How a network that is compiled with these options uses memory, for estimate_memory().
[[nodiscard]] MemoryRequest memory_request(const CompilerOptions& options);

/// The batch size that stands for 0 in CompilerOptions: on a GPU the largest power of two up to 4096 that takes at most
/// half of the free memory, on the CPU the number of threads. At least 1.
[[nodiscard]] std::uint32_t automatic_batch_size(const ExecutionPlan& plan, const CompilerOptions& options,
                                                 const DeviceMemoryState& memory);

}  // namespace mlgenn
