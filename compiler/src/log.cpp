// SPDX-License-Identifier: Apache-2.0
// The one file that includes spdlog, whose header is slow to compile.
#include "compiler/src/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

namespace mlgenn::log {
namespace {

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto made = std::make_shared<spdlog::logger>("mlgenn", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
        const char* level = std::getenv("MLGENN_LOG");
        made->set_level(level == nullptr ? spdlog::level::off : spdlog::level::from_str(level));
        made->set_pattern("%n %^%l%$: %v");
        return made;
    }();
    return *instance;
}

}  // namespace

void debug(const std::string& message) {
    logger().debug("{}", message);
}
void info(const std::string& message) {
    logger().info("{}", message);
}

}  // namespace mlgenn::log
