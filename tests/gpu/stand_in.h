// SPDX-License-Identifier: Apache-2.0
// Fixture of the tests that run generated CUDA source without a GPU: the stand-in driver and compiler are in place.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "tests/support/stand_in_driver/stand_in_driver.h"

namespace mlgenn::testing {

/// An environment variable's value for as long as the object lives; null: not set.
class EnvironmentVariable {
public:
    EnvironmentVariable(const char* name, const char* value) : name_(name) {
        if (const char* old = std::getenv(name)) {
            old_ = old;
            had_value_ = true;
        }
        set(value);
    }
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;
    ~EnvironmentVariable() { set(had_value_ ? old_.c_str() : nullptr); }

private:
    void set(const char* value) const {
        if (value != nullptr) {
            ::setenv(name_, value, 1);
        } else {
            ::unsetenv(name_);
        }
    }
    const char* name_;
    std::string old_{};
    bool had_value_ = false;
};

class StandInGpu : public ::testing::Test {
protected:
    StandInGpu() { configure({}); }
    ~StandInGpu() override { configure({}); }

    void configure(const stand_in::Settings& settings) const {
        function<stand_in::Configure>("mlgenn_stand_in_configure")(&settings);
    }
    [[nodiscard]] stand_in::Counters counters() const {
        stand_in::Counters counters;
        function<stand_in::GetCounters>("mlgenn_stand_in_counters")(&counters);
        return counters;
    }

private:
    template <class Function>
    [[nodiscard]] Function function(const char* name) const {
        auto* found = dlsym(library_, name);
        if (found == nullptr) {
            throw std::runtime_error("the stand-in driver has no " + std::string(name));
        }
        return reinterpret_cast<Function>(found);
    }

    EnvironmentVariable libcuda_{"MLGENN_LIBCUDA", MLGENN_STAND_IN_CUDA};
    EnvironmentVariable libnvrtc_{"MLGENN_LIBNVRTC", MLGENN_STAND_IN_NVRTC};
    void* library_ = dlopen(MLGENN_STAND_IN_CUDA, RTLD_NOW | RTLD_LOCAL);
};

}  // namespace mlgenn::testing
