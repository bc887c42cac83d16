// SPDX-License-Identifier: Apache-2.0
// A callback that writes down which hooks are called, and can throw in one of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "mlgenn/callbacks.h"

namespace mlgenn::test_support {

/// Thrown by CallbackLog.
class HookFailed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class CallbackLog final : public Callback {
public:
    /// `log` outlives the object; `name` stands before every entry. Throws HookFailed in the hook `failing`.
    CallbackLog(std::string& log, HookLevel level, std::string name = {}, std::string failing = {})
        : log_(log), level_(level), name_(std::move(name)), failing_(std::move(failing)) {}

    [[nodiscard]] HookLevel level() const override { return level_; }
    void begin_run(RunContext&) override { fail_in("begin_run"); }
    void on_test_begin() override { add("test_begin", "test["); }
    void on_batch_begin(std::size_t batch) override { add("batch_begin", std::to_string(batch) + "["); }
    void on_timestep_begin(std::uint32_t timestep) override { add("timestep_begin", "<" + std::to_string(timestep)); }
    void on_timestep_end(std::uint32_t timestep) override { add("timestep_end", std::to_string(timestep) + ">"); }
    void on_batch_end(std::size_t batch, std::span<const MetricResult> metrics) override {
        add("batch_end", "]" + std::to_string(batch) + values(metrics));
    }
    void on_progress(std::size_t done, std::size_t all, std::span<const MetricResult>) override {
        add("progress", std::to_string(done) + "/" + std::to_string(all));
    }
    void on_test_end(std::span<const MetricResult> metrics) override { add("test_end", "]test" + values(metrics)); }
    [[nodiscard]] std::optional<std::pair<std::string, CallbackValue>> data() override {
        fail_in("data");
        return std::nullopt;
    }

private:
    static std::string values(std::span<const MetricResult> metrics) {
        std::string text;
        for (const MetricResult& metric : metrics) {
            text += "," + metric.metric.substr(0, 6) + "=" + std::to_string(metric.value) + " of " +
                    std::to_string(metric.num_examples);
        }
        return text;
    }
    void fail_in(const std::string& hook) const {
        if (hook == failing_) {
            throw HookFailed(hook);
        }
    }
    void add(const std::string& hook, const std::string& entry) {
        log_ += (log_.empty() ? "" : " ") + name_ + entry;
        fail_in(hook);
    }

    std::string& log_;
    HookLevel level_;
    std::string name_;
    std::string failing_;
};

}  // namespace mlgenn::test_support
