// SPDX-License-Identifier: Apache-2.0
// Composes a timestep from the program's phases.
#include "compiler/backends/cuda/timestep.h"

#include <algorithm>
#include <set>
#include <vector>

#include "compiler/ir/access.h"
#include "compiler/passes/barriers.h"
#include "mlgenn/errors.h"

namespace mlgenn::cuda {
namespace {

/// A stretch of a timestep between two possible barriers: a statement, or the clearing of a row of spikes.
struct Piece {
    const ir::Phase* phase = nullptr;
    const ir::Stmt* stmt = nullptr;
    std::optional<ir::QueueId> clears;
};

/// Queues whose spikes are set one by one into a row that must be zero before.
std::set<ir::QueueId> queues_to_clear(const ir::Program& program, const ir::Stmt& stmt) {
    const auto* loop = std::get_if<ir::For>(&stmt.node);
    if (loop != nullptr && votes_spikes(program, *loop)) {
        return {};
    }
    std::set<ir::QueueId> result;
    ir::for_each_stmt({std::make_shared<const ir::Stmt>(stmt)}, [&](const ir::Stmt& inner) {
        if (const auto* emit = std::get_if<ir::EmitSpike>(&inner.node)) {
            result.insert(emit->queue);
        }
    });
    return result;
}

std::vector<Piece> pieces_of(const ir::Program& program) {
    std::vector<Piece> pieces;
    for (const ir::Phase& phase : program.loops.front().phases) {
        for (const ir::StmtPtr& stmt : phase.body) {
            for (const ir::QueueId queue : queues_to_clear(program, *stmt)) {
                pieces.push_back({&phase, nullptr, queue});
            }
        }
        for (const ir::StmtPtr& stmt : phase.body) {
            pieces.push_back({&phase, stmt.get(), {}});
        }
    }
    return pieces;
}

std::vector<bool> barriers_of(const ir::Program& program, const std::vector<Piece>& pieces) {
    std::vector<passes::Region> regions;
    for (const Piece& piece : pieces) {
        if (piece.stmt != nullptr) {
            regions.push_back(passes::region_of(program, *piece.stmt));
        } else {
            regions.push_back({{{.kind = passes::Access::Kind::write,
                                 .buffer = {},
                                 .queue = piece.clears,
                                 .delay = 0,
                                 .own = false}}});
        }
    }
    std::vector<bool> barriers = passes::place_barriers(program, regions);
    passes::verify_barriers(program, regions, barriers);
    return barriers;
}

/// Rows of spikes that a program reads, by queue and delay.
std::set<std::pair<ir::QueueId, std::uint32_t>> rows_read(const ir::Program& program) {
    std::set<std::pair<ir::QueueId, std::uint32_t>> rows;
    for (const ir::Phase& phase : program.loops.front().phases) {
        ir::for_each_stmt(phase.body, [&](const ir::Stmt& stmt) {
            if (const auto* spikes = std::get_if<ir::ForSpikes>(&stmt.node)) {
                rows.emplace(spikes->queue, spikes->delay);
            } else if (const auto* sum = std::get_if<ir::SumSpikes>(&stmt.node)) {
                rows.emplace(sum->queue, sum->delay);
            }
        });
    }
    return rows;
}

void print_rows(const ir::Program& program, const NameTable& names, SourceWriter& out) {
    const auto row = [&](ir::QueueId id, const std::string& type, const std::string& name, const std::string& at) {
        const ir::SpikeQueue& queue = program.queue(id);
        out.line(type + " const " + name + " = " + names.ring(id) + " + (" + at + " & " +
                 std::to_string(queue.slots - 1) + ") * " + std::to_string(num_spike_words(queue)) + ";");
    };
    for (std::size_t q = 0; q < program.queues.size(); ++q) {
        const auto id = static_cast<ir::QueueId>(q);
        row(id, "u32*", names.spike_row_now(id), "step");
    }
    for (const auto& [id, delay] : rows_read(program)) {
        if (delay > 0) {
            row(id, "const u32*", names.spike_row(id, delay), "(step - " + std::to_string(delay) + ")");
        }
    }
}

std::string phase_title(const ir::Phase& phase) {
    const char* kind = phase.kind == ir::PhaseKind::read_input       ? "Input of "
                       : phase.kind == ir::PhaseKind::deliver_spikes ? "Spikes through "
                                                                     : "Update of ";
    return std::string("// ") + kind + comment_text(phase.name) +
           (phase.origin.empty() ? "" : ": " + comment_text(phase.origin));
}

/// "hidden: leaky_integrate_fire, update".
std::string origin_text(const ir::Phase& phase) {
    const char* kind = phase.kind == ir::PhaseKind::read_input       ? "input"
                       : phase.kind == ir::PhaseKind::deliver_spikes ? "delivery"
                                                                     : "update";
    return comment_text(phase.name) + ": " + (phase.origin.empty() ? "" : comment_text(phase.origin) + ", ") + kind;
}

std::set<ir::BufferId> buffers_used(const ir::Program& program) {
    std::set<ir::BufferId> used;
    for (const ir::Phase& phase : program.loops.front().phases) {
        ir::for_each_stmt(phase.body, [&](const ir::Stmt& stmt) {
            ir::for_each_element(stmt, [&](ir::BufferId id, const ir::ExprPtr&) { used.insert(id); });
            if (const auto* spikes = std::get_if<ir::ForSpikes>(&stmt.node)) {
                used.insert(program.queue(spikes->queue).ids);
            } else if (const auto* sum = std::get_if<ir::SumSpikes>(&stmt.node)) {
                used.insert(program.queue(sum->queue).ids);
            } else if (const auto* emit = std::get_if<ir::EmitSpike>(&stmt.node)) {
                used.insert(program.queue(emit->queue).ids);
                if (emit->raster) {
                    used.insert(*emit->raster);
                }
            }
        });
    }
    if (program.profile_buffer) {
        used.insert(*program.profile_buffer);
    }
    return used;
}

/// Adds the ticks of a phase that all threads have ended, and the spikes that it emitted.
void end_phase(const ir::Program& program, const NameTable& names, const ir::Phase& phase, std::size_t number,
               const std::string& barrier, SourceWriter& out) {
    if (!program.profile_buffer) {
        return;
    }
    std::set<ir::QueueId> emits;
    ir::for_each_stmt(phase.body, [&](const ir::Stmt& stmt) {
        if (const auto* emit = std::get_if<ir::EmitSpike>(&stmt.node)) {
            emits.insert(emit->queue);
        }
    });
    const std::string counters = "reinterpret_cast<u64*>(" + names.buffer(*program.profile_buffer) + ")";
    out.line(barrier);
    out.open("if (thread == 0)");
    out.line("const u64 profile_now = clock64();");
    out.line(counters + "[" + std::to_string(number) + "] += profile_now - profile_began;");
    for (const ir::QueueId queue : emits) {
        out.open("for (u32 word = 0; word < " + std::to_string(num_spike_words(program.queue(queue))) + "; ++word)");
        out.line(counters + "[" + std::to_string(program.profile->phases.size() + static_cast<std::size_t>(queue)) +
                 "] += u64(__popc(" + names.spike_row_now(queue) + "[word]));");
        out.close();
    }
    out.line("profile_began = clock64();");
    out.close();
}

std::string pointer(const std::string& element, const std::string& name, const std::string& bytes) {
    return element + "* const " + name + " = reinterpret_cast<" + element + "*>(" + bytes + ");";
}

}  // namespace

std::string print_timestep(const PlacedProgram& placed, NameTable& names, const TimestepStyle& style) {
    const ir::Program& program = placed.program;
    const std::vector<Piece> pieces = pieces_of(program);
    const std::vector<bool> barriers = barriers_of(program, pieces);
    SourceWriter out;
    print_rows(program, names, out);
    if (program.profile_buffer) {
        out.line("u64 profile_began = clock64();");
    }
    std::size_t phase_number = 0;
    TeamPrinter printer(program, names, out, style.team);
    for (std::size_t k = 0; k < pieces.size(); ++k) {
        const bool first_of_phase = k == 0 || pieces[k - 1].phase != pieces[k].phase;
        if (first_of_phase) {
            out.blank();
            out.line(phase_title(*pieces[k].phase));
            out.open("");
            out.set_origin(style.origin_comments ? origin_text(*pieces[k].phase) : std::string());
        }
        if (barriers[k]) {
            out.line(style.team.barrier);
        }
        if (pieces[k].stmt != nullptr) {
            printer.region(*pieces[k].stmt);
        } else {
            printer.clear_row(*pieces[k].clears);
        }
        if (k + 1 == pieces.size() || pieces[k + 1].phase != pieces[k].phase) {
            out.set_origin({});
            out.close();
            end_phase(program, names, *pieces[k].phase, phase_number++, style.team.barrier, out);
        }
    }
    return out.take();
}

std::string print_constants(const PlacedProgram& placed, const NameTable& names) {
    const ir::Program& program = placed.program;
    SourceWriter out;
    for (const ir::BufferId id : buffers_used(program)) {
        const ir::Buffer& buffer = program.buffer(id);
        if (buffer.space != ir::Space::constant) {
            continue;
        }
        const std::string type = "const " + storage_name(buffer.storage);
        const StagedConstants* copy = placed.staged_copy(id);
        const std::string place = copy != nullptr ? "mlgenn_shared + " + std::to_string(copy->offset)
                                                  : "constants + " + std::to_string(buffer.location);
        out.line(type + "* __restrict__ const " + names.buffer(id) + " = reinterpret_cast<" + type + "*>(" + place +
                 ");");
    }
    return out.take();
}

std::string print_state(const PlacedProgram& placed, const NameTable& names) {
    const ir::Program& program = placed.program;
    SourceWriter out;
    for (const ir::BufferId id : buffers_used(program)) {
        const ir::Buffer& buffer = program.buffer(id);
        const std::string type = storage_name(buffer.storage);
        const std::string place = std::to_string(buffer.location);
        if (buffer.space == ir::Space::argument) {
            out.line(pointer(type, names.buffer(id), "argument[" + place + "]"));
        } else if (buffer.space == ir::Space::workspace) {
            out.line(
                pointer(type, names.buffer(id), (placed.in_shared_memory(id) ? "shared + " : "workspace + ") + place));
        }
    }
    return out.take();
}

std::string print_register_loads(const PlacedProgram& placed, const NameTable& names) {
    SourceWriter out;
    for (const ir::BufferId id : placed.in_registers) {
        const ir::Buffer& buffer = placed.program.buffer(id);
        const std::string type = storage_name(buffer.storage);
        out.line(type + " " + names.own_element(id) + " = thread < " + std::to_string(buffer.count) + " ? " +
                 names.buffer(id) + "[thread] : " + type + "(0);");
    }
    return out.take();
}

std::string print_register_stores(const PlacedProgram& placed, const NameTable& names) {
    SourceWriter out;
    for (const ir::BufferId id : placed.in_registers) {
        out.open("if (thread < " + std::to_string(placed.program.buffer(id).count) + ")");
        out.line(names.buffer(id) + "[thread] = " + names.own_element(id) + ";");
        out.close();
    }
    return out.take();
}

std::string print_score_buffers(const PlacedProgram& placed, const NameTable& names, const ir::ScoreFunction& score) {
    const ir::Program& program = placed.program;
    const OutputPlan& output = program.outputs.at(score.plan.output);
    const std::string readout_type = storage_name(program.buffer(score.readout).storage);
    const std::string target_type = storage_name(program.buffer(score.target).storage);
    const std::string score_type = storage_name(program.buffer(score.score).storage);
    const std::uint32_t num_targets = score.plan.target == TargetKind::values ? output.num_neurons : 1;
    SourceWriter out;
    out.line("const " + readout_type + "* const " + names.buffer(score.readout) + " = reinterpret_cast<const " +
             readout_type + "*>(workspaces + u64(example) * " + std::to_string(program.workspace_bytes) + " + " +
             std::to_string(output.workspace_offset) + ");");
    out.line("const " + target_type + "* const " + names.buffer(score.target) + " = reinterpret_cast<const " +
             target_type + "*>(targets) + u64(example) * " + std::to_string(num_targets) + ";");
    out.line(score_type + " " + names.buffer(score.score) + "[1];");
    return out.take();
}

std::string print_score_body(const PlacedProgram& placed, NameTable& names, const ir::ScoreFunction& score) {
    SourceWriter out;
    ThreadPrinter printer(placed.program, names, out);
    printer.block(score.body, {});
    return out.take();
}

std::uint32_t useful_threads(const ir::Program& program) {
    std::uint32_t useful = 1;
    for (const ir::Phase& phase : program.loops.front().phases) {
        const bool receives = !program.populations.at(phase.population).sources.empty();
        ir::for_each_stmt(phase.body, [&](const ir::Stmt& stmt) {
            const auto* loop = std::get_if<ir::For>(&stmt.node);
            const auto* end = loop != nullptr ? std::get_if<ir::Literal>(&loop->end->node) : nullptr;
            if (end != nullptr && loop->kind == ir::LoopKind::parallel) {
                useful = std::max(useful, receives ? end->bits : (end->bits + 3) / 4);
            }
        });
    }
    return useful;
}

}  // namespace mlgenn::cuda
