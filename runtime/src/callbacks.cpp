// SPDX-License-Identifier: Apache-2.0
// Callbacks by name and from functions.
#include "mlgenn/callbacks.h"

#include <algorithm>
#include <cctype>

#include "mlgenn/errors.h"

namespace mlgenn {

namespace {

/// Calls the functions that are set.
class FunctionCallback final : public Callback {
public:
    explicit FunctionCallback(CallbackFunctions functions) : functions_(std::move(functions)) {}

    [[nodiscard]] HookLevel level() const override {
        if (functions_.on_timestep_begin || functions_.on_timestep_end) {
            return HookLevel::timestep;
        }
        if (functions_.on_batch_begin || functions_.on_batch_end) {
            return HookLevel::batch;
        }
        return functions_.on_progress ? HookLevel::progress : HookLevel::test;
    }
    void on_test_begin() override { call(functions_.on_test_begin); }
    void on_batch_begin(std::size_t batch) override { call(functions_.on_batch_begin, batch); }
    void on_timestep_begin(std::uint32_t timestep) override { call(functions_.on_timestep_begin, timestep); }
    void on_timestep_end(std::uint32_t timestep) override { call(functions_.on_timestep_end, timestep); }
    void on_batch_end(std::size_t batch, std::span<const MetricResult> metrics) override {
        call(functions_.on_batch_end, batch, metrics);
    }
    void on_progress(std::size_t examples_done, std::size_t num_examples,
                     std::span<const MetricResult> /*metrics*/) override {
        call(functions_.on_progress, examples_done, num_examples);
    }
    void on_test_end(std::span<const MetricResult> metrics) override { call(functions_.on_test_end, metrics); }
    [[nodiscard]] std::optional<std::pair<std::string, CallbackValue>> data() override {
        return functions_.data ? functions_.data() : std::nullopt;
    }

private:
    template <class Function, class... Arguments>
    static void call(const Function& function, const Arguments&... arguments) {
        if (function) {
            function(arguments...);
        }
    }

    CallbackFunctions functions_;
};

class CustomUpdateCallback final : public Callback {
public:
    explicit CustomUpdateCallback(CustomUpdate update) : update_(std::move(update)) {}

    [[nodiscard]] HookLevel level() const override { return HookLevel::timestep; }
    void begin_run(RunContext& run) override { run_ = &run; }
    void on_batch_begin(std::size_t batch) override { update(CustomUpdate::When::batch_begin, batch); }
    void on_timestep_begin(std::uint32_t timestep) override { update(CustomUpdate::When::timestep_begin, timestep); }
    void on_timestep_end(std::uint32_t timestep) override { update(CustomUpdate::When::timestep_end, timestep); }

private:
    void update(CustomUpdate::When when, std::size_t index) const {
        if (update_.when == when && (!update_.filter || update_.filter(index))) {
            update_.update(*run_, index);
        }
    }

    CustomUpdate update_;
    RunContext* run_ = nullptr;
};

std::shared_ptr<Callback> callback_named(const std::string& name) {
    if (name != "batch_progress_bar") {
        throw DescriptionError(Diagnostic{.where = "callback '" + name + "'",
                                          .problem = "there is no callback of this name",
                                          .notes = {},
                                          .remedy = "use batch_progress_bar, or give a callback object"});
    }
    return std::make_shared<BatchProgressBar>();
}

}  // namespace

bool same_variable(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    });
}

CallbackSpec::CallbackSpec(const char* name) : CallbackSpec(std::string(name)) {}

CallbackSpec::CallbackSpec(const std::string& name) : value_(callback_named(name)) {}

CallbackSpec::CallbackSpec(CallbackFunctions functions)
    : value_(std::make_shared<FunctionCallback>(std::move(functions))) {}

CallbackSpec::CallbackSpec(CustomUpdate update) {
    if (!update.update) {
        throw DescriptionError(Diagnostic{.where = "a CustomUpdate",
                                          .problem = "it has no function",
                                          .notes = {},
                                          .remedy = "set update to what it should do"});
    }
    value_ = std::make_shared<CustomUpdateCallback>(std::move(update));
}

CallbackSpec::CallbackSpec(Variant value) : value_(std::move(value)) {
    const auto* callback = std::get_if<std::shared_ptr<Callback>>(&value_);
    if (callback != nullptr && *callback == nullptr) {
        throw DescriptionError(Diagnostic{.where = "a list of callbacks",
                                          .problem = "it holds a null pointer",
                                          .notes = {},
                                          .remedy = "leave the entry out"});
    }
}

}  // namespace mlgenn
