// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

void build(MetricBuilder& b) {
    b.score(ir::convert(ir::convert(b.argmax(), ir::Type::i32) == b.label(), ir::Type::u32));
}

}  // namespace

MetricModel sparse_categorical_accuracy() {
    return {
        .entry = {.name = "sparse_categorical_accuracy",
                  .summary =
                      "Fraction of examples whose largest readout (the first, if several are equal) is the label.",
                  .equations = {"correct = (argmax_j readout_j == label)"},
                  .example = R"("sparse_categorical_accuracy")"},
        .target = TargetKind::label,
        .score = ScoreKind::count,
        .by_default = true,
        .build = build,
    };
}

}  // namespace mlgenn::models
