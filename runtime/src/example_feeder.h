// SPDX-License-Identifier: Apache-2.0
// Gives an executor the examples of one call of predict or evaluate, and its results their places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "mlgenn/executor.h"
#include "mlgenn/inputs.h"
#include "runtime/src/input_readers.h"
#include "runtime/src/recorder.h"
#include "runtime/src/scoring.h"

namespace mlgenn::runtime {

/// Readouts of all examples, one array per OutputPlan.
class ReadoutStore {
public:
    /// Keeps all outputs.
    ReadoutStore(const ExecutionPlan& plan, std::size_t num_examples);
    /// Keeps the outputs that are `wanted`, by index; those beyond its end are not.
    ReadoutStore(const ExecutionPlan& plan, std::size_t num_examples, const std::vector<bool>& wanted);
    /// Null for an output that is not kept.
    [[nodiscard]] std::byte* place(std::size_t output, std::size_t example);
    /// All rows of an output; those of examples that are not done are 0.
    [[nodiscard]] const Array& values(std::size_t output) const { return channels_[output].values; }
    [[nodiscard]] std::map<std::string, Array> take();

private:
    struct Channel {
        std::string population{};
        std::size_t bytes_per_example = 0;
        Array values{};
        /// Of `values`, which is not shared while it is written.
        std::byte* data = nullptr;
    };
    std::vector<Channel> channels_{};
};

/// All conversion happens here, on the thread that runs the example.
class ExampleFeeder final : public ExampleProvider {
public:
    /// `inputs` have passed check_inputs. `readouts` and `scoring` may be null: not wanted. The referenced objects
    /// outlive the feeder.
    ExampleFeeder(const ExecutionPlan& plan, const Inputs& inputs, unsigned num_workers, Recorder& recorder,
                  ReadoutStore* readouts, Scoring* scoring);

    /// Example 0 of the executor's next run is this one of the call.
    void start_at(std::size_t first_example) { first_example_ = first_example; }

    void input(std::size_t example, unsigned worker, ExampleInput& input) override;
    void output(std::size_t example, unsigned worker, ExampleOutput& output) override;
    void done(std::size_t example, unsigned worker) override;

private:
    using Reader = std::variant<DenseReader, EventReader>;
    using Scratch = std::variant<std::vector<float>, EventScratch>;

    /// Makes it when the worker asks for its first example: an executor may ask with few of its workers.
    [[nodiscard]] std::vector<Scratch>& scratch_of(unsigned worker);

    std::uint32_t num_timesteps_;
    double dt_ms_;
    std::vector<Reader> readers_{};
    /// By worker, then input.
    std::vector<std::vector<Scratch>> scratch_;
    std::size_t num_recordings_;
    Recorder& recorder_;
    ReadoutStore* readouts_;
    Scoring* scoring_;
    std::size_t first_example_ = 0;
};

}  // namespace mlgenn::runtime
