// SPDX-License-Identifier: Apache-2.0
// The rules of program.h and stmt.h, checked after every pass: a pass that breaks one is found where it happens.
#include <map>
#include <string>

#include "compiler/ir/program.h"
#include "mlgenn/errors.h"

namespace mlgenn::ir {
namespace {

class Verifier {
public:
    Verifier(const Program& program, VerifyStage stage) : program_(program), stage_(stage) {}

    void phase(const Phase& phase) {
        where_ = "phase '" + phase.name + "'";
        if (phase.population >= program_.populations.size()) {
            fail("belongs to no population");
        }
        locals_.clear();
        indices_ = {{"t", 1}, {"io_row", 1}, {"step", 1}};
        block(phase.body);
    }

    void score(const ScoreFunction& score) {
        where_ = "score function '" + score.plan.entry_point + "'";
        locals_.clear();
        indices_.clear();
        block(score.body);
    }

private:
    [[noreturn]] void fail(const std::string& problem) const {
        throw InternalError("program '" + program_.name + "', " + where_ + ": " + problem);
    }

    const Buffer& buffer(BufferId id) const {
        if (static_cast<std::size_t>(id) >= program_.buffers.size()) {
            fail("uses a buffer that does not exist");
        }
        return program_.buffer(id);
    }

    void expect_type(const ExprPtr& e, Type type, const char* what) const {
        if (!e) {
            fail(std::string(what) + " is missing");
        }
        expr(e);
        if (e->type != type) {
            fail(std::string(what) + " has the wrong type in " + print(program_, e));
        }
    }

    void expr(const ExprPtr& root) const {
        for_each_expr(root, [&](const Expr& e) {
            std::visit(Overload{
                           [&](const LocalRef& n) {
                               const auto found = locals_.find(n.name);
                               if (found == locals_.end()) {
                                   fail("reads local '" + n.name + "' before it exists");
                               }
                               if (found->second != e.type) {
                                   fail("reads local '" + n.name + "' with another type");
                               }
                           },
                           [&](const IndexRef& n) {
                               const auto found = indices_.find(n.name);
                               if (found == indices_.end() || found->second == 0) {
                                   fail("reads index '" + n.name + "' outside its loop");
                               }
                           },
                           [&](const Load& n) {
                               if (value_type(buffer(n.buffer).storage) != e.type) {
                                   fail("loads '" + buffer(n.buffer).name + "' with another type");
                               }
                               if (n.index->type != Type::u32) {
                                   fail("indexes '" + buffer(n.buffer).name + "' with something that is not u32");
                               }
                           },
                           [&](const Binary& n) {
                               if (n.left->type != n.right->type) {
                                   fail("combines different types");
                               }
                               if (n.op == BinaryOp::multiply_high && n.left->type != Type::u32) {
                                   fail("multiplies high what is not u32");
                               }
                           },
                           [&](const Select& n) {
                               if (n.condition->type != Type::boolean || n.if_true->type != n.if_false->type) {
                                   fail("selects between different types");
                               }
                           },
                           [&](const Bitcast& n) {
                               if (n.operand->type == Type::boolean || e.type == Type::boolean) {
                                   fail("takes the bits of a bool");
                               }
                           },
                           [](const auto&) {},
                       },
                       e.node);
        });
    }

    void queue(QueueId id, std::uint32_t delay) const {
        if (static_cast<std::size_t>(id) >= program_.queues.size()) {
            fail("reads a queue that does not exist");
        }
        if (delay > program_.queue(id).max_delay) {
            fail("reads spikes that are older than the queue keeps");
        }
    }

    void write(BufferId id, const ExprPtr& index, const ExprPtr& value) const {
        const Buffer& target = buffer(id);
        if (target.space == Space::constant) {
            fail("writes constant '" + target.name + "'");
        }
        expect_type(index, Type::u32, "index");
        expect_type(value, value_type(target.storage), "value");
    }

    void declare(const std::string& name, Type type) { locals_[name] = type; }

    void inner(const Block& body, const std::string& index) {
        const auto saved = locals_;
        if (!index.empty()) {
            ++indices_[index];
        }
        block(body);
        if (!index.empty()) {
            --indices_[index];
        }
        locals_ = saved;
    }

    void block(const Block& statements) {
        for (const StmtPtr& stmt : statements) {
            std::visit([&](const auto& node) { check(node); }, stmt->node);
        }
    }

    void check(const Let& s) {
        expr(s.value);
        declare(s.name, s.value->type);
    }
    void check(const Assign& s) {
        const auto found = locals_.find(s.name);
        if (found == locals_.end()) {
            fail("assigns local '" + s.name + "' before it exists");
        }
        expect_type(s.value, found->second, s.name.c_str());
    }
    void check(const Store& s) { write(s.buffer, s.index, s.value); }
    void check(const AddTo& s) { write(s.buffer, s.index, s.value); }
    void check(const If& s) {
        expect_type(s.condition, Type::boolean, "condition");
        inner(s.then_body, "");
        inner(s.else_body, "");
    }
    void check(const For& s) {
        expect_type(s.begin, Type::u32, "loop begin");
        expect_type(s.end, Type::u32, "loop end");
        inner(s.body, s.index);
    }
    void check(const ForSpikes& s) {
        queue(s.queue, s.delay);
        inner(s.body, s.index);
    }
    void check(const Accumulate& s) {
        if (stage_ == VerifyStage::expanded) {
            fail("still has an Accumulate");
        }
        expect_type(s.target, Type::u32, "target");
        expr(s.weight);
        if (s.delay) {
            expect_type(s.delay, Type::u32, "delay");
            if (program_.accumulator(s.accumulator).ring_slots < 2) {
                fail("delays synapses of connection '" + program_.accumulator(s.accumulator).connection +
                     "', which has no ring");
            }
        }
    }
    void check(const Receive& s) {
        if (stage_ == VerifyStage::expanded) {
            fail("still has a Receive");
        }
        expect_type(s.target, Type::u32, "target");
        if (s.base) {
            expect_type(s.base, Type::f32, "base");
        }
        if (s.as_integer && (s.base || program_.accumulator(s.accumulator).form != Accumulator::Form::i32)) {
            fail("receives integers from connection '" + program_.accumulator(s.accumulator).connection +
                 "', which has none, or adds them to a base");
        }
        declare(s.local, s.as_integer ? Type::i32 : Type::f32);
    }
    void check(const SumSpikes& s) {
        queue(s.queue, s.delay);
        expr(s.init);
        ++indices_[s.index];
        expect_type(s.value, s.init->type, "summand");
        --indices_[s.index];
        declare(s.local, s.init->type);
    }
    void check(const EmitSpike& s) {
        queue(s.queue, 0);
        expect_type(s.neuron, Type::u32, "neuron");
        expect_type(s.condition, Type::boolean, "condition");
        if (s.raster && buffer(*s.raster).storage != Storage::u32) {
            fail("raster is not u32");
        }
    }

    const Program& program_;
    VerifyStage stage_;
    std::string where_;
    std::map<std::string, Type> locals_;
    std::map<std::string, int> indices_;
};

}  // namespace

void verify(const Program& program, VerifyStage stage) {
    Verifier verifier(program, stage);
    for (const Buffer& buffer : program.buffers) {
        if (buffer.space == Space::constant &&
            (!buffer.data || buffer.data->size() != buffer.count * size_of(buffer.storage))) {
            throw InternalError("program '" + program.name + "': constant '" + buffer.name + "' lacks its data");
        }
    }
    for (const TimeLoop& loop : program.loops) {
        for (const Phase& phase : loop.phases) {
            verifier.phase(phase);
        }
    }
    for (const ScoreFunction& score : program.scores) {
        verifier.score(score);
    }
}

}  // namespace mlgenn::ir
