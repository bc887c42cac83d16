// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

using ir::E;
using ir::Type;

/// Counts the neurons that come before the label's when they are sorted by readout, equal ones by index: with k = 1
/// exactly the examples count whose argmax is the label.
void build(MetricBuilder& b) {
    CodeBuilder& code = b.code();
    const E label = code.let("label", ir::convert(b.label(), Type::u32));
    const E own = code.let("own", b.readout(label));
    const E ahead = code.let("ahead", E(0U));
    code.loop("j", E(0U), E(b.num_neurons()), ir::LoopKind::serial, [&](const E& j) {
        const E other = code.let("other", b.readout(j));
        const E before = other > own || (other == own && j < label);
        code.assign("ahead", ahead + ir::convert(before, Type::u32));
    });
    const auto k = static_cast<std::uint32_t>(b.params().integer("k"));
    b.score(ir::convert(ahead < E(k) && own == own, Type::u32));
}

std::optional<MetricObstacle> obstacle(const ParameterReader& params, std::uint32_t num_neurons) {
    const std::int64_t k = params.integer("k");
    if (k <= num_neurons) {
        return std::nullopt;
    }
    return MetricObstacle{"k is " + std::to_string(k) + ", but the output has " + std::to_string(num_neurons) +
                              " neurons, so every example would be right",
                          "set k to " + std::to_string(num_neurons) + " or less"};
}

}  // namespace

MetricModel top_k_accuracy() {
    return {
        .entry = {.name = "top_k_accuracy",
                  .summary = "Fraction of examples whose label is among the k largest readouts; of equal readouts the "
                             "first ones come first.",
                  .equations = {"ahead = number of j with readout_j > readout_label, or equal and j < label",
                                "correct = (ahead < k), and not if readout_label is NaN"},
                  .parameters = {{.name = "k",
                                  .kind = ParameterKind::integer,
                                  .default_value = 5.0,
                                  .minimum = 1.0,
                                  .doc = "how many of the largest readouts count"}},
                  .example = R"({"model": "top_k_accuracy", "params": {"k": 3}})"},
        .target = TargetKind::label,
        .score = ScoreKind::count,
        .obstacle = obstacle,
        .build = build,
    };
}

}  // namespace mlgenn::models
