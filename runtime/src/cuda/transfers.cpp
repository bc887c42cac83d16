// SPDX-License-Identifier: Apache-2.0
// The executor's ways to the device and back.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "mlgenn/errors.h"
#include "runtime/src/cuda/executor.h"

namespace mlgenn::cuda {
namespace {

constexpr std::size_t id_bytes = sizeof(std::uint32_t);

}  // namespace

/// Of the batch at hand; spike ids are known once their slots have been asked for.
std::size_t CudaExecutor::upload_bytes() const {
    std::size_t per_example = plan_.num_arguments * sizeof(std::uint64_t);
    std::size_t ids = 0;
    for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
        per_example += input_bytes(plan_, plan_.inputs[k]);
        for (std::uint32_t slot = 0; slot < batch_.num_examples; ++slot) {
            ids += batch_.inputs[slot].event_ids[k].size_bytes();
        }
    }
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
        per_example += batch_.outputs[0].targets[m] != nullptr ? memory_->targets[m].row_bytes : 0;
    }
    return per_example * batch_.num_examples + ids;
}

std::size_t CudaExecutor::download_bytes() const {
    std::size_t per_example = 0;
    for (std::size_t k = 0; k < plan_.outputs.size(); ++k) {
        per_example += batch_.outputs[0].readouts[k] != nullptr
                           ? plan_.outputs[k].num_neurons * size_of(plan_.outputs[k].storage)
                           : 0;
    }
    for (const MirroredRows& recording : memory_->recordings) {
        per_example += recording.row_bytes;
    }
    return per_example * batch_.num_examples;
}

/// Asks for every example of the batch; views stay valid because each slot is its own worker.
void CudaExecutor::take_inputs(ExampleProvider& provider) {
    for (std::uint32_t slot = 0; slot < batch_.num_examples; ++slot) {
        ExampleInput& input = batch_.inputs[slot];
        input.values.assign(plan_.inputs.size(), {});
        input.event_offsets.assign(plan_.inputs.size(), {});
        input.event_ids.assign(plan_.inputs.size(), {});
        provider.input(batch_.first_example + slot, slot, input);
        ExampleOutput& output = batch_.outputs[slot];
        output.readouts.assign(plan_.outputs.size(), nullptr);
        output.recordings.assign(plan_.recordings.size(), nullptr);
        output.targets.assign(plan_.metrics.size(), nullptr);
        provider.output(batch_.first_example + slot, slot, output);
    }
}

void CudaExecutor::upload_rows(const MirroredRows& rows) const {
    if (rows.row_bytes > 0) {
        driver_.check(driver_.call().cuMemcpyHtoDAsync_v2(rows.device.address(), rows.host.data(),
                                                          rows.row_bytes * batch_.num_examples, stream_.handle()),
                      "uploading a batch");
    }
}

void CudaExecutor::download_rows(const MirroredRows& rows, std::size_t num_rows) {
    const std::size_t bytes = rows.row_bytes * num_rows;
    driver_.check(driver_.call().cuMemcpyDtoHAsync_v2(rows.host.data(), rows.device.address(), bytes, stream_.handle()),
                  "downloading results");
    downloaded_bytes_ += bytes;
}

void CudaExecutor::gather_events(std::size_t input) {
    EventIds& ids = memory_->event_ids[input];
    const MirroredRows& offsets = memory_->event_offsets[input];
    ids.used = 0;
    for (std::uint32_t slot = 0; slot < batch_.num_examples; ++slot) {
        const auto example_offsets = batch_.inputs[slot].event_offsets[input];
        const auto example_ids = batch_.inputs[slot].event_ids[input];
        if (example_offsets.size_bytes() != offsets.row_bytes) {
            throw InternalError("input '" + plan_.inputs[input].population + "' got step offsets of the wrong length");
        }
        std::memcpy(offsets.host_row(slot), example_offsets.data(), example_offsets.size_bytes());
        ids.starts[slot] = ids.used;
        ids.reserve(driver_, stream_, ids.used + example_ids.size() + 1);
        if (!example_ids.empty()) {
            std::memcpy(ids.host.data() + ids.used * id_bytes, example_ids.data(), example_ids.size_bytes());
        }
        ids.used += example_ids.size();
    }
}

void CudaExecutor::upload_events(std::size_t input) {
    gather_events(input);
    upload_rows(memory_->event_offsets[input]);
    const EventIds& ids = memory_->event_ids[input];
    if (ids.used > 0) {
        driver_.check(driver_.call().cuMemcpyHtoDAsync_v2(ids.device.address(), ids.host.data(), ids.used * id_bytes,
                                                          stream_.handle()),
                      "uploading spike events");
    }
}

/// Row `slot` of `rows` goes to `offset` in the slot's workspace.
void CudaExecutor::upload_to_workspaces(const PinnedMemory& rows, std::size_t row_bytes, std::size_t offset) const {
    const Copy2D copy{.source_type = memory_on_host,
                      .source_host = rows.data(),
                      .source_pitch = row_bytes,
                      .target_type = memory_on_device,
                      .target_device = memory_->workspaces.address() + offset,
                      .target_pitch = plan_.workspace_bytes,
                      .width_bytes = row_bytes,
                      .height = batch_.num_examples};
    driver_.check(driver_.call().cuMemcpy2DAsync_v2(&copy, stream_.handle()), "uploading input values");
}

void CudaExecutor::upload_example_numbers() const {
    for (std::uint32_t slot = 0; slot < batch_.num_examples; ++slot) {
        const auto number = static_cast<std::uint32_t>(batch_.first_number + slot);
        std::memcpy(memory_->example_numbers.data() + slot * sizeof number, &number, sizeof number);
    }
    upload_to_workspaces(memory_->example_numbers, sizeof(std::uint32_t), *plan_.example_number_offset);
}

void CudaExecutor::upload(const RunRequest& request) {
    if (plan_.example_number_offset) {
        upload_example_numbers();
    }
    for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
        const InputPlan& input = plan_.inputs[k];
        if (input.kind == InputPlan::Kind::events) {
            upload_events(k);
            continue;
        }
        const std::size_t bytes = input_bytes(plan_, input);
        for (std::uint32_t slot = 0; slot < batch_.num_examples; ++slot) {
            const auto values = batch_.inputs[slot].values[k];
            if (values.size_bytes() != bytes) {
                throw InternalError("input '" + input.population + "' got " + std::to_string(values.size()) +
                                    " values for an example");
            }
            std::memcpy(memory_->values[k].data() + slot * bytes, values.data(), bytes);
        }
        upload_to_workspaces(memory_->values[k], bytes, input.workspace_offset);
    }
    upload_targets();
    for (const MirroredRows& recording : memory_->recordings) {
        driver_.check(driver_.call().cuMemsetD8Async(recording.device.address(), 0,
                                                     recording.row_bytes * batch_.num_examples, stream_.handle()),
                      "clearing recordings");
    }
    set_timesteps(request.reset_time);
    set_arguments();
}

void CudaExecutor::upload_targets() const {
    for (std::size_t m = 0; m < plan_.metrics.size(); ++m) {
        if (batch_.outputs[0].targets[m] == nullptr) {
            continue;
        }
        for (std::uint32_t slot = 0; slot < batch_.num_examples; ++slot) {
            std::memcpy(memory_->targets[m].host_row(slot), batch_.outputs[slot].targets[m],
                        memory_->targets[m].row_bytes);
        }
        upload_rows(memory_->targets[m]);
    }
}

void CudaExecutor::set_timesteps(bool reset_time) {
    const MirroredRows& timesteps = memory_->timesteps;
    for (std::uint32_t slot = 0; slot < batch_.num_examples; ++slot) {
        const std::array<std::uint32_t, 2> t_and_row = {reset_time ? 0 : next_t_[slot], 0};
        next_t_[slot] = t_and_row[0] + plan_.num_timesteps;
        std::memcpy(timesteps.host_row(slot), t_and_row.data(), timesteps.row_bytes);
    }
    upload_rows(timesteps);
}

void CudaExecutor::set_arguments() const {
    const MirroredRows& arguments = memory_->arguments;
    for (std::uint32_t slot = 0; slot < batch_.num_examples; ++slot) {
        std::vector<DevicePointer> pointers(plan_.num_arguments);
        for (std::size_t k = 0; k < plan_.inputs.size(); ++k) {
            const InputPlan& input = plan_.inputs[k];
            if (input.kind == InputPlan::Kind::events) {
                const EventIds& ids = memory_->event_ids[k];
                pointers[input.offsets_argument] = memory_->event_offsets[k].device_row(slot);
                pointers[input.ids_argument] = ids.device.address() + ids.starts[slot] * id_bytes;
            }
        }
        for (std::size_t r = 0; r < plan_.recordings.size(); ++r) {
            const RecordingPlan& recording = plan_.recordings[r];
            pointers[recording.argument] = memory_->recordings[r].device_row(slot);
        }
        if (!pointers.empty()) {
            std::memcpy(arguments.host_row(slot), pointers.data(), arguments.row_bytes);
        }
    }
    upload_rows(arguments);
}

void CudaExecutor::download() {
    for (std::size_t k = 0; k < plan_.outputs.size(); ++k) {
        if (batch_.outputs[0].readouts[k] == nullptr) {
            continue;
        }
        const OutputPlan& output = plan_.outputs[k];
        const std::size_t bytes = output.num_neurons * size_of(output.storage);
        const Copy2D copy{.source_type = memory_on_device,
                          .source_device = memory_->workspaces.address() + output.workspace_offset,
                          .source_pitch = plan_.workspace_bytes,
                          .target_type = memory_on_host,
                          .target_host = memory_->readouts[k].data(),
                          .target_pitch = bytes,
                          .width_bytes = bytes,
                          .height = batch_.num_examples};
        driver_.check(driver_.call().cuMemcpy2DAsync_v2(&copy, stream_.handle()), "downloading readouts");
        downloaded_bytes_ += copy.width_bytes * copy.height;
    }
    for (std::size_t r = 0; r < plan_.recordings.size(); ++r) {
        const auto batch = std::span(batch_.outputs).first(batch_.num_examples);
        if (std::any_of(batch.begin(), batch.end(),
                        [r](const ExampleOutput& output) { return output.recordings[r] != nullptr; })) {
            download_rows(memory_->recordings[r], batch_.num_examples);
        }
    }
}

void CudaExecutor::deliver(ExampleProvider& provider) {
    for (std::uint32_t slot = 0; slot < batch_.num_examples; ++slot) {
        const ExampleOutput& output = batch_.outputs[slot];
        for (std::size_t k = 0; k < plan_.outputs.size(); ++k) {
            const std::size_t bytes = plan_.outputs[k].num_neurons * size_of(plan_.outputs[k].storage);
            if (output.readouts[k] != nullptr) {
                std::memcpy(output.readouts[k], memory_->readouts[k].data() + slot * bytes, bytes);
            }
        }
        for (std::size_t r = 0; r < plan_.recordings.size(); ++r) {
            if (output.recordings[r] != nullptr) {
                std::memcpy(output.recordings[r], memory_->recordings[r].host_row(slot),
                            memory_->recordings[r].row_bytes);
            }
        }
        provider.done(batch_.first_example + slot, slot);
    }
}

}  // namespace mlgenn::cuda
