// SPDX-License-Identifier: Apache-2.0
// The generator behind codegen.h. The one header that includes LLVM: only the files beside it may include it.
//
// Neurons of a parallel loop are lanes: a block of `parts` vectors of `lanes` neurons each. A value that is the same
// for all of them stays scalar ("uniform"), so that it can address memory; everything else is one vector per part.
#pragma once

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compiler/backends/llvm/codegen.h"
#include "mlgenn/errors.h"

namespace mlgenn::backends::llvm_backend {

using ir::Type;
using llvm::Value;

/// A value of the program: one scalar, or one vector per part of the block of neurons at hand.
struct Lanes {
    bool uniform = true;
    llvm::SmallVector<Value*, 8> parts;
};

/// A mutable local: a stack slot per part (SROA turns them into registers).
struct Local {
    bool uniform = true;
    llvm::Type* type = nullptr;
    llvm::SmallVector<llvm::AllocaInst*, 8> slots;
};

/// The parallel loop at hand: `parts` vectors of neurons from `base` on; masks[p] is null where all lanes are inside.
struct Block {
    std::string index;
    Value* base = nullptr;
    unsigned parts = 1;
    llvm::SmallVector<Value*, 8> masks;
};

/// Spikes of one queue, some steps ago: list and length.
struct SpikeList {
    Value* ids = nullptr;
    Value* count = nullptr;
};

class Generator {
public:
    Generator(llvm::Module& module, const ir::Program& program, const Target& target)
        : module_(module), program_(program), target_(target), b_(module.getContext()) {
        if (program.accumulation == Accumulation::fast) {
            llvm::FastMathFlags flags;
            flags.setAllowContract(true);
            b_.setFastMathFlags(flags);
        }
    }

    void run();

private:
    llvm::Function* function(const std::string& name, llvm::ArrayRef<llvm::Type*> arguments, bool exported);

    /// One time loop over [t_begin, t_end); `io_row` and `step` count on from the arguments' and the workspace's
    /// counter.
    llvm::Function* time_loop(const ir::TimeLoop& loop, std::size_t number);

    void emit_phase(const ir::Phase& phase);

    /// For profiles: the processor's time stamps, summed up per phase.
    Value* ticks();
    void add_to_counter(std::size_t number, Value* value);
    void start_clock();
    void end_phase();

    void entry(const std::vector<llvm::Function*>& loops);

    void score_function(const ir::ScoreFunction& score);

    llvm::AllocaInst* stack_slot(llvm::Type* type, const llvm::Twine& name);

    Value* buffer_address(ir::BufferId id);

    llvm::Type* storage_type(Storage storage);

    llvm::Type* scalar_type(Type type);

    llvm::Type* vector_of(llvm::Type* type) const { return llvm::FixedVectorType::get(type, target_.lanes); }

    Value* element_address(ir::BufferId id, Value* index);

    /// Narrow integers become i32.
    Value* widen(Value* value, Storage storage);

    Value* slot(ir::QueueId queue, std::uint32_t delay);

    Value* ids_address(ir::QueueId queue, std::uint32_t delay);

    const SpikeList& spike_list(ir::QueueId queue, std::uint32_t delay);

    template <class Body>
    void counted_loop(Value* begin, Value* end, const std::string& name, const Body& body, unsigned stride = 1) {
        auto& context = module_.getContext();
        auto* preheader = b_.GetInsertBlock();
        auto* head = llvm::BasicBlock::Create(context, name, function_);
        auto* done = llvm::BasicBlock::Create(context, name + ".done", function_);
        b_.CreateCondBr(b_.CreateICmpULT(begin, end), head, done);
        b_.SetInsertPoint(head);
        auto* index = b_.CreatePHI(b_.getInt32Ty(), 2, name);
        index->addIncoming(begin, preheader);
        body(index);
        Value* next = b_.CreateAdd(index, b_.getInt32(stride));
        index->addIncoming(next, b_.GetInsertBlock());
        b_.CreateCondBr(b_.CreateICmpULT(next, end), head, done);
        b_.SetInsertPoint(done);
    }

    template <class Then, class Else>
    void branch(Value* condition, const Then& then_body, const Else& else_body) {
        auto& context = module_.getContext();
        auto* then_block = llvm::BasicBlock::Create(context, "then", function_);
        auto* else_block = llvm::BasicBlock::Create(context, "else", function_);
        auto* join = llvm::BasicBlock::Create(context, "join", function_);
        b_.CreateCondBr(condition, then_block, else_block);
        b_.SetInsertPoint(then_block);
        then_body();
        b_.CreateBr(join);
        b_.SetInsertPoint(else_block);
        else_body();
        b_.CreateBr(join);
        b_.SetInsertPoint(join);
    }

    [[nodiscard]] bool is_lane_index(const std::string& name) const;

    [[nodiscard]] bool is_uniform(const ir::ExprPtr& e) const;

    /// True if `e` is uniform + lane index, so that neighbouring lanes touch neighbouring elements.
    [[nodiscard]] bool is_contiguous(const ir::ExprPtr& e) const;

    /// Value of a contiguous index in lane 0 of a part.
    Value* first_lane(const ir::ExprPtr& e, unsigned part);

    Value* uniform(const ir::ExprPtr& e);

    Lanes spread(Lanes value);

    Lanes scalar(Value* value) { return {true, {value}}; }

    template <class Make>
    Lanes combine(llvm::ArrayRef<Lanes> operands, const Make& make_value) {
        const bool all_uniform =
            std::all_of(operands.begin(), operands.end(), [](const Lanes& v) { return v.uniform; });
        llvm::SmallVector<Value*, 4> values(operands.size());
        if (all_uniform) {
            std::transform(operands.begin(), operands.end(), values.begin(), [](const Lanes& v) { return v.parts[0]; });
            return scalar(make_value(values));
        }
        llvm::SmallVector<Lanes, 4> wide;
        for (const Lanes& operand : operands) {
            wide.push_back(spread(operand));
        }
        Lanes result{false, {}};
        for (unsigned part = 0; part < block_->parts; ++part) {
            std::transform(wide.begin(), wide.end(), values.begin(), [&](const Lanes& v) { return v.parts[part]; });
            result.parts.push_back(make_value(values));
        }
        return result;
    }

    Lanes eval(const ir::ExprPtr& e);

    Lanes eval_node(const ir::Expr& e, const ir::Literal& n);

    Lanes eval_node(const ir::Expr&, const ir::LocalRef& n);

    Lanes eval_node(const ir::Expr&, const ir::IndexRef& n);

    Lanes lane_numbers(Value* base);

    Lanes eval_node(const ir::Expr&, const ir::Load& n);

    Lanes eval_node(const ir::Expr&, const ir::Unary& n);

    Value* unary(ir::UnaryOp op, Type type, Value* v);

    Lanes eval_node(const ir::Expr&, const ir::Binary& n);

    Value* float_binary(ir::BinaryOp op, Value* a, Value* c);

    Value* int_binary(ir::BinaryOp op, bool is_signed, Value* a, Value* c);

    Value* upper_product(Value* a, Value* c);
    Lanes eval_node(const ir::Expr&, const ir::Fma& n);

    Lanes eval_node(const ir::Expr&, const ir::Select& n);

    Lanes eval_node(const ir::Expr& e, const ir::Convert& n);

    Lanes eval_node(const ir::Expr& e, const ir::Bitcast& n);
    Value* converted(Value* v, Type from, Type to);

    /// Lanes that a conditional statement reaches; null: all.
    Value* condition_mask(unsigned part) { return conditions_.empty() ? nullptr : conditions_.back()[part]; }

    Value* both(Value* a, Value* c);

    /// Lanes whose effects may be seen, as a full mask.
    Value* effect_mask(unsigned part);

    bool all_lanes(unsigned part) { return block_->masks[part] == nullptr && condition_mask(part) == nullptr; }

    void block(const ir::Block& statements);

    void declare(const std::string& name, const Lanes& value, Type type);

    /// Locals of a parallel loop may be assigned per lane later, so they are per lane from the start.
    void emit(const ir::Let& s);

    /// Integers computed from loop indices alone stay one value: they address memory.
    [[nodiscard]] bool index_only(const ir::ExprPtr& e) const;

    void emit(const ir::Assign& s);

    Value* narrow(Value* value, Storage storage);

    void emit(const ir::Store& s) { write(s.buffer, s.index, s.value, false); }
    void emit(const ir::AddTo& s) { write(s.buffer, s.index, s.value, true); }

    void write(ir::BufferId id, const ir::ExprPtr& index, const ir::ExprPtr& value, bool add);

    Value* sum(Value* a, Value* c);

    void write_scalar(Value* place, Value* value, Storage storage, bool add);

    void write_contiguous(ir::BufferId id, const ir::ExprPtr& index, const Lanes& values, Storage storage, bool add);

    void write_scattered(ir::BufferId id, const ir::ExprPtr& index, const Lanes& values, Storage storage, bool add);

    void emit(const ir::If& s);

    void masked(const ir::Block& body, const llvm::SmallVector<Value*, 8>& mask);

    /// Locals that the body declares end with it.
    void scoped(const ir::Block& body);

    void emit(const ir::For& s);

    void parallel_loop(const ir::For& s);

    /// Bounds that are only known at run time: one vector at a time, lanes beyond the end masked out.
    void dynamic_lanes(const ir::For& s);

    void lanes_at(const ir::For& s, Value* base, unsigned parts, llvm::SmallVector<Value*, 8> masks);

    void emit(const ir::ForSpikes& s);

    /// The sum stays in registers while the spike list is walked.
    void emit(const ir::SumSpikes& s);

    void emit(const ir::EmitSpike& s);

    Value* numbered_lanes(Value* first);

    /// One part's bits of row t. Lanes are a multiple of 8, so parts start at whole bytes.
    void store_raster(ir::BufferId raster, const ir::EmitSpike& s, Value* bits, unsigned part);

    /// Appends the lanes of `mask`, in order. Queues leave room for a whole vector after the last neuron.
    void append(ir::QueueId queue, Value* ids, Value* numbers, Value* mask, Value* bits);

    void append_bit_by_bit(ir::QueueId queue, Value* ids, Value* numbers, Value* bits, Value* count);

    template <class Node>
    void emit(const Node&) {
        throw InternalError("a statement reached code generation that expand_accumulators should have replaced");
    }

    llvm::Module& module_;
    const ir::Program& program_;
    const Target& target_;
    llvm::IRBuilder<> b_;

    llvm::Function* function_ = nullptr;
    llvm::BasicBlock* entry_ = nullptr;
    Value* constants_ = nullptr;
    Value* workspace_ = nullptr;
    Value* arguments_ = nullptr;
    /// Steps run since the workspace was made: position in the spike rings.
    Value* step_ = nullptr;
    std::vector<Value*> score_arguments_;

    std::map<std::string, Local> locals_;
    std::map<std::string, Value*> indices_;
    std::map<std::pair<ir::QueueId, std::uint32_t>, SpikeList> lists_;
    std::map<ir::QueueId, llvm::AllocaInst*> emitted_;
    llvm::AllocaInst* phase_began_ = nullptr;
    std::size_t phases_ended_ = 0;
    /// The parallel loop that is being emitted, if any, and the conditions around the statement at hand.
    const Block* block_ = nullptr;
    std::vector<llvm::SmallVector<Value*, 8>> conditions_;
};

}  // namespace mlgenn::backends::llvm_backend
