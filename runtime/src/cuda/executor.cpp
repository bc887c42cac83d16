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
      stream_(driver_) {
    check_memory();
    memory_.emplace(driver_, plan_, batch_size_);
    memory_bytes_ = cuda_memory_needed(plan_, batch_size_);
    code_->load_constants(stream_);
    next_t_.resize(batch_size_);
    batch_.inputs.resize(batch_size_);
    batch_.outputs.resize(batch_size_);
    if (plan_.profile) {
        profiler_.emplace(driver_, stream_, plan_, batch_size_);
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
        as_loaded_ = false;
        throw;
    } catch (const DeviceError& error) {
        // An error of the device makes its whole context unusable.
        as_loaded_ = false;
        broken_ = error.what();
        throw;
    } catch (...) {
        as_loaded_ = false;
        throw;
    }
    as_loaded_ = as_loaded_ && !independent;
}

void CudaExecutor::run_batches(const RunRequest& request, ExampleProvider& provider) {
    if (!as_loaded_) {
        initialise_slots();
    }
    check_time_left(request);
    std::uint32_t classes = 0;
    for (std::size_t k = 0; k < request.reset.size(); ++k) {
        classes |= request.reset[k] ? 1U << k : 0U;
    }
    for (std::size_t first = 0; first < request.num_examples; first += request.batch_size) {
        batch_.first_example = first;
        batch_.first_number = request.first_example + first;
        batch_.num_examples =
            static_cast<std::uint32_t>(std::min<std::size_t>(request.batch_size, request.num_examples - first));
        take_inputs(provider);
        run_batch(request, classes);
        deliver(provider);
    }
}

void CudaExecutor::run_batch(const RunRequest& request, std::uint32_t classes) {
    measured("kernel", "reset_state", 0,
             [&] { code_->reset(stream_, memory_->workspaces.address(), batch_.num_examples, classes); });
    measured("copy", "inputs", upload_bytes(), [&] { upload(request); });
    measured("kernel", plan_.entry_point, 0, [&] {
        if (request.observer != nullptr) {
            run_observed(*request.observer);
        } else {
            launch_network();
        }
    });
    score();
    measured("copy", "results", download_bytes(), [&] { download(); });
    if (profiler_) {
        profiler_->download_counters(memory_->workspaces.address(), batch_.num_examples);
    }
    stream_.wait("running the network");
    if (profiler_) {
        profiler_->finish_batch(batch_.num_examples);
    }
}

KernelProfile CudaExecutor::take_profile() {
    return profiler_ ? profiler_->take(plan_) : KernelProfile();
}

void CudaExecutor::initialise_slots() {
    const DeviceMemory& workspaces = memory_->workspaces;
    driver_.check(driver_.call().cuMemsetD8Async(workspaces.address(), 0, workspaces.size(), stream_.handle()),
                  "clearing state");
    code_->reset(stream_, workspaces.address(), batch_size_, all_reset_classes);
    std::fill(next_t_.begin(), next_t_.end(), 0U);
    as_loaded_ = true;
}

void CudaExecutor::launch_steps(std::uint32_t num_steps) const {
    code_->launch_steps(stream_,
                        {.workspaces = memory_->workspaces.address(),
                         .arguments = memory_->arguments.device.address(),
                         .timesteps = memory_->timesteps.device.address()},
                        batch_.num_examples, num_steps);
}

void CudaExecutor::launch_network() {
    if (!plan_.gpu->launch_per_step) {
        launch_steps(plan_.num_timesteps);
        return;
    }
    auto graph = graphs_.find(batch_.num_examples);
    if (graph == graphs_.end()) {
        Graph recorded(driver_, stream_, [&] { launch_steps(plan_.num_timesteps); });
        graph = graphs_.emplace(batch_.num_examples, std::move(recorded)).first;
    }
    graph->second.launch(stream_);
}

/// The batch's workspaces, for an observer.
class CudaExecutor::Slots final : public SlotMemory {
public:
    explicit Slots(const CudaExecutor& executor) : executor_(executor) {}

    void read(std::uint32_t slot, std::size_t offset, std::span<std::byte> bytes) override {
        const Driver& driver = executor_.driver_;
        driver.check(driver.call().cuMemcpyDtoHAsync_v2(bytes.data(), place(slot, offset, bytes.size()), bytes.size(),
                                                        executor_.stream_.handle()),
                     "reading state");
        executor_.stream_.wait("reading state");
    }
    void write(std::uint32_t slot, std::size_t offset, std::span<const std::byte> bytes) override {
        const Driver& driver = executor_.driver_;
        driver.check(driver.call().cuMemcpyHtoDAsync_v2(place(slot, offset, bytes.size()), bytes.data(), bytes.size(),
                                                        executor_.stream_.handle()),
                     "writing state");
        executor_.stream_.wait("writing state");
    }

private:
    [[nodiscard]] DevicePointer place(std::uint32_t slot, std::size_t offset, std::size_t num_bytes) const {
        runtime::check_access(executor_.plan_, slot, executor_.batch_.num_examples, offset, num_bytes);
        return executor_.memory_->workspaces.address() + slot * executor_.plan_.workspace_bytes + offset;
    }

    const CudaExecutor& executor_;
};

void CudaExecutor::run_observed(StepObserver& observer) {
    Slots memory(*this);
    const StepBatch batch{.first_example = batch_.first_example, .num_examples = batch_.num_examples, .memory = memory};
    stream_.wait("preparing a batch");
    for (std::uint32_t step = 0; step < plan_.num_timesteps; ++step) {
        observer.step_begins(batch, step);
        launch_steps(1);
        stream_.wait("running a timestep");
        observer.step_ends(batch, step);
    }
}

void CudaExecutor::score() {
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
        if (batch_.outputs[0].targets[m] == nullptr) {
            continue;
        }
        measured("kernel", plan_.metrics[m].entry_point, 0, [&] {
            code_->score(stream_, m, memory_->workspaces.address(), memory_->targets[m].device.address(),
                         memory_->scores[m].device.address(), batch_.num_examples);
        });
    }
}

void CudaExecutor::clear_score(std::size_t metric) const {
    const DeviceMemory& sum = memory_->scores[metric].device;
    driver_.check(driver_.call().cuMemsetD8Async(sum.address(), 0, sum.size(), stream_.handle()), "clearing scores");
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
    download_rows(sum, 1);
    clear_score(metric);
    stream_.wait("downloading scores");
    std::vector<std::uint64_t> scored(words.size());
    std::memcpy(scored.data(), sum.host.data(), sum.row_bytes);
    runtime::merge_scores(plan_.metrics[metric].score, scored, words);
}

}  // namespace mlgenn::cuda
