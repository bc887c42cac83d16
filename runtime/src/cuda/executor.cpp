// SPDX-License-Identifier: Apache-2.0
// Runs batches of examples on a GPU.
#include "runtime/src/cuda/executor.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>

#include "mlgenn/cuda_executor.h"
#include "mlgenn/errors.h"
#include "runtime/src/plan_checks.h"
#include "runtime/src/score_sums.h"

namespace mlgenn {

CudaDevice find_cuda_device() {
    std::string problem;
    const auto driver = cuda::Driver::load(problem);
    if (driver == nullptr) {
        return {.available = false, .detail = problem};
    }
    return {.available = true,
            .detail = driver->device_name() + ", driver " + driver->version(),
            .capability = driver->capability()};
}

std::unique_ptr<Executor> make_cuda_executor(const ExecutionPlan& plan, std::span<const std::byte> image,
                                             std::uint32_t batch_size) {
    std::string problem;
    auto driver = cuda::Driver::load(problem);
    if (driver == nullptr) {
        throw BackendError("back end 'cuda' cannot run here: " + problem);
    }
    return std::make_unique<cuda::CudaExecutor>(std::move(driver), plan, image, batch_size);
}

}  // namespace mlgenn

namespace mlgenn::cuda {
namespace {

constexpr std::uint32_t all_classes = 0xffffffffU;
constexpr std::uint32_t score_threads = 128;
constexpr std::uint32_t reset_threads = 256;

/// As the reset kernel reads it.
struct DeviceResetRange {
    std::uint64_t offset = 0;
    std::uint64_t num_bytes = 0;
    std::uint64_t constants_offset = 0;
    std::uint32_t fill = 0;
    std::uint32_t filled = 0;
    std::uint32_t class_bit = 0;
    std::uint32_t padding = 0;
};

constexpr std::uint32_t bit_of(ResetClass reset_class) {
    return 1U << static_cast<std::uint32_t>(reset_class);
}

const ExecutionPlan& checked(const ExecutionPlan& plan) {
    runtime::check_plan(plan);
    if (!plan.gpu || plan.gpu->threads_per_block == 0) {
        throw InternalError("plan of network '" + plan.network + "': it does not say how to launch on a GPU");
    }
    return plan;
}

std::string mebibytes(std::size_t bytes) {
    return std::to_string((bytes + (1U << 20U) - 1) >> 20U) + " MiB";
}

}  // namespace

CudaExecutor::CudaExecutor(std::shared_ptr<const Driver> driver, const ExecutionPlan& plan,
                           std::span<const std::byte> image, std::uint32_t batch_size)
    : plan_(checked(plan)),
      batch_size_(batch_size),
      context_(std::move(driver)),
      current_(std::in_place, context_),
      driver_(context_.driver()),
      stream_(driver_),
      module_(driver_, image.data()),
      run_function_(module_.function(plan_.entry_point.c_str())),
      reset_function_(module_.function("reset_state")) {
    for (const MetricPlan& metric : plan_.metrics) {
        score_functions_.push_back(module_.function(metric.entry_point.c_str()));
    }
    constexpr int max_dynamic_shared_bytes = 8;
    driver_.check(driver_.call().cuFuncSetAttribute(run_function_, max_dynamic_shared_bytes,
                                                    static_cast<int>(plan_.gpu->shared_bytes)),
                  "reserving shared memory");
    check_memory();
    memory_.emplace(driver_, plan_, batch_size_);
    memory_bytes_ = cuda_memory_needed(plan_, batch_size_);
    load_constants();
    load_reset_ranges();
    next_t_.resize(batch_size_);
    batch_.inputs.resize(batch_size_);
    batch_.outputs.resize(batch_size_);
    current_.reset();
}

CudaExecutor::~CudaExecutor() {
    // The other members give back what they hold in this context.
    current_.emplace(context_);
}

/// Says before anything is allocated what is missing and which batch size would do.
void CudaExecutor::check_memory() const {
    std::size_t free = 0;
    std::size_t total = 0;
    driver_.check(driver_.call().cuMemGetInfo_v2(&free, &total), "asking for free memory");
    const std::size_t needed = cuda_memory_needed(plan_, batch_size_);
    if (needed <= free) {
        return;
    }
    const std::size_t fixed = cuda_memory_needed(plan_, 0);
    const std::size_t per_example = cuda_memory_needed(plan_, 1) - fixed;
    const std::size_t fitting = free > fixed ? (free - fixed) / per_example : 0;
    throw DeviceError("network '" + plan_.network + "' at batch size " + std::to_string(batch_size_) + " needs " +
                      mebibytes(needed) + " on " + driver_.device_name() + ", which has " + mebibytes(free) +
                      " free of " + mebibytes(total) + "\n    " +
                      (fitting > 0 ? "use a batch size of at most " + std::to_string(fitting)
                                   : std::string("not even one example fits")));
}

void CudaExecutor::load_constants() {
    const std::size_t bytes = plan_.constants ? plan_.constants->size() : 0;
    constants_ = DeviceMemory(driver_, bytes, "weights");
    if (bytes > 0) {
        driver_.check(
            driver_.call().cuMemcpyHtoDAsync_v2(constants_.address(), plan_.constants->data(), bytes, stream_.handle()),
            "uploading weights");
        stream_.wait("uploading weights");
    }
    plan_.constants.reset();
}

void CudaExecutor::load_reset_ranges() {
    std::vector<DeviceResetRange> ranges;
    for (const ResetRange& range : plan_.resets) {
        ranges.push_back({.offset = range.offset,
                          .num_bytes = range.bytes,
                          .constants_offset = range.constants_offset.value_or(0),
                          .fill = range.fill,
                          .filled = range.constants_offset ? 0U : 1U,
                          .class_bit = bit_of(range.reset_class)});
    }
    num_reset_ranges_ = static_cast<std::uint32_t>(ranges.size());
    const std::size_t bytes = ranges.size() * sizeof(DeviceResetRange);
    reset_ranges_ = DeviceMemory(driver_, bytes, "initial values");
    if (bytes > 0) {
        driver_.check(
            driver_.call().cuMemcpyHtoDAsync_v2(reset_ranges_.address(), ranges.data(), bytes, stream_.handle()),
            "uploading initial values");
        stream_.wait("uploading initial values");
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
    const CurrentContext current(context_);
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
        reset(classes, batch_.num_examples);
        upload(request);
        if (request.observer != nullptr) {
            run_observed(*request.observer);
        } else {
            launch_network();
        }
        score();
        download();
        stream_.wait("running the network");
        deliver(provider);
    }
}

void CudaExecutor::initialise_slots() {
    const auto clear = [&](const DeviceMemory& memory) {
        driver_.check(driver_.call().cuMemsetD8Async(memory.address(), 0, memory.size(), stream_.handle()),
                      "clearing state");
    };
    clear(memory_->workspaces);
    clear(memory_->timesteps);
    reset(all_classes, batch_size_);
    std::fill(next_t_.begin(), next_t_.end(), 0U);
    as_loaded_ = true;
}

void CudaExecutor::launch(Handle function, std::uint32_t blocks, std::uint32_t threads, std::uint32_t shared_bytes,
                          std::span<void*> parameters) const {
    driver_.check(driver_.call().cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, shared_bytes, stream_.handle(),
                                                parameters.data(), nullptr),
                  "launching a kernel");
}

void CudaExecutor::reset(std::uint32_t classes, std::uint32_t num_slots) const {
    DevicePointer constants = constants_.address();
    DevicePointer workspaces = memory_->workspaces.address();
    DevicePointer ranges = reset_ranges_.address();
    std::uint32_t num_ranges = num_reset_ranges_;
    std::array<void*, 5> parameters = {&constants, &workspaces, &ranges, &num_ranges, &classes};
    launch(reset_function_, num_slots, reset_threads, 0, parameters);
}

/// Advances the batch: a launch per timestep, or one that goes through all of them.
void CudaExecutor::launch_steps(std::uint32_t num_steps) const {
    DevicePointer constants = constants_.address();
    DevicePointer workspaces = memory_->workspaces.address();
    DevicePointer arguments = memory_->arguments.device.address();
    DevicePointer timesteps = memory_->timesteps.address();
    const std::uint32_t num_launches = plan_.gpu->launch_per_step ? num_steps : 1;
    std::array<void*, 5> parameters = {&constants, &workspaces, &arguments, &timesteps, &num_steps};
    for (std::uint32_t k = 0; k < num_launches; ++k) {
        launch(run_function_, batch_.num_examples, plan_.gpu->threads_per_block, plan_.gpu->shared_bytes, parameters);
    }
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
        DevicePointer workspaces = memory_->workspaces.address();
        DevicePointer targets = memory_->targets[m].device.address();
        DevicePointer sum = memory_->scores[m].device.address();
        std::uint32_t num_examples = batch_.num_examples;
        std::array<void*, 4> parameters = {&workspaces, &targets, &sum, &num_examples};
        launch(score_functions_[m], (num_examples + score_threads - 1) / score_threads, score_threads, 0, parameters);
    }
}

void CudaExecutor::clear_score(std::size_t metric) const {
    const DeviceMemory& sum = memory_->scores[metric].device;
    driver_.check(driver_.call().cuMemsetD8Async(sum.address(), 0, sum.size(), stream_.handle()), "clearing scores");
}

void CudaExecutor::clear_scores() {
    check_usable();
    const CurrentContext current(context_);
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
        clear_score(m);
    }
}

void CudaExecutor::take_scores(std::size_t metric, std::span<std::uint64_t> words) {
    check_usable();
    const CurrentContext current(context_);
    const MirroredRows& sum = memory_->scores[metric];
    download_rows(sum, 1);
    clear_score(metric);
    stream_.wait("downloading scores");
    std::vector<std::uint64_t> scored(words.size());
    std::memcpy(scored.data(), sum.host.data(), sum.row_bytes);
    runtime::merge_scores(plan_.metrics[metric].score, scored, words);
}

}  // namespace mlgenn::cuda
