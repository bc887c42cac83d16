// SPDX-License-Identifier: Apache-2.0
// Calls the hooks of all callbacks of one call of predict or evaluate, in order.
#include "runtime/src/call_hooks.h"

#include <algorithm>
#include <utility>

#include "mlgenn/errors.h"

namespace mlgenn::runtime {

namespace {

/// Lets callbacks reach a batch's state for as long as the object lives.
class OpenBatch {
public:
    OpenBatch(RunState& state, const StepBatch& batch) : state_(state) { state_.open(&batch); }
    OpenBatch(const OpenBatch&) = delete;
    OpenBatch& operator=(const OpenBatch&) = delete;
    ~OpenBatch() { state_.open(nullptr); }

private:
    RunState& state_;
};

}  // namespace

CallHooks::CallHooks(const ExecutionPlan& plan, std::span<const CallbackSpec> callbacks, std::size_t num_examples,
                     std::uint32_t batch_size)
    : state_(plan, num_examples, batch_size) {
    for (std::size_t position = 0; position < callbacks.size(); ++position) {
        if (const auto* callback = std::get_if<std::shared_ptr<Callback>>(&callbacks[position].variant())) {
            entries_.push_back({.position = position, .callback = *callback, .level = (*callback)->level()});
            level_ = std::max(level_, entries_.back().level);
        }
    }
}

template <class Hook>
void CallHooks::for_each(HookLevel level, const Hook& hook) {
    for (const Entry& entry : entries_) {
        if (entry.level >= level) {
            hook(*entry.callback);
        }
    }
}

void CallHooks::test_begin() {
    for_each(HookLevel::test, [this](Callback& callback) { callback.begin_run(state_); });
    for_each(HookLevel::test, [](Callback& callback) { callback.on_test_begin(); });
}

void CallHooks::next_batch(std::size_t batch) {
    batch_ = batch;
    if (level_ == HookLevel::batch) {
        batch_begin();
    }
}

void CallHooks::batch_begin() {
    for_each(HookLevel::batch, [this](Callback& callback) { callback.on_batch_begin(batch_); });
}

void CallHooks::piece_end(std::size_t examples_done, const Metrics& metrics) {
    if (level_ == HookLevel::test) {
        return;
    }
    const std::vector<MetricResult> so_far = metrics();
    for_each(HookLevel::batch, [&](Callback& callback) { callback.on_batch_end(batch_, so_far); });
    for_each(HookLevel::progress,
             [&](Callback& callback) { callback.on_progress(examples_done, state_.num_examples(), so_far); });
}

void CallHooks::test_end(const Metrics& metrics) {
    if (!entries_.empty()) {
        const std::vector<MetricResult> all = metrics();
        for_each(HookLevel::test, [&](Callback& callback) { callback.on_test_end(all); });
    }
}

template <class Hooks>
void CallHooks::at_step(const StepBatch& batch, const Hooks& hooks) {
    const OpenBatch open(state_, batch);
    try {
        hooks();
    } catch (...) {
        thrown_ = std::current_exception();
        throw StoppedByHook();
    }
}

void CallHooks::step_begins(const StepBatch& batch, std::uint32_t step) {
    at_step(batch, [&] {
        if (step == 0) {
            batch_begin();
        }
        for_each(HookLevel::timestep, [&](Callback& callback) { callback.on_timestep_begin(step); });
    });
}

void CallHooks::step_ends(const StepBatch& batch, std::uint32_t step) {
    at_step(batch, [&] { for_each(HookLevel::timestep, [&](Callback& callback) { callback.on_timestep_end(step); }); });
}

void CallHooks::add_data(CallbackData& data) {
    for (const Entry& entry : entries_) {
        auto given = entry.callback->data();
        if (!given) {
            continue;
        }
        const std::string key = given->first.empty() ? std::to_string(entry.position) : given->first;
        if (!data.emplace(key, std::move(given->second)).second) {
            throw DescriptionError(Diagnostic{.where = "callback " + std::to_string(entry.position),
                                              .problem = "its data has the key '" + key + "', as another callback's",
                                              .notes = {},
                                              .remedy = "give every callback a key of its own"});
        }
    }
}

}  // namespace mlgenn::runtime
