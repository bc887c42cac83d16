// SPDX-License-Identifier: Apache-2.0
// The executor's ways to the device and back.
#include <algorithm>
#include <cstring>

#include "mlgenn/errors.h"
#include "runtime/src/cuda/executor.h"

namespace mlgenn::cuda {

/// Makes the batch ready on the host; nothing of the provider's is looked at afterwards but the places of results.
void CudaExecutor::gather(Batch& batch, const RunRequest& request, ExampleProvider& provider) {
    BatchStage& stage = memory_->stages[batch.stage];
    stage.clear();
    for (std::uint32_t slot = 0; slot < batch.num_examples; ++slot) {
        input_.byte_values.assign(plan_.inputs.size(), {});
        input_.values.assign(plan_.inputs.size(), {});
        input_.event_offsets.assign(plan_.inputs.size(), {});
        input_.event_ids.assign(plan_.inputs.size(), {});
        // The input is copied at once, so that all of them can use one worker's memory.
        provider.input(batch.first_example + slot, 0, input_);
        ExampleOutput& output = batch.outputs[slot];
        output.readouts.assign(plan_.outputs.size(), nullptr);
        output.recordings.assign(plan_.recordings.size(), nullptr);
        output.targets.assign(plan_.metrics.size(), nullptr);
        provider.output(batch.first_example + slot, batch.worker(slot), output);
        stage.take(slot, input_, output);
        stage.set_example_number(slot, static_cast<std::uint32_t>(batch.first_number + slot));
        const std::uint32_t t = request.reset_time ? 0 : next_t_[slot];
        stage.set_timestep(slot, t);
        next_t_[slot] = t + plan_.num_timesteps;
    }
    stage.set_arguments(batch.num_examples, memory_->recordings);
}

void CudaExecutor::upload(const Batch& batch) {
    BatchStage& stage = memory_->stages[batch.stage];
    measured(batch, copies_,
             {.kind = "copy", .name = "inputs", .num_bytes = stage.upload_bytes(batch.num_examples), .overlaps = true},
             [&] { stage.upload(copies_, batch.num_examples); });
    stage.uploaded.record(copies_);
}

/// Brings what was uploaded to its places in the workspaces.
void CudaExecutor::place_inputs(const Batch& batch) {
    const BatchStage& stage = memory_->stages[batch.stage];
    const DevicePointer workspaces = memory_->workspaces.address();
    const auto place_words = [&](const PlacedRows& rows) {
        measured(batch, compute_, {.kind = "kernel", .name = "place_words"},
                 [&] { code_->place_words(compute_, rows, batch.num_examples); });
    };
    if (plan_.example_number_offset) {
        place_words({stage.device_example_numbers(), workspaces, *plan_.example_number_offset, 1});
    }
    for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
        const InputPlan& input = plan_.inputs[k];
        if (input.kind == InputPlan::Kind::events) {
            continue;
        }
        const StagedValues& values = stage.values(k);
        const PlacedRows rows{values.device_rows(), workspaces, input.workspace_offset, values.num_values()};
        if (values.are_bytes()) {
            measured(batch, compute_, {.kind = "kernel", .name = "expand_values"},
                     [&] { code_->expand_values(compute_, rows, values.device_table(), batch.num_examples); });
        } else {
            place_words(rows);
        }
    }
    for (const DeviceMemory& recording : memory_->recordings) {
        driver_.check(
            driver_.call().cuMemsetD8Async(recording.address(), 0, recording.size() / batch_size_ * batch.num_examples,
                                           compute_.handle()),
            "clearing recordings");
    }
}

bool CudaExecutor::is_wanted(const Batch& batch, std::size_t recording) const {
    const auto outputs = std::span(batch.outputs).first(batch.num_examples);
    return std::any_of(outputs.begin(), outputs.end(),
                       [recording](const ExampleOutput& output) { return output.recordings[recording] != nullptr; });
}

std::size_t CudaExecutor::download_bytes(const Batch& batch) const {
    std::size_t per_example = 0;
    for (std::size_t k = 0; k < plan_.outputs.size(); ++k) {
        per_example += batch.outputs[0].readouts[k] != nullptr ? readout_bytes(plan_.outputs[k]) : 0;
    }
    for (std::size_t r = 0; r < plan_.recordings.size(); ++r) {
        per_example += is_wanted(batch, r) ? recording_bytes(plan_, plan_.recordings[r]) : 0;
    }
    return per_example * batch.num_examples;
}

void CudaExecutor::download(const Batch& batch) {
    const BatchStage& stage = memory_->stages[batch.stage];
    for (std::size_t k = 0; k < plan_.outputs.size(); ++k) {
        if (batch.outputs[0].readouts[k] == nullptr) {
            continue;
        }
        const std::size_t bytes = readout_bytes(plan_.outputs[k]);
        const Copy2D copy{.source_type = memory_on_device,
                          .source_device = memory_->workspaces.address() + plan_.outputs[k].workspace_offset,
                          .source_pitch = plan_.workspace_bytes,
                          .target_type = memory_on_host,
                          .target_host = stage.readouts[k].data(),
                          .target_pitch = bytes,
                          .width_bytes = bytes,
                          .height = batch.num_examples};
        driver_.check(driver_.call().cuMemcpy2DAsync_v2(&copy, compute_.handle()), "downloading readouts");
    }
    for (std::size_t r = 0; r < plan_.recordings.size(); ++r) {
        if (is_wanted(batch, r)) {
            download_to(stage.recordings[r], memory_->recordings[r],
                        recording_bytes(plan_, plan_.recordings[r]) * batch.num_examples);
        }
    }
    downloaded_bytes_ += download_bytes(batch);
}

void CudaExecutor::download_to(const PinnedMemory& to, const DeviceMemory& from, std::size_t bytes) const {
    driver_.check(driver_.call().cuMemcpyDtoHAsync_v2(to.data(), from.address(), bytes, compute_.handle()),
                  "downloading results");
}

void CudaExecutor::deliver(const Batch& batch, ExampleProvider& provider) const {
    const BatchStage& stage = memory_->stages[batch.stage];
    for (std::uint32_t slot = 0; slot < batch.num_examples; ++slot) {
        const ExampleOutput& output = batch.outputs[slot];
        for (std::size_t k = 0; k < plan_.outputs.size(); ++k) {
            const std::size_t bytes = readout_bytes(plan_.outputs[k]);
            if (output.readouts[k] != nullptr) {
                std::memcpy(output.readouts[k], stage.readouts[k].data() + slot * bytes, bytes);
            }
        }
        for (std::size_t r = 0; r < plan_.recordings.size(); ++r) {
            const std::size_t bytes = recording_bytes(plan_, plan_.recordings[r]);
            if (output.recordings[r] != nullptr) {
                std::memcpy(output.recordings[r], stage.recordings[r].data() + slot * bytes, bytes);
            }
        }
        provider.done(batch.first_example + slot, batch.worker(slot));
    }
}

}  // namespace mlgenn::cuda
