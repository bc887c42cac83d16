// SPDX-License-Identifier: Apache-2.0
// Statements of the IR: what one phase of a timestep does for one example.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/ir/expr.h"

namespace mlgenn::ir {

struct Stmt;
using StmtPtr = std::shared_ptr<const Stmt>;
using Block = std::vector<StmtPtr>;

/// Introduces a mutable local; its scope is the rest of the enclosing block.
struct Let {
    std::string name;
    ExprPtr value;
};
struct Assign {
    std::string name;
    ExprPtr value;
};
struct Store {
    BufferId buffer;
    ExprPtr index;
    ExprPtr value;
};
/// buffer[index] += value.
struct AddTo {
    BufferId buffer;
    ExprPtr index;
    ExprPtr value;
};
struct If {
    ExprPtr condition;
    Block then_body;
    Block else_body;
};

enum class LoopKind : std::uint8_t {
    serial,    ///< iterations in ascending order
    parallel,  ///< iterations touch disjoint elements, so they may run as lanes or threads; EmitSpike stays ordered
};
/// for (index = begin; index < end; ++index)
struct For {
    std::string index;
    ExprPtr begin;
    ExprPtr end;
    LoopKind kind;
    Block body;
};
/// Runs the body for every spike that `queue`'s population emitted `delay` steps ago, by ascending neuron.
struct ForSpikes {
    QueueId queue;
    std::uint32_t delay;
    std::string index;
    Block body;
};

/// Adds a weight to the target's accumulator, to be received in this step or `delay` (u32, below the accumulator's
/// ring_slots) steps later. Replaced by expand_accumulators.
struct Accumulate {
    AccumulatorId accumulator;
    ExprPtr target;
    ExprPtr weight;
    ExprPtr delay{};
};
/// local = base + everything delivered to `target` in this step (just the sum without a base), and clears it.
/// Replaced by expand_accumulators.
struct Receive {
    std::string local;
    AccumulatorId accumulator;
    ExprPtr target;
    ExprPtr base;
    /// The integer sum of an i32 accumulator as it is, in an i32 local; without a base.
    bool as_integer = false;
};
/// local = init + the sum of `value` over the spikes of `queue` `delay` steps ago, added by ascending neuron `index`.
struct SumSpikes {
    std::string local;
    ExprPtr init;
    QueueId queue;
    std::uint32_t delay;
    std::string index;
    ExprPtr value;
};
/// Appends `neuron` to the queue's spikes of this step if `condition`. Neurons are emitted in ascending order.
/// With a raster: also sets bit `neuron` of row "io_row".
struct EmitSpike {
    QueueId queue;
    ExprPtr neuron;
    ExprPtr condition;
    std::optional<BufferId> raster;
};

struct Stmt {
    using Node = std::variant<Let, Assign, Store, AddTo, If, For, ForSpikes, Accumulate, Receive, SumSpikes, EmitSpike>;
    Node node;
};

template <class Node>
[[nodiscard]] StmtPtr make(Node node) {
    return std::make_shared<const Stmt>(Stmt{std::move(node)});
}

/// Rebuilds `block` with every statement passed through `rewrite`, innermost first. `rewrite` gives back the
/// statements that replace it.
template <class Rewrite>
[[nodiscard]] Block rewrite_block(const Block& block, const Rewrite& rewrite) {
    Block result;
    for (const StmtPtr& stmt : block) {
        StmtPtr current = stmt;
        if (const auto* branch = std::get_if<If>(&stmt->node)) {
            current = make(If{branch->condition, rewrite_block(branch->then_body, rewrite),
                              rewrite_block(branch->else_body, rewrite)});
        } else if (const auto* loop = std::get_if<For>(&stmt->node)) {
            current = make(For{loop->index, loop->begin, loop->end, loop->kind, rewrite_block(loop->body, rewrite)});
        } else if (const auto* spikes = std::get_if<ForSpikes>(&stmt->node)) {
            current =
                make(ForSpikes{spikes->queue, spikes->delay, spikes->index, rewrite_block(spikes->body, rewrite)});
        }
        for (StmtPtr& piece : rewrite(current)) {
            result.push_back(std::move(piece));
        }
    }
    return result;
}

/// Calls visit(stmt) for every statement, outer before inner.
template <class Visit>
void for_each_stmt(const Block& block, const Visit& visit) {
    for (const StmtPtr& stmt : block) {
        visit(*stmt);
        if (const auto* branch = std::get_if<If>(&stmt->node)) {
            for_each_stmt(branch->then_body, visit);
            for_each_stmt(branch->else_body, visit);
        } else if (const auto* loop = std::get_if<For>(&stmt->node)) {
            for_each_stmt(loop->body, visit);
        } else if (const auto* spikes = std::get_if<ForSpikes>(&stmt->node)) {
            for_each_stmt(spikes->body, visit);
        }
    }
}

/// Rebuilds an expression bottom-up: `rewrite` maps a node whose children are already rewritten.
template <class Rewrite>
[[nodiscard]] ExprPtr rewrite_expr(const ExprPtr& expr, const Rewrite& rewrite) {
    const auto again = [&](const ExprPtr& child) { return rewrite_expr(child, rewrite); };
    const ExprPtr rebuilt = std::visit(
        Overload{
            [&](const Literal&) { return expr; },
            [&](const LocalRef&) { return expr; },
            [&](const IndexRef&) { return expr; },
            [&](const Load& n) {
                return std::make_shared<const Expr>(Expr{expr->type, Load{n.buffer, again(n.index)}});
            },
            [&](const Unary& n) {
                return std::make_shared<const Expr>(Expr{expr->type, Unary{n.op, again(n.operand)}});
            },
            [&](const Binary& n) {
                return std::make_shared<const Expr>(Expr{expr->type, Binary{n.op, again(n.left), again(n.right)}});
            },
            [&](const Fma& n) {
                return std::make_shared<const Expr>(
                    Expr{expr->type, Fma{again(n.left), again(n.right), again(n.addend)}});
            },
            [&](const Select& n) {
                return std::make_shared<const Expr>(
                    Expr{expr->type, Select{again(n.condition), again(n.if_true), again(n.if_false)}});
            },
            [&](const Convert& n) {
                return std::make_shared<const Expr>(Expr{expr->type, Convert{again(n.operand)}});
            },
            [&](const Bitcast& n) {
                return std::make_shared<const Expr>(Expr{expr->type, Bitcast{again(n.operand)}});
            },
        },
        expr->node);
    return rewrite(rebuilt);
}

/// Calls visit(expr) for every node, children first.
template <class Visit>
void for_each_expr(const ExprPtr& expr, const Visit& visit) {
    std::visit(Overload{
                   [](const Literal&) {},
                   [](const LocalRef&) {},
                   [](const IndexRef&) {},
                   [&](const Load& n) { for_each_expr(n.index, visit); },
                   [&](const Unary& n) { for_each_expr(n.operand, visit); },
                   [&](const Binary& n) {
                       for_each_expr(n.left, visit);
                       for_each_expr(n.right, visit);
                   },
                   [&](const Fma& n) {
                       for_each_expr(n.left, visit);
                       for_each_expr(n.right, visit);
                       for_each_expr(n.addend, visit);
                   },
                   [&](const Select& n) {
                       for_each_expr(n.condition, visit);
                       for_each_expr(n.if_true, visit);
                       for_each_expr(n.if_false, visit);
                   },
                   [&](const Convert& n) { for_each_expr(n.operand, visit); },
                   [&](const Bitcast& n) { for_each_expr(n.operand, visit); },
               },
               expr->node);
    visit(*expr);
}

}  // namespace mlgenn::ir
