// SPDX-License-Identifier: Apache-2.0
#include "compiler/models/builders.h"
#include "compiler/models/entries.h"

namespace mlgenn::models {
namespace {

using ir::E;

void build(MetricBuilder& b) {
    CodeBuilder& code = b.code();
    E best = code.let("best", b.readout(E(0U)));
    E best_index = code.let("best_index", E(0U));
    code.loop("k", E(1U), E(b.num_neurons()), ir::LoopKind::serial, [&](const E& k) {
        const E candidate = code.let("candidate", b.readout(k));
        const E better = code.let("better", candidate > best);
        code.assign("best_index", ir::select(better, k, best_index));
        code.assign("best", ir::select(better, candidate, best));
    });
    b.score(ir::convert(ir::convert(best_index, ir::Type::i32) == b.label(), ir::Type::u32));
}

}  // namespace

MetricModel sparse_categorical_accuracy() {
    return {
        .entry = {.name = "sparse_categorical_accuracy",
                  .summary =
                      "Fraction of examples whose largest readout (the first, if several are equal) is the label.",
                  .equations = {"correct = (argmax_j readout_j == label)"},
                  .example = R"("sparse_categorical_accuracy")"},
        .target_is_label = true,
        .score_storage = Storage::u32,
        .build = build,
    };
}

}  // namespace mlgenn::models
