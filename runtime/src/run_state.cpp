// SPDX-License-Identifier: Apache-2.0
// Callbacks read and write the state variables of the batch that is running.
#include <algorithm>
#include <cstring>

#include "mlgenn/errors.h"
#include "runtime/src/call_hooks.h"
#include "runtime/src/find_state.h"
#include "runtime/src/input_checks.h"
#include "runtime/src/result_shape.h"

namespace mlgenn::runtime {

namespace {

std::size_t bytes_of(const StatePlan& state) {
    return num_elements(state.shape) * size_of(state.storage);
}

/// `value` in the variable's type, or a finding about it.
Array one_value(const StatePlan& state, double value) {
    if (state.storage == Storage::f32) {
        return Array::from(std::vector<float>{static_cast<float>(value)});
    }
    if (state.storage == Storage::u32 && value >= 0.0 && value <= 4294967295.0 &&
        value == static_cast<double>(static_cast<std::uint32_t>(value))) {
        return Array::from(std::vector<std::uint32_t>{static_cast<std::uint32_t>(value)});
    }
    throw DescriptionError(Diagnostic{.where = "variable '" + state.variable + "' of '" + owner_of(state) + "'",
                                      .problem = "it is " + std::string(name_of(dtype_of(state.storage))) +
                                                 ", which cannot hold " + std::to_string(value),
                                      .notes = {},
                                      .remedy = "give a value of its type"});
}

}  // namespace

const StepBatch& RunState::batch(const std::string& doing) const {
    if (batch_ == nullptr) {
        throw DescriptionError(
            Diagnostic{.where = doing,
                       .problem = "no batch is between two timesteps",
                       .notes = {},
                       .remedy = "use it in on_batch_begin, on_timestep_begin or on_timestep_end of a callback whose "
                                 "level is timestep"});
    }
    return *batch_;
}

const StatePlan& RunState::state(const std::string& owner, const std::string& variable) const {
    if (const StatePlan* found = find_state(plan_, owner, variable)) {
        return *found;
    }
    std::vector<std::string> known;
    for (const StatePlan& state : plan_.states) {
        known.push_back(owner_of(state) + "." + state.variable);
    }
    throw DescriptionError(Diagnostic{.where = "variable '" + variable + "' of '" + owner + "'",
                                      .problem = "network '" + plan_.network + "' has no such state variable",
                                      .notes = {},
                                      .remedy = "its variables are: " + quoted_list(known)});
}

Array RunState::read(const std::string& owner, const std::string& variable) const {
    const StatePlan& plan = state(owner, variable);
    const StepBatch& open = batch("reading '" + variable + "' of '" + owner + "'");
    Array values(dtype_of(plan.storage), with_leading({open.num_examples}, plan.shape));
    const std::span<std::byte> bytes = values.mutable_bytes();
    for (std::uint32_t slot = 0; slot < open.num_examples; ++slot) {
        open.memory.read(slot, plan.workspace_offset, bytes.subspan(slot * bytes_of(plan), bytes_of(plan)));
    }
    return values;
}

void RunState::write(const std::string& owner, const std::string& variable, const Array& values) {
    const StatePlan& plan = state(owner, variable);
    const StepBatch& open = batch("writing '" + variable + "' of '" + owner + "'");
    const std::size_t one_example = num_elements(plan.shape);
    const bool for_all = values.size() == one_example * open.num_examples;
    if (values.dtype() != dtype_of(plan.storage) || (!for_all && values.size() != one_example)) {
        throw DescriptionError(
            Diagnostic{.where = "variable '" + variable + "' of '" + owner + "'",
                       .problem = std::string(name_of(values.dtype())) + " " + to_string(values.shape()) +
                                  " found, but " + std::string(name_of(dtype_of(plan.storage))) + " with " +
                                  std::to_string(one_example * open.num_examples) + " elements expected (" +
                                  std::to_string(open.num_examples) + " examples), or " + std::to_string(one_example) +
                                  " for all of them",
                       .notes = {},
                       .remedy = "give values as read() does"});
    }
    write_all(plan, values.bytes(), for_all ? bytes_of(plan) : 0);
}

/// Example k gets the bytes from k * `stride` on.
void RunState::write_all(const StatePlan& state, std::span<const std::byte> bytes, std::size_t stride) const {
    for (std::uint32_t slot = 0; slot < batch_->num_examples; ++slot) {
        batch_->memory.write(slot, state.workspace_offset, bytes.subspan(slot * stride, bytes_of(state)));
    }
}

void RunState::fill(const std::string& owner, const std::string& variable, double value) {
    const StatePlan& plan = state(owner, variable);
    static_cast<void>(batch("filling '" + variable + "' of '" + owner + "'"));
    const Array one = one_value(plan, value);
    std::vector<std::byte> bytes(bytes_of(plan));
    for (std::size_t at = 0; at < bytes.size(); at += one.bytes().size()) {
        std::memcpy(bytes.data() + at, one.bytes().data(), one.bytes().size());
    }
    write_all(plan, bytes, 0);
}

void RunState::reset(const std::string& owner) {
    static_cast<void>(batch("resetting the variables of '" + owner + "'"));
    bool found = false;
    for (const StatePlan& plan : plan_.states) {
        if (owner.empty() ? !plan.connection.empty() : owner_of(plan) != owner) {
            continue;
        }
        found = true;
        const auto range = std::find_if(plan_.resets.begin(), plan_.resets.end(), [&](const ResetRange& candidate) {
            return candidate.offset <= plan.workspace_offset &&
                   plan.workspace_offset + bytes_of(plan) <= candidate.offset + candidate.bytes;
        });
        if (range == plan_.resets.end()) {
            throw InternalError("variable '" + plan.variable + "' of '" + owner_of(plan) + "' has no initial value");
        }
        std::vector<std::byte> bytes(bytes_of(plan));
        if (range->constants_offset) {
            std::memcpy(bytes.data(),
                        plan_.constants->data() + *range->constants_offset + (plan.workspace_offset - range->offset),
                        bytes.size());
        } else {
            for (std::size_t at = 0; at < bytes.size(); at += sizeof(range->fill)) {
                std::memcpy(bytes.data() + at, &range->fill, sizeof(range->fill));
            }
        }
        write_all(plan, bytes, 0);
    }
    if (!found && !owner.empty()) {
        throw DescriptionError(Diagnostic{.where = "resetting '" + owner + "'",
                                          .problem = "network '" + plan_.network + "' has no state variables of it",
                                          .notes = {},
                                          .remedy = "name a population or a connection that has some"});
    }
}

}  // namespace mlgenn::runtime
