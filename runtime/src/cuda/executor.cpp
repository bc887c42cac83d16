// SPDX-License-Identifier: Apache-2.0
// Runs batches of examples on a GPU.
#include "runtime/src/cuda/executor.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "mlgenn/cuda_executor.h"
#include "mlgenn/errors.h"
#include "runtime/src/cuda/step_runner.h"
#include "runtime/src/plan_checks.h"
#include "runtime/src/score_sums.h"

namespace mlgenn {

CudaDevice find_cuda_device(std::optional<std::uint32_t> device) {
    std::string problem;
    const auto driver = cuda::Driver::load(device, problem);
    if (driver == nullptr) {
        return {.available = false, .detail = problem};
    }
    return {.available = true,
            .detail = driver->device_name() + ", driver " + driver->version(),
            .capability = driver->capability()};
}

std::unique_ptr<Executor> make_cuda_executor(const ExecutionPlan& plan, std::span<const std::byte> image,
                                             std::uint32_t batch_size, std::optional<std::uint32_t> device) {
    std::string problem;
    auto driver = cuda::Driver::load(device, problem);
    if (driver == nullptr) {
        throw BackendError("back end 'cuda' cannot run here: " + problem);
    }
    return std::make_unique<cuda::CudaExecutor>(std::move(driver), plan, image, batch_size);
}

DeviceMemoryState cuda_device_memory(std::optional<std::uint32_t> device) {
    std::string problem;
    auto driver = cuda::Driver::load(device, problem);
    if (driver == nullptr) {
        return {.known = false, .device = problem};
    }
    return cuda::device_memory(std::move(driver));
}

}  // namespace mlgenn

namespace mlgenn::cuda {
namespace {

/// Of the current context's device.
DeviceMemoryState memory_of(const Driver& driver) {
    DeviceMemoryState state{.known = true, .device = driver.device_name()};
    driver.check(driver.call().cuMemGetInfo_v2(&state.free_bytes, &state.total_bytes), "asking for free memory");
    return state;
}

}  // namespace

DeviceMemoryState device_memory(std::shared_ptr<const Driver> driver) {
    const Context context(std::move(driver));
    const CurrentContext current(context);
    return memory_of(context.driver());
}

CudaExecutor::CudaExecutor(std::shared_ptr<const Driver> driver, const ExecutionPlan& plan,
                           std::span<const std::byte> image, std::uint32_t batch_size)
    : code_(std::make_shared<CudaCode>(std::move(driver), plan, image)),
      plan_(code_->plan()),
      driver_(code_->driver()),
      batch_size_(batch_size),
      current_(std::in_place, code_->context()),
      copies_(driver_),
      compute_(driver_) {
    check_memory();
    memory_.emplace(driver_, plan_, batch_size_);
    memory_bytes_ = cuda_memory_needed(plan_, batch_size_);
    code_->load_constants(compute_);
    next_t_.resize(batch_size_);
    for (std::size_t stage = 0; stage < memory_->stages.size(); ++stage) {
        batches_.push_back({.stage = stage, .first_worker = static_cast<unsigned>(stage) * batch_size_});
        batches_.back().outputs.resize(batch_size_);
    }
    if (plan_.profile) {
        profiler_.emplace(driver_, compute_, plan_, batch_size_, memory_->stages.size());
    }
    current_.reset();
}

CudaExecutor::~CudaExecutor() {
    // The other members give back what they hold in this context.
    current_.emplace(code_->context());
}

std::unique_ptr<StepRunner> CudaExecutor::open_step_runner() {
    return std::make_unique<CudaStepRunner>(code_);
}

/// Says before anything is allocated what is missing and which batch size would do.
void CudaExecutor::check_memory() const {
    const DeviceMemoryState memory = memory_of(driver_);
    if (cuda_memory_needed(plan_, batch_size_) > memory.free_bytes) {
        throw DeviceError(memory_shortage_text(plan_, {.batch_size = batch_size_}, memory));
    }
}

void CudaExecutor::check_request(const RunRequest& request) const {
    if (request.batch_size == 0 || request.batch_size > batch_size_) {
        throw InternalError("network '" + plan_.network + "' was loaded for batches of " + std::to_string(batch_size_) +
                            ", asked for " + std::to_string(request.batch_size));
    }
    runtime::check_observable(plan_, request);
    check_usable();
}

void CudaExecutor::check_usable() const {
    if (!broken_.empty()) {
        throw DeviceError("network '" + plan_.network + "' cannot run any more, the device failed before: " + broken_ +
                          "\n    load the network again");
    }
}

void CudaExecutor::check_time_left(const RunRequest& request) const {
    const std::size_t most_examples = (request.num_examples + request.batch_size - 1) / request.batch_size;
    const std::uint32_t latest = *std::max_element(next_t_.begin(), next_t_.end());
    const std::uint32_t left = std::numeric_limits<std::uint32_t>::max() - latest;
    if (!request.reset_time && plan_.num_timesteps != 0 && most_examples > left / plan_.num_timesteps) {
        throw DescriptionError(Diagnostic{
            .where = "network '" + plan_.network + "'",
            .problem = "time goes on from step " + std::to_string(latest) + ", and " + std::to_string(most_examples) +
                       " examples of " + std::to_string(plan_.num_timesteps) + " steps would pass step 4294967295",
            .notes = {},
            .remedy = "reset the network in between, or reset time between batches"});
    }
}

void CudaExecutor::run(const RunRequest& request, ExampleProvider& provider) {
    check_request(request);
    const CurrentContext current(code_->context());
    const bool independent = examples_are_independent(plan_, request);
    as_loaded_ = as_loaded_ && !independent;
    try {
        run_batches(request, provider);
    } catch (const OutOfMemory&) {
        give_up();
        throw;
    } catch (const DeviceError& error) {
        // An error of the device makes its whole context unusable.
        give_up();
        broken_ = error.what();
        throw;
    } catch (...) {
        give_up();
        throw;
    }
    as_loaded_ = as_loaded_ && !independent;
}

/// Ends what is under way: stages must be idle before they are used again. What fails now fails in the next run too.
void CudaExecutor::give_up() {
    as_loaded_ = false;
    driver_.call().cuStreamSynchronize(copies_.handle());
    driver_.call().cuStreamSynchronize(compute_.handle());
    for (const Batch& batch : batches_) {
        if (profiler_) {
            profiler_->drop_batch(batch.stage);
        }
    }
}

/// While a batch computes, the one before it is handed over and the one after it is gathered and uploaded. An observer
/// works between the timesteps of one batch, so its batches come one after another.
void CudaExecutor::run_batches(const RunRequest& request, ExampleProvider& provider) {
    if (!as_loaded_) {
        initialise_slots();
    }
    check_time_left(request);
    const bool overlap = request.observer == nullptr;
    const Batch* under_way = nullptr;
    std::size_t stage = 0;
    for (std::size_t first = 0; first < request.num_examples; first += request.batch_size) {
        Batch& batch = batches_[stage];
        batch.first_example = first;
        batch.first_number = request.first_example + first;
        batch.num_examples =
            static_cast<std::uint32_t>(std::min<std::size_t>(request.batch_size, request.num_examples - first));
        try {
            gather(batch, request, provider);
        } catch (...) {
            // Should the earlier batch fail too, its error is the first one.
            if (under_way != nullptr) {
                finish(*under_way, provider);
            }
            throw;
        }
        start(batch, request);
        if (under_way != nullptr) {
            finish(*under_way, provider);
        }
        under_way = &batch;
        if (overlap) {
            stage = (stage + 1) % batches_.size();
        } else {
            finish(*std::exchange(under_way, nullptr), provider);
        }
    }
    if (under_way != nullptr) {
        finish(*under_way, provider);
    }
}

void CudaExecutor::start(Batch& batch, const RunRequest& request) {
    std::uint32_t classes = 0;
    for (std::size_t k = 0; k < request.reset.size(); ++k) {
        classes |= request.reset[k] ? 1U << k : 0U;
    }
    upload(batch);
    measured(batch, compute_, {.kind = "kernel", .name = "reset_state"},
             [&] { code_->reset(compute_, memory_->workspaces.address(), batch.num_examples, classes); });
    compute_.wait_for(memory_->stages[batch.stage].uploaded);
    place_inputs(batch);
    measured(batch, compute_, {.kind = "kernel", .name = plan_.entry_point}, [&] {
        if (request.observer != nullptr) {
            run_observed(batch, *request.observer);
        } else {
            launch_network(batch);
        }
    });
    score(batch);
    measured(batch, compute_, {.kind = "copy", .name = "results", .num_bytes = download_bytes(batch)},
             [&] { download(batch); });
    if (profiler_) {
        profiler_->download_counters(batch.stage, compute_, memory_->workspaces.address(), batch.num_examples);
    }
    memory_->stages[batch.stage].ended.record(compute_);
}

void CudaExecutor::finish(const Batch& batch, ExampleProvider& provider) {
    memory_->stages[batch.stage].ended.wait("running the network");
    if (profiler_) {
        profiler_->finish_batch(batch.stage, batch.num_examples);
    }
    deliver(batch, provider);
}

KernelProfile CudaExecutor::take_profile() {
    return profiler_ ? profiler_->take(plan_) : KernelProfile();
}

void CudaExecutor::initialise_slots() {
    const DeviceMemory& workspaces = memory_->workspaces;
    driver_.check(driver_.call().cuMemsetD8Async(workspaces.address(), 0, workspaces.size(), compute_.handle()),
                  "clearing state");
    code_->reset(compute_, workspaces.address(), batch_size_, all_reset_classes);
    std::fill(next_t_.begin(), next_t_.end(), 0U);
    as_loaded_ = true;
}

void CudaExecutor::launch_steps(const Batch& batch, std::uint32_t num_steps) const {
    const BatchStage& stage = memory_->stages[batch.stage];
    code_->launch_steps(compute_,
                        {.workspaces = memory_->workspaces.address(),
                         .arguments = stage.device_arguments(),
                         .timesteps = stage.device_timesteps()},
                        batch.num_examples, num_steps);
}

void CudaExecutor::launch_network(const Batch& batch) {
    if (!plan_.gpu->launch_per_step) {
        launch_steps(batch, plan_.num_timesteps);
        return;
    }
    const std::pair key(batch.stage, batch.num_examples);
    auto graph = graphs_.find(key);
    if (graph == graphs_.end()) {
        Graph recorded(driver_, compute_, [&] { launch_steps(batch, plan_.num_timesteps); });
        graph = graphs_.emplace(key, std::move(recorded)).first;
    }
    graph->second.launch(compute_);
}

/// The batch's workspaces, for an observer.
class CudaExecutor::Slots final : public SlotMemory {
public:
    Slots(const CudaExecutor& executor, const Batch& batch) : executor_(executor), batch_(batch) {}

    void read(std::uint32_t slot, std::size_t offset, std::span<std::byte> bytes) override {
        const Driver& driver = executor_.driver_;
        driver.check(driver.call().cuMemcpyDtoHAsync_v2(bytes.data(), place(slot, offset, bytes.size()), bytes.size(),
                                                        executor_.compute_.handle()),
                     "reading state");
        executor_.compute_.wait("reading state");
    }
    void write(std::uint32_t slot, std::size_t offset, std::span<const std::byte> bytes) override {
        const Driver& driver = executor_.driver_;
        driver.check(driver.call().cuMemcpyHtoDAsync_v2(place(slot, offset, bytes.size()), bytes.data(), bytes.size(),
                                                        executor_.compute_.handle()),
                     "writing state");
        executor_.compute_.wait("writing state");
    }

private:
    [[nodiscard]] DevicePointer place(std::uint32_t slot, std::size_t offset, std::size_t num_bytes) const {
        runtime::check_access(executor_.plan_, slot, batch_.num_examples, offset, num_bytes);
        return executor_.memory_->workspaces.address() + slot * executor_.plan_.workspace_bytes + offset;
    }

    const CudaExecutor& executor_;
    const Batch& batch_;
};

void CudaExecutor::run_observed(const Batch& batch, StepObserver& observer) {
    Slots memory(*this, batch);
    const StepBatch seen{.first_example = batch.first_example, .num_examples = batch.num_examples, .memory = memory};
    compute_.wait("preparing a batch");
    for (std::uint32_t step = 0; step < plan_.num_timesteps; ++step) {
        observer.step_begins(seen, step);
        launch_steps(batch, 1);
        compute_.wait("running a timestep");
        observer.step_ends(seen, step);
    }
}

void CudaExecutor::score(const Batch& batch) {
    const BatchStage& stage = memory_->stages[batch.stage];
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
        if (!stage.is_scored(m)) {
            continue;
        }
        measured(batch, compute_, {.kind = "kernel", .name = plan_.metrics[m].entry_point}, [&] {
            code_->score(compute_, m, memory_->workspaces.address(), stage.device_targets(m),
                         memory_->scores[m].device.address(), batch.num_examples);
        });
    }
}

void CudaExecutor::clear_score(std::size_t metric) const {
    const DeviceMemory& sum = memory_->scores[metric].device;
    driver_.check(driver_.call().cuMemsetD8Async(sum.address(), 0, sum.size(), compute_.handle()), "clearing scores");
}

void CudaExecutor::clear_scores() {
    check_usable();
    const CurrentContext current(code_->context());
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
        clear_score(m);
    }
}

void CudaExecutor::take_scores(std::size_t metric, std::span<std::uint64_t> words) {
    check_usable();
    const CurrentContext current(code_->context());
    const MirroredRows& sum = memory_->scores[metric];
    download_to(sum.host, sum.device, sum.row_bytes);
    downloaded_bytes_ += sum.row_bytes;
    clear_score(metric);
    compute_.wait("downloading scores");
    std::vector<std::uint64_t> scored(words.size());
    std::memcpy(scored.data(), sum.host.data(), sum.row_bytes);
    runtime::merge_scores(plan_.metrics[metric].score, scored, words);
}

}  // namespace mlgenn::cuda
