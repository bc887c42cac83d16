// SPDX-License-Identifier: Apache-2.0
#include "runtime/src/cuda/code.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/plan_checks.h"

namespace mlgenn::cuda {
namespace {

constexpr std::uint32_t score_threads = 128;
constexpr std::uint32_t reset_threads = 256;
constexpr std::uint32_t place_threads = 256;

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

const ExecutionPlan& checked(const ExecutionPlan& plan) {
    runtime::check_plan(plan);
    if (!plan.gpu || plan.gpu->threads_per_example == 0 || plan.gpu->max_examples_per_block == 0) {
        throw InternalError("plan of network '" + plan.network + "': it does not say how to launch on a GPU");
    }
    return plan;
}

DeviceRoom room_of(const Driver& driver) {
    const auto attribute = [&](Attribute which) { return static_cast<std::uint32_t>(driver.attribute(which)); };
    return {.multiprocessors = attribute(Attribute::multiprocessors),
            .threads_per_block = attribute(Attribute::max_threads_per_block),
            .shared_bytes_per_block = attribute(Attribute::shared_memory_per_block)};
}

void check_launch(const Driver& driver, const ExecutionPlan& plan, const DeviceRoom& room) {
    const auto check = [&](std::uint64_t needed, std::uint64_t available, const char* what) {
        if (needed > available) {
            throw BackendError("network '" + plan.network + "' needs " + std::to_string(needed) + " " + what +
                               " per block, " + driver.device_name() + " has " + std::to_string(available));
        }
    };
    check(plan.gpu->threads_per_example, room.threads_per_block, "threads");
    check(shared_bytes_of_block(*plan.gpu, 1), room.shared_bytes_per_block, "bytes of shared memory");
}

}  // namespace

CudaCode::CudaCode(std::shared_ptr<const Driver> driver, const ExecutionPlan& plan, std::span<const std::byte> image)
    : plan_(checked(plan)),
      context_(std::move(driver)),
      room_(room_of(context_.driver())),
      current_(std::in_place, context_),
      module_(context_.driver(), image.data()),
      run_function_(module_.function(plan_.entry_point.c_str())),
      reset_function_(module_.function("reset_state")) {
    if (plan_.example_number_offset ||
        std::any_of(plan_.inputs.begin(), plan_.inputs.end(),
                    [](const InputPlan& input) { return input.kind == InputPlan::Kind::values; })) {
        place_function_ = module_.function("place_words");
        expand_function_ = module_.function("expand_values");
    }
    for (const MetricPlan& metric : plan_.metrics) {
        score_functions_.push_back(module_.function(metric.entry_point.c_str()));
    }
    check_launch(context_.driver(), plan_, room_);
    reserve_shared_memory();
    current_.reset();
}

/// Makes room for as many examples as a block may carry here, and asks how many such blocks run at once.
void CudaCode::reserve_shared_memory() {
    constexpr int max_dynamic_shared_bytes = 8;
    const Driver& device = context_.driver();
    const GpuLaunchPlan& gpu = *plan_.gpu;
    const std::uint32_t most = most_examples_per_block(gpu, room_);
    device.check(device.call().cuFuncSetAttribute(run_function_, max_dynamic_shared_bytes,
                                                  static_cast<int>(shared_bytes_of_block(gpu, most))),
                 "reserving shared memory");
    for (std::uint32_t examples = 1; examples <= most; ++examples) {
        int blocks = 0;
        device.check(device.call().cuOccupancyMaxActiveBlocksPerMultiprocessor(
                         &blocks, run_function_, static_cast<int>(examples * gpu.threads_per_example),
                         shared_bytes_of_block(gpu, examples)),
                     "asking how many blocks run at once");
        resident_blocks_.push_back(static_cast<std::uint32_t>(blocks));
    }
}

CudaCode::~CudaCode() {
    // The other members give back what they hold in this context.
    current_.emplace(context_);
}

void CudaCode::load_constants(const Stream& stream) {
    const std::size_t bytes = plan_.constants ? plan_.constants->size() : 0;
    constants_ = DeviceMemory(driver(), bytes, "weights");
    if (bytes > 0) {
        driver().check(
            driver().call().cuMemcpyHtoDAsync_v2(constants_.address(), plan_.constants->data(), bytes, stream.handle()),
            "uploading weights");
        stream.wait("uploading weights");
    }
    plan_.constants.reset();
    load_reset_ranges(stream);
}

void CudaCode::load_reset_ranges(const Stream& stream) {
    std::vector<DeviceResetRange> ranges;
    for (const ResetRange& range : plan_.resets) {
        ranges.push_back({.offset = range.offset,
                          .num_bytes = range.bytes,
                          .constants_offset = range.constants_offset.value_or(0),
                          .fill = range.fill,
                          .filled = range.constants_offset ? 0U : 1U,
                          .class_bit = reset_class_bit(range.reset_class)});
    }
    num_reset_ranges_ = static_cast<std::uint32_t>(ranges.size());
    const std::size_t bytes = ranges.size() * sizeof(DeviceResetRange);
    reset_ranges_ = DeviceMemory(driver(), bytes, "initial values");
    if (bytes > 0) {
        driver().check(
            driver().call().cuMemcpyHtoDAsync_v2(reset_ranges_.address(), ranges.data(), bytes, stream.handle()),
            "uploading initial values");
        stream.wait("uploading initial values");
    }
}

void CudaCode::launch(const Stream& stream, Handle function, std::uint32_t blocks, std::uint32_t threads,
                      std::uint32_t shared_bytes, std::span<void*> parameters) const {
    driver().check(driver().call().cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, shared_bytes, stream.handle(),
                                                  parameters.data(), nullptr),
                   "launching a kernel");
}

void CudaCode::launch_steps(const Stream& stream, const SlotPointers& slots, std::uint32_t num_slots,
                            std::uint32_t num_steps) const {
    DevicePointer constants = constants_.address();
    SlotPointers places = slots;
    const std::uint32_t together = examples_per_block(*plan_.gpu, room_, num_slots);
    const LaunchShape shape = launch_shape(*plan_.gpu, room_, num_slots, resident_blocks_.at(together - 1));
    const std::uint32_t num_launches = plan_.gpu->launch_per_step ? num_steps : 1;
    std::array<void*, 6> parameters = {&constants,        &places.workspaces, &places.arguments,
                                       &places.timesteps, &num_steps,         &num_slots};
    for (std::uint32_t k = 0; k < num_launches; ++k) {
        launch(stream, run_function_, shape.blocks, shape.threads, shape.shared_bytes, parameters);
    }
}

void CudaCode::reset(const Stream& stream, DevicePointer workspaces, std::uint32_t num_slots,
                     std::uint32_t classes) const {
    DevicePointer constants = constants_.address();
    DevicePointer ranges = reset_ranges_.address();
    std::uint32_t num_ranges = num_reset_ranges_;
    std::array<void*, 5> parameters = {&constants, &workspaces, &ranges, &num_ranges, &classes};
    launch(stream, reset_function_, num_slots, reset_threads, 0, parameters);
}

void CudaCode::place_words(const Stream& stream, const PlacedRows& rows, std::uint32_t num_slots) const {
    PlacedRows placed = rows;
    std::array<void*, 4> parameters = {&placed.rows, &placed.workspaces, &placed.offset, &placed.num_elements};
    launch(stream, place_function_, num_slots, place_threads, 0, parameters);
}

void CudaCode::expand_values(const Stream& stream, const PlacedRows& rows, DevicePointer table,
                             std::uint32_t num_slots) const {
    PlacedRows placed = rows;
    std::array<void*, 5> parameters = {&placed.rows, &placed.workspaces, &placed.offset, &placed.num_elements, &table};
    launch(stream, expand_function_, num_slots, place_threads, 0, parameters);
}

void CudaCode::score(const Stream& stream, std::size_t metric, DevicePointer workspaces, DevicePointer targets,
                     DevicePointer scores, std::uint32_t num_examples) const {
    std::array<void*, 4> parameters = {&workspaces, &targets, &scores, &num_examples};
    launch(stream, score_functions_[metric], (num_examples + score_threads - 1) / score_threads, score_threads, 0,
           parameters);
}

}  // namespace mlgenn::cuda
