// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

/// 8 MiB of counts, for every worker thread.
constexpr std::uint32_t most_classes = 1024;

void build(MetricBuilder& b) {
    b.score(ir::convert(b.label(), ir::Type::u32) * ir::E(b.num_neurons()) + b.argmax());
}

Shape bins(std::uint32_t num_neurons) {
    return {num_neurons, num_neurons};
}

std::optional<MetricObstacle> obstacle(const ParameterReader&, std::uint32_t num_neurons) {
    if (num_neurons <= most_classes) {
        return std::nullopt;
    }
    return MetricObstacle{"the output has " + std::to_string(num_neurons) + " neurons, and the matrix holds at most " +
                              std::to_string(most_classes) + " classes",
                          "count on the predictions instead"};
}

}  // namespace

MetricModel confusion_matrix() {
    return {
        .entry = {.name = "confusion_matrix",
                  .summary = "How many examples of each class (row) have which largest readout (column; the first, if "
                             "several are equal). Its value is the fraction on the diagonal.",
                  .equations = {"matrix[label][argmax_j readout_j] += 1"},
                  .example = R"("confusion_matrix")"},
        .target = TargetKind::label,
        .score = ScoreKind::histogram,
        .bins = bins,
        .obstacle = obstacle,
        .build = build,
    };
}

}  // namespace mlgenn::models
