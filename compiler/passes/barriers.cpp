// SPDX-License-Identifier: Apache-2.0
// Derives barriers from read and write sets.
#include "compiler/passes/barriers.h"

#include <set>
#include <string>

#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

/// Collects the accesses of one statement.
class Collector {
public:
    explicit Collector(const ir::Program& program) : program_(program) {}

    void top_level(const ir::Stmt& stmt) {
        if (const auto* loop = std::get_if<ir::For>(&stmt.node)) {
            const bool from_zero = ir::is_literal(loop->begin, 0);
            expr(loop->begin);
            expr(loop->end);
            if (loop->kind == ir::LoopKind::parallel && from_zero) {
                owner_index_ = loop->index;
            }
            block(loop->body);
            owner_index_.reset();
            return;
        }
        if (const auto* spikes = std::get_if<ir::ForSpikes>(&stmt.node)) {
            scatter_ = is_commutative_scatter(program_, *spikes);
        }
        statement(stmt);
        scatter_ = false;
    }

    [[nodiscard]] Region take() { return std::move(region_); }

private:
    void block(const ir::Block& statements) {
        for (const ir::StmtPtr& stmt : statements) {
            statement(*stmt);
        }
    }

    void statement(const ir::Stmt& stmt) {
        std::visit(ir::Overload{
                       [&](const ir::Let& n) { expr(n.value); },
                       [&](const ir::Assign& n) { expr(n.value); },
                       [&](const ir::Store& n) {
                           expr(n.index);
                           expr(n.value);
                           buffer(n.buffer, Access::Kind::write, owned(n.index));
                       },
                       [&](const ir::AddTo& n) { add_to(n); },
                       [&](const ir::If& n) {
                           expr(n.condition);
                           block(n.then_body);
                           block(n.else_body);
                       },
                       [&](const ir::For& n) {
                           expr(n.begin);
                           expr(n.end);
                           block(n.body);
                       },
                       [&](const ir::ForSpikes& n) {
                           spikes(n.queue, n.delay, Access::Kind::read, false);
                           block(n.body);
                       },
                       [&](const ir::SumSpikes& n) {
                           spikes(n.queue, n.delay, Access::Kind::read, false);
                           expr(n.init);
                           expr(n.value);
                       },
                       [&](const ir::EmitSpike& n) { emit(n); },
                       [](const auto&) { throw InternalError("barriers need expanded accumulators"); },
                   },
                   stmt.node);
    }

    void add_to(const ir::AddTo& n) {
        expr(n.index);
        expr(n.value);
        if (scatter_) {
            buffer(n.buffer, Access::Kind::add, false);
        } else {
            buffer(n.buffer, Access::Kind::write, owned(n.index));
        }
    }

    void emit(const ir::EmitSpike& n) {
        expr(n.neuron);
        expr(n.condition);
        spikes(n.queue, 0, Access::Kind::add, false);
        if (n.raster) {
            buffer(*n.raster, Access::Kind::add, false);
        }
    }

    void expr(const ir::ExprPtr& expression) {
        if (expression == nullptr) {
            return;
        }
        ir::for_each_expr(expression, [&](const ir::Expr& node) {
            if (const auto* load = std::get_if<ir::Load>(&node.node)) {
                buffer(load->buffer, Access::Kind::read, owned(load->index));
            }
        });
    }

    [[nodiscard]] bool owned(const ir::ExprPtr& index) const {
        const auto* reference = std::get_if<ir::IndexRef>(&index->node);
        return owner_index_ && reference != nullptr && reference->name == *owner_index_;
    }

    void buffer(ir::BufferId id, Access::Kind kind, bool own) {
        if (program_.buffer(id).space != ir::Space::constant) {
            region_.accesses.push_back({.kind = kind, .buffer = id, .queue = {}, .delay = 0, .own = own});
        }
    }

    void spikes(ir::QueueId id, std::uint32_t delay, Access::Kind kind, bool own) {
        region_.accesses.push_back({.kind = kind, .buffer = {}, .queue = id, .delay = delay, .own = own});
    }

    const ir::Program& program_;
    Region region_;
    std::optional<std::string> owner_index_;
    bool scatter_ = false;
};

/// An access in a certain timestep.
struct Timed {
    Access access;
    std::uint32_t step = 0;
    std::size_t region = 0;
};

bool same_memory(const ir::Program& program, const Timed& a, const Timed& b) {
    if (a.access.buffer || b.access.buffer) {
        return a.access.buffer == b.access.buffer;
    }
    if (a.access.queue != b.access.queue) {
        return false;
    }
    const std::uint32_t slots = program.queue(a.access.queue.value()).slots;
    if (slots == 0) {
        throw InternalError("barriers need placed spike queues");
    }
    return (a.step - a.access.delay) % slots == (b.step - b.access.delay) % slots;
}

bool conflict(const ir::Program& program, const Timed& a, const Timed& b) {
    if (a.access.kind == b.access.kind && a.access.kind != Access::Kind::write) {
        return false;
    }
    if (a.access.own && b.access.own) {
        return false;
    }
    return same_memory(program, a, b);
}

/// Calls found(earlier, later) for every pair of regions that conflict although no barrier stands between them.
template <class Found>
void find_conflicts(const ir::Program& program, std::span<const Region> regions, const std::vector<bool>& barriers,
                    const Found& found) {
    std::vector<Timed> since_barrier;
    // Steps are counted from a multiple of every ring's size, so that step - delay never wraps below zero.
    constexpr std::uint32_t first_step = 1U << 16U;
    for (std::uint32_t step = first_step; step < first_step + 3; ++step) {
        for (std::size_t r = 0; r < regions.size(); ++r) {
            if (barriers[r]) {
                since_barrier.clear();
            }
            for (const Access& access : regions[r].accesses) {
                const Timed now{access, step, r};
                for (const Timed& before : since_barrier) {
                    const bool same_run = before.region == r && before.step == step;
                    if (!same_run && conflict(program, before, now) && found(before.region, r)) {
                        return;
                    }
                }
            }
            for (const Access& access : regions[r].accesses) {
                since_barrier.push_back({access, step, r});
            }
        }
    }
}

class ScatterCheck {
public:
    explicit ScatterCheck(const ir::Program& program) : program_(program) {}

    [[nodiscard]] bool holds(const ir::ForSpikes& spikes) {
        ir::for_each_stmt(spikes.body, [&](const ir::Stmt& stmt) { statement(stmt); });
        for (const ir::BufferId id : read_) {
            possible_ = possible_ && added_.count(id) == 0;
        }
        return possible_ && !added_.empty();
    }

private:
    void statement(const ir::Stmt& stmt) {
        std::visit(ir::Overload{
                       [&](const ir::Let& n) { reads(n.value); },
                       [&](const ir::AddTo& n) {
                           reads(n.index);
                           reads(n.value);
                           added_.insert(n.buffer);
                           possible_ = possible_ && program_.buffer(n.buffer).storage == Storage::i32;
                       },
                       [&](const ir::If& n) { reads(n.condition); },
                       [&](const ir::For& n) {
                           reads(n.begin);
                           reads(n.end);
                       },
                       [&](const auto&) { possible_ = false; },
                   },
                   stmt.node);
    }

    void reads(const ir::ExprPtr& expression) {
        ir::for_each_expr(expression, [&](const ir::Expr& node) {
            if (const auto* load = std::get_if<ir::Load>(&node.node)) {
                read_.insert(load->buffer);
            }
        });
    }

    const ir::Program& program_;
    std::set<ir::BufferId> read_;
    std::set<ir::BufferId> added_;
    bool possible_ = true;
};

}  // namespace

Region region_of(const ir::Program& program, const ir::Stmt& stmt) {
    Collector collector(program);
    collector.top_level(stmt);
    return collector.take();
}

bool is_commutative_scatter(const ir::Program& program, const ir::ForSpikes& spikes) {
    return ScatterCheck(program).holds(spikes);
}

std::vector<bool> place_barriers(const ir::Program& program, std::span<const Region> regions) {
    std::vector<bool> barriers(regions.size(), false);
    bool changed = true;
    while (changed) {
        changed = false;
        find_conflicts(program, regions, barriers, [&](std::size_t, std::size_t later) {
            barriers[later] = true;
            changed = true;
            return true;
        });
    }
    return barriers;
}

void verify_barriers(const ir::Program& program, std::span<const Region> regions, const std::vector<bool>& barriers) {
    find_conflicts(program, regions, barriers, [](std::size_t earlier, std::size_t later) -> bool {
        throw InternalError("regions " + std::to_string(earlier) + " and " + std::to_string(later) +
                            " of a timestep touch the same memory without a barrier between them");
    });
}

}  // namespace mlgenn::passes
