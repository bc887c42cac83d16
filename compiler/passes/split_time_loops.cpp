// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "compiler/passes/pipeline.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

/// Strongly connected components by Tarjan's algorithm, kept on an explicit stack so that deep networks cannot
/// overflow the machine's.
class Components {
public:
    explicit Components(std::span<const ir::PopulationInfo> populations)
        : populations_(populations),
          order_(populations.size(), unvisited),
          low_(populations.size()),
          on_stack_(populations.size(), false) {
        for (std::uint32_t p = 0; p < populations.size(); ++p) {
            if (order_[p] == unvisited) {
                visit(p);
            }
        }
    }

    /// In topological order: following `sources` edges, Tarjan finishes sources before their targets.
    [[nodiscard]] const std::vector<std::vector<std::uint32_t>>& list() const { return components_; }

private:
    static constexpr std::uint32_t unvisited = ~0U;
    struct Frame {
        std::uint32_t population;
        std::size_t next_source;
    };

    void open(std::uint32_t p, std::vector<Frame>& frames) {
        order_[p] = low_[p] = next_order_++;
        stack_.push_back(p);
        on_stack_[p] = true;
        frames.push_back({p, 0});
    }

    void visit(std::uint32_t root) {
        std::vector<Frame> frames;
        open(root, frames);
        while (!frames.empty()) {
            Frame& frame = frames.back();
            const std::uint32_t p = frame.population;
            const auto& sources = populations_[p].sources;
            if (frame.next_source < sources.size()) {
                const std::uint32_t source = sources[frame.next_source++];
                if (order_[source] == unvisited) {
                    open(source, frames);
                } else if (on_stack_[source]) {
                    low_[p] = std::min(low_[p], order_[source]);
                }
                continue;
            }
            if (low_[p] == order_[p]) {
                close(p);
            }
            frames.pop_back();
            if (!frames.empty()) {
                const std::uint32_t parent = frames.back().population;
                low_[parent] = std::min(low_[parent], low_[p]);
            }
        }
    }

    void close(std::uint32_t root) {
        std::vector<std::uint32_t> component;
        std::uint32_t member = 0;
        do {
            member = stack_.back();
            stack_.pop_back();
            on_stack_[member] = false;
            component.push_back(member);
        } while (member != root);
        std::sort(component.begin(), component.end());
        components_.push_back(std::move(component));
    }

    std::span<const ir::PopulationInfo> populations_;
    std::vector<std::uint32_t> order_;
    std::vector<std::uint32_t> low_;
    std::vector<bool> on_stack_;
    std::vector<std::uint32_t> stack_;
    std::uint32_t next_order_ = 0;
    std::vector<std::vector<std::uint32_t>> components_;
};

}  // namespace

void split_time_loops(ir::Program& program, const CompilerOptions&, const backends::Limits&) {
    if (program.loops.size() != 1) {
        throw InternalError("split_time_loops needs a single time loop");
    }
    const std::vector<ir::Phase> phases = std::move(program.loops.front().phases);
    program.loops.clear();
    const Components components(program.populations);
    for (const auto& component : components.list()) {
        ir::TimeLoop loop;
        for (const std::uint32_t p : component) {
            const auto& sources = program.populations[p].sources;
            loop.recurrent =
                loop.recurrent || component.size() > 1 || std::find(sources.begin(), sources.end(), p) != sources.end();
            for (const ir::Phase& phase : phases) {
                if (phase.population == p) {
                    loop.phases.push_back(phase);
                }
            }
        }
        program.loops.push_back(std::move(loop));
    }
}

}  // namespace mlgenn::passes
