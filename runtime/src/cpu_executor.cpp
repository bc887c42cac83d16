// SPDX-License-Identifier: Apache-2.0
// The executor for code that runs on the host's processors.
#include "runtime/src/cpu_executor.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <utility>

#include "mlgenn/cpu_executor.h"
#include "mlgenn/errors.h"
#include "mlgenn/memory_estimate.h"
#include "runtime/src/cpu_step_runner.h"
#include "runtime/src/flush_subnormals.h"
#include "runtime/src/plan_checks.h"
#include "runtime/src/score_sums.h"
#include "runtime/src/workspace_resets.h"

namespace mlgenn {

std::unique_ptr<Executor> make_cpu_executor(const ExecutionPlan& plan, CpuRunFunction run,
                                            std::vector<CpuScoreFunction> scores, std::uint32_t num_threads,
                                            std::uint32_t batch_size, std::shared_ptr<void> code_owner) {
    auto code = std::make_shared<runtime::CpuCode>(plan, run, std::move(scores), std::move(code_owner));
    return std::make_unique<runtime::CpuExecutor>(std::move(code), num_threads, batch_size);
}

}  // namespace mlgenn

namespace mlgenn::runtime {

namespace {

constexpr std::size_t num_reset_classes = static_cast<std::size_t>(ResetClass::in_flight) + 1;

}  // namespace

CpuExecutor::CpuExecutor(std::shared_ptr<const CpuCode> code, std::uint32_t num_threads, std::uint32_t batch_size)
    : code_(std::move(code)),
      plan_(code_->plan()),
      constants_(code_->constants()),
      batch_size_(batch_size),
      pool_(num_threads) {
    for (const RecordingPlan& recording : plan_.recordings) {
        largest_recording_ = std::max(largest_recording_, plan_.rows_of(recording).num_rows * recording.row_bytes);
    }
    for (unsigned k = 0; k < pool_.num_threads(); ++k) {
        workers_.push_back(make_worker());
    }
}

std::unique_ptr<StepRunner> CpuExecutor::open_step_runner() {
    return std::make_unique<CpuStepRunner>(code_);
}

CpuExecutor::Worker CpuExecutor::make_worker() const {
    Worker worker;
    worker.input.values.resize(plan_.inputs.size());
    worker.input.event_offsets.resize(plan_.inputs.size());
    worker.input.event_ids.resize(plan_.inputs.size());
    worker.output.readouts.resize(plan_.outputs.size());
    worker.output.recordings.resize(plan_.recordings.size());
    worker.output.targets.resize(plan_.metrics.size());
    worker.scores.resize(plan_.metrics.size());
    worker.arguments.resize(plan_.num_arguments);
    return worker;
}

std::size_t CpuExecutor::memory_bytes() const {
    std::size_t bytes = code_->memory_bytes();
    for (const Worker& worker : workers_) {
        bytes += worker.workspace.size();
    }
    for (const Slot& slot : slots_) {
        bytes += slot.workspace.size();
    }
    return bytes;
}

void CpuExecutor::reset_all() {
    for (Slot& slot : slots_) {
        slot.as_loaded = false;
    }
}

void CpuExecutor::clear_scores() {
    for (std::vector<Worker>* workers : {&workers_, &step_workers_}) {
        for (Worker& worker : *workers) {
            for (std::vector<std::uint64_t>& words : worker.scores) {
                std::fill(words.begin(), words.end(), 0);
            }
        }
    }
}

void CpuExecutor::take_scores(std::size_t metric, std::span<std::uint64_t> words) {
    for (std::vector<Worker>* workers : {&workers_, &step_workers_}) {
        for (Worker& worker : *workers) {
            std::vector<std::uint64_t>& scored = worker.scores[metric];
            merge_scores(plan_.metrics[metric].score, scored, words);
            std::fill(scored.begin(), scored.end(), 0);
        }
    }
}

AlignedBuffer CpuExecutor::make_workspace() const {
    try {
        return AlignedBuffer(plan_.workspace_bytes);
    } catch (const std::bad_alloc&) {
        throw DeviceError("network '" + plan_.network + "': no memory for a workspace of " +
                          std::to_string(plan_.workspace_bytes) + " bytes, after " + std::to_string(memory_bytes()) +
                          " bytes for others: use fewer threads, or a smaller batch when state is carried over");
    }
}

void CpuExecutor::check_request(const RunRequest& request) const {
    if (request.batch_size == 0 || request.batch_size > batch_size_ || request.reset.size() != num_reset_classes) {
        throw InternalError("a run with batch size " + std::to_string(request.batch_size) + " (compiled: " +
                            std::to_string(batch_size_) + ") and " + std::to_string(request.reset.size()) +
                            " reset classes (there are " + std::to_string(num_reset_classes) + ")");
    }
    check_observable(plan_, request);
}

void CpuExecutor::run(const RunRequest& request, ExampleProvider& provider) {
    check_request(request);
    const std::vector<ResetRange> resets = select_resets(plan_.resets, request.reset);
    const bool independent = examples_are_independent(plan_, request);
    if (independent) {
        reset_all();
    }
    if (independent && request.observer == nullptr) {
        run_independent(request, provider, resets);
        return;
    }
    try {
        if (request.observer != nullptr) {
            run_stepwise(request, provider, resets);
        } else {
            run_carried(request, provider, resets);
        }
    } catch (...) {
        // How far the other slots have come depends on timing: they start afresh rather than from there.
        reset_all();
        throw;
    }
    if (independent) {
        reset_all();
    }
}

void CpuExecutor::run_independent(const RunRequest& request, ExampleProvider& provider,
                                  std::span<const ResetRange> resets) {
    for (Worker& worker : workers_) {
        if (worker.workspace.data() == nullptr) {
            worker.workspace = make_workspace();
            apply_resets(plan_.resets, constants_, worker.workspace.data());
        }
    }
    pool_.for_each(request.num_examples, [&](std::size_t example, unsigned worker) {
        std::byte* const workspace = workers_[worker].workspace.data();
        apply_resets(resets, constants_, workspace);
        run_example({.index = example, .workspace = workspace, .t_begin = 0, .number = request.first_example + example},
                    worker, provider);
    });
}

void CpuExecutor::run_carried(const RunRequest& request, ExampleProvider& provider,
                              std::span<const ResetRange> resets) {
    const std::size_t num_slots = std::min<std::size_t>(request.batch_size, request.num_examples);
    prepare_slots(num_slots);
    check_time_left(request);
    pool_.for_each(num_slots,
                   [&](std::size_t slot, unsigned worker) { run_slot(slot, worker, request, provider, resets); });
}

void CpuExecutor::prepare_slots(std::size_t num_slots) {
    check_memory(num_slots);
    slots_.resize(std::max(slots_.size(), num_slots));
    for (Slot& slot : std::span(slots_).first(num_slots)) {
        if (slot.workspace.data() == nullptr) {
            slot.workspace = make_workspace();
        }
        if (!slot.as_loaded) {
            slot.workspace.clear();
            apply_resets(plan_.resets, constants_, slot.workspace.data());
            slot.next_t = 0;
            slot.as_loaded = true;
        }
    }
}

/// The slots' workspaces, for an observer.
class CpuExecutor::Slots final : public SlotMemory {
public:
    Slots(const ExecutionPlan& plan, std::span<const Slot> slots) : plan_(plan), slots_(slots) {}

    void read(std::uint32_t slot, std::size_t offset, std::span<std::byte> bytes) override {
        std::memcpy(bytes.data(), place(slot, offset, bytes.size()), bytes.size());
    }
    void write(std::uint32_t slot, std::size_t offset, std::span<const std::byte> bytes) override {
        std::memcpy(place(slot, offset, bytes.size()), bytes.data(), bytes.size());
    }

private:
    [[nodiscard]] std::byte* place(std::uint32_t slot, std::size_t offset, std::size_t num_bytes) const {
        check_access(plan_, slot, slots_.size(), offset, num_bytes);
        return slots_[slot].workspace.data() + offset;
    }

    const ExecutionPlan& plan_;
    std::span<const Slot> slots_;
};

void CpuExecutor::run_stepwise(const RunRequest& request, ExampleProvider& provider,
                               std::span<const ResetRange> resets) {
    const std::size_t num_slots = std::min<std::size_t>(request.batch_size, request.num_examples);
    prepare_slots(num_slots);
    check_time_left(request);
    while (step_workers_.size() < num_slots) {
        step_workers_.push_back(make_worker());
    }
    for (std::size_t first = 0; first < request.num_examples; first += request.batch_size) {
        run_batch_stepwise(request, first, provider, resets);
    }
}

void CpuExecutor::run_batch_stepwise(const RunRequest& request, std::size_t first, ExampleProvider& provider,
                                     std::span<const ResetRange> resets) {
    const std::size_t num_examples = std::min<std::size_t>(request.batch_size, request.num_examples - first);
    const auto example = [&](std::size_t k) {
        return Example{.index = first + k,
                       .workspace = slots_[k].workspace.data(),
                       .t_begin = request.reset_time ? 0 : slots_[k].next_t,
                       .number = request.first_example + first + k};
    };
    pool_.for_each(num_examples, [&](std::size_t k, unsigned) {
        apply_resets(resets, constants_, slots_[k].workspace.data());
        begin_example(example(k), step_workers_[k], static_cast<unsigned>(k), provider);
    });
    Slots memory(plan_, std::span(slots_).first(num_examples));
    const StepBatch batch{
        .first_example = first, .num_examples = static_cast<std::uint32_t>(num_examples), .memory = memory};
    for (std::uint32_t step = 0; step < plan_.num_timesteps; ++step) {
        request.observer->step_begins(batch, step);
        pool_.for_each(num_examples,
                       [&](std::size_t k, unsigned) { run_steps(example(k), step_workers_[k], step, step + 1); });
        request.observer->step_ends(batch, step);
    }
    pool_.for_each(num_examples, [&](std::size_t k, unsigned) {
        end_example(example(k), step_workers_[k], static_cast<unsigned>(k), provider);
    });
    for (std::size_t k = 0; k < num_examples; ++k) {
        slots_[k].next_t = example(k).t_begin + plan_.num_timesteps;
    }
}

/// Says before workspaces are allocated what is missing and which batch size would do.
void CpuExecutor::check_memory(std::size_t num_slots) const {
    if (num_slots <= slots_.size()) {
        return;
    }
    const DeviceMemoryState memory = host_memory();
    if (memory.known && (num_slots - slots_.size()) * plan_.workspace_bytes > memory.free_bytes) {
        throw DeviceError(memory_shortage_text(plan_,
                                               {.batch_size = static_cast<std::uint32_t>(num_slots),
                                                .num_threads = pool_.num_threads(),
                                                .carries_state = true},
                                               memory));
    }
}

void CpuExecutor::check_time_left(const RunRequest& request) const {
    const std::size_t most_examples = (request.num_examples + request.batch_size - 1) / request.batch_size;
    for (const Slot& slot : slots_) {
        const std::uint32_t left = std::numeric_limits<std::uint32_t>::max() - slot.next_t;
        if (!request.reset_time && plan_.num_timesteps != 0 && most_examples > left / plan_.num_timesteps) {
            throw DescriptionError(Diagnostic{.where = "network '" + plan_.network + "'",
                                              .problem = "time goes on from step " + std::to_string(slot.next_t) +
                                                         ", and " + std::to_string(most_examples) + " examples of " +
                                                         std::to_string(plan_.num_timesteps) +
                                                         " steps would pass step 4294967295",
                                              .notes = {},
                                              .remedy = "reset the network in between, or reset time between batches"});
        }
    }
}

void CpuExecutor::run_slot(std::size_t slot_index, unsigned worker, const RunRequest& request,
                           ExampleProvider& provider, std::span<const ResetRange> resets) {
    Slot& slot = slots_[slot_index];
    for (std::size_t example = slot_index; example < request.num_examples; example += request.batch_size) {
        apply_resets(resets, constants_, slot.workspace.data());
        const std::uint32_t t_begin = request.reset_time ? 0 : slot.next_t;
        run_example({.index = example,
                     .workspace = slot.workspace.data(),
                     .t_begin = t_begin,
                     .number = request.first_example + example},
                    worker, provider);
        slot.next_t = t_begin + plan_.num_timesteps;
    }
}

void CpuExecutor::run_example(const Example& example, unsigned worker_index, ExampleProvider& provider) {
    Worker& worker = workers_[worker_index];
    begin_example(example, worker, worker_index, provider);
    run_steps(example, worker, 0, plan_.num_timesteps);
    end_example(example, worker, worker_index, provider);
}

void CpuExecutor::begin_example(const Example& example, Worker& worker, unsigned worker_index,
                                ExampleProvider& provider) const {
    provider.input(example.index, worker_index, worker.input);
    std::fill(worker.output.readouts.begin(), worker.output.readouts.end(), nullptr);
    std::fill(worker.output.recordings.begin(), worker.output.recordings.end(), nullptr);
    std::fill(worker.output.targets.begin(), worker.output.targets.end(), nullptr);
    provider.output(example.index, worker_index, worker.output);
    set_arguments(worker, example);
    if (plan_.example_number_offset) {
        const auto number = static_cast<std::uint32_t>(example.number);
        std::memcpy(example.workspace + *plan_.example_number_offset, &number, sizeof number);
    }
}

/// Steps count from the beginning of the example.
void CpuExecutor::run_steps(const Example& example, Worker& worker, std::uint32_t begin, std::uint32_t end) const {
    const auto run = [&] {
        code_->run(example.workspace, worker.arguments.data(), example.t_begin + begin, example.t_begin + end, begin);
    };
    if (!plan_.profile) {
        run();
        return;
    }
    const double begin_ms = clock_.milliseconds();
    run();
    take_counters(example.workspace, worker.counters);
    worker.profile.record_run(*plan_.profile, {begin_ms, clock_.milliseconds()}, worker.counters);
}

/// What instrumented code has counted, which starts again from zero.
void CpuExecutor::take_counters(std::byte* workspace, std::vector<std::uint64_t>& counters) const {
    counters.resize(plan_.profile->phases.size() + plan_.profile->sources.size());
    std::byte* const place = workspace + plan_.profile->workspace_offset;
    std::memcpy(counters.data(), place, counters.size() * sizeof(std::uint64_t));
    std::memset(place, 0, counters.size() * sizeof(std::uint64_t));
}

KernelProfile CpuExecutor::take_profile() {
    std::vector<ProfileTrack*> tracks;
    for (auto* workers : {&workers_, &step_workers_}) {
        for (Worker& worker : *workers) {
            tracks.push_back(&worker.profile);
        }
    }
    return merge_tracks(plan_, "this machine's processors", tracks);
}

void CpuExecutor::end_example(const Example& example, Worker& worker, unsigned worker_index,
                              ExampleProvider& provider) const {
    {
        const FlushSubnormals mode;
        score(worker, example.workspace);
    }
    for (std::size_t i = 0; i < plan_.outputs.size(); ++i) {
        const OutputPlan& output = plan_.outputs[i];
        if (worker.output.readouts[i] != nullptr) {
            std::memcpy(worker.output.readouts[i], example.workspace + output.workspace_offset,
                        output.num_neurons * size_of(output.storage));
        }
    }
    provider.done(example.index, worker_index);
}

void CpuExecutor::set_arguments(Worker& worker, const Example& example) const {
    for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
        const InputPlan& input = plan_.inputs[i];
        if (input.kind == InputPlan::Kind::values) {
            const std::span<const float> values = worker.input.values[i];
            if (values.size() != std::size_t{input.num_frames} * input.num_neurons) {
                throw InternalError("input '" + input.population + "' got " + std::to_string(values.size()) +
                                    " values for an example");
            }
            std::memcpy(example.workspace + input.workspace_offset, values.data(), values.size_bytes());
            continue;
        }
        if (worker.input.event_offsets[i].size() != std::size_t{plan_.num_timesteps} + 1) {
            throw InternalError("input '" + input.population + "' got step offsets of the wrong length");
        }
        worker.arguments[input.offsets_argument] = as_argument(worker.input.event_offsets[i]);
        worker.arguments[input.ids_argument] = as_argument(worker.input.event_ids[i]);
    }
    for (std::size_t i = 0; i < plan_.recordings.size(); ++i) {
        const RecordingPlan& recording = plan_.recordings[i];
        std::byte* rows = worker.output.recordings[i];
        if (rows == nullptr) {
            worker.unwanted_rows.resize(largest_recording_);
            rows = worker.unwanted_rows.data();
        }
        worker.arguments[recording.argument] = rows;
    }
}

void CpuExecutor::score(Worker& worker, const std::byte* workspace) const {
    for (std::size_t i = 0; i < plan_.metrics.size(); ++i) {
        if (worker.output.targets[i] == nullptr) {
            continue;
        }
        const MetricPlan& metric = plan_.metrics[i];
        std::uint32_t score = 0;
        code_->scores()[i](workspace + plan_.outputs[metric.output].workspace_offset, worker.output.targets[i],
                           reinterpret_cast<std::byte*>(&score));
        worker.scores[i].resize(num_score_words(metric));
        add_score(metric.score, score, worker.scores[i]);
    }
}

}  // namespace mlgenn::runtime
