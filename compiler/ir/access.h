// SPDX-License-Identifier: Apache-2.0
// Which elements of buffers a statement names.
#pragma once

#include "compiler/ir/stmt.h"

namespace mlgenn::ir {

/// Calls visit(expression) for every expression of `stmt` itself; statements inside it are left out.
template <class Visit>
void for_each_expr_of(const Stmt& stmt, const Visit& visit) {
    const auto each = [&](const auto&... expressions) { ((expressions ? visit(expressions) : void()), ...); };
    std::visit(Overload{
                   [&](const Let& n) { each(n.value); },
                   [&](const Assign& n) { each(n.value); },
                   [&](const Store& n) { each(n.index, n.value); },
                   [&](const AddTo& n) { each(n.index, n.value); },
                   [&](const If& n) { each(n.condition); },
                   [&](const For& n) { each(n.begin, n.end); },
                   [](const ForSpikes&) {},
                   [&](const Accumulate& n) { each(n.target, n.weight, n.delay); },
                   [&](const Receive& n) { each(n.target, n.base); },
                   [&](const SumSpikes& n) { each(n.init, n.value); },
                   [&](const EmitSpike& n) { each(n.neuron, n.condition); },
               },
               stmt.node);
}

/// Calls visit(buffer, index) for every element that `stmt` itself loads, stores or adds to. Rows of spikes and rasters
/// are not among them.
template <class Visit>
void for_each_element(const Stmt& stmt, const Visit& visit) {
    if (const auto* store = std::get_if<Store>(&stmt.node)) {
        visit(store->buffer, store->index);
    } else if (const auto* add = std::get_if<AddTo>(&stmt.node)) {
        visit(add->buffer, add->index);
    }
    for_each_expr_of(stmt, [&](const ExprPtr& expression) {
        for_each_expr(expression, [&](const Expr& node) {
            if (const auto* load = std::get_if<Load>(&node.node)) {
                visit(load->buffer, load->index);
            }
        });
    });
}

}  // namespace mlgenn::ir
