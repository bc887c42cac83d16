// SPDX-License-Identifier: Apache-2.0
// The Yin-Yang task, from its definition.
#include <cmath>
#include <optional>
#include <string>

#include "mlgenn/spike_data.h"
#include "runtime/src/random.h"
#include "runtime/src/spike_data/checks.h"

namespace mlgenn {

namespace {

using runtime::require;

enum Class : std::uint8_t { yin, yang, dot };
constexpr double num_classes = 3.0;

/// Nothing outside of the disc.
std::optional<Class> class_of(double x, double y, const YinYangOptions& options) {
    const double r = options.r_big;
    const auto distance = [&](double centre) { return std::sqrt((x - centre) * (x - centre) + (y - r) * (y - r)); };
    if (distance(r) > r) {
        return std::nullopt;
    }
    const double to_right = distance(1.5 * r);
    const double to_left = distance(0.5 * r);
    if (to_right < options.r_small || to_left < options.r_small) {
        return dot;
    }
    return to_left <= 0.5 * r || (y > r && to_right > 0.5 * r) ? yang : yin;
}

void check(const YinYangOptions& options) {
    const char* where = "generate_yin_yang_dataset";
    require(options.r_small > 0.0 && options.r_big > 0.0 && options.r_small < 0.5 * options.r_big, where,
            "r_small is " + std::to_string(options.r_small) + " and r_big " + std::to_string(options.r_big),
            "give an r_small above 0 and below half of r_big");
    require(std::isfinite(options.scale_ms) && options.scale_ms > 0.0 && std::isfinite(options.offset_ms), where,
            "scale is " + std::to_string(options.scale_ms) + " ms, offset " + std::to_string(options.offset_ms) + " ms",
            "give a scale above 0");
    require(options.size <= 0xffffffffU, where, std::to_string(options.size) + " examples are asked for",
            "give at most 4294967295");
}

}  // namespace

LabelledSpikes generate_yin_yang_dataset(const YinYangOptions& options) {
    check(options);
    const auto key = runtime::philox_key(options.seed);
    const std::uint32_t stream = runtime::stream_of("generate_yin_yang_dataset");
    std::vector<SpikeTrain> examples(options.size);
    std::vector<std::uint8_t> labels(options.size);
    for (std::uint32_t e = 0; e < options.size; ++e) {
        const auto draw = [&](std::uint32_t attempt) { return runtime::philox4x32(key, {e, attempt, 0, stream}); };
        const auto first = draw(0);
        labels[e] = static_cast<std::uint8_t>(runtime::uniform_from(first[0], first[1]) * num_classes);
        double x = 0.0;
        double y = 0.0;
        for (std::uint32_t attempt = 1; class_of(x, y, options) != static_cast<Class>(labels[e]); ++attempt) {
            const auto words = draw(attempt);
            x = runtime::uniform_from(words[0], words[1]) * 2.0 * options.r_big;
            y = runtime::uniform_from(words[2], words[3]) * 2.0 * options.r_big;
        }
        const auto spike = [&](double value) {
            examples[e].ids.push_back(static_cast<std::uint32_t>(examples[e].ids.size()));
            examples[e].times_ms.push_back(static_cast<float>(options.offset_ms + options.scale_ms * value));
        };
        if (options.bias) {
            spike(0.0);
        }
        for (const double value : {x, y, 1.0 - x, 1.0 - y}) {
            spike(value);
        }
    }
    return {spike_input_of(examples), Array::from(labels)};
}

}  // namespace mlgenn
