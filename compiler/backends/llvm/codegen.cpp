// SPDX-License-Identifier: Apache-2.0
#include "compiler/backends/llvm/codegen.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicsX86.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <algorithm>
#include <map>
#include <set>

#include "mlgenn/errors.h"
#include "mlgenn/executor.h"

namespace mlgenn::backends::llvm_backend {
namespace {

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

bool contains_sum(const ir::Block& body) {
    bool found = false;
    ir::for_each_stmt(body, [&](const ir::Stmt& s) { found = found || std::holds_alternative<ir::SumSpikes>(s.node); });
    return found;
}

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

    void run() {
        std::vector<llvm::Function*> loops;
        for (std::size_t k = 0; k < program_.loops.size(); ++k) {
            loops.push_back(time_loop(program_.loops[k], k));
        }
        entry(loops);
        for (const ir::ScoreFunction& score : program_.scores) {
            score_function(score);
        }
    }

private:
    // --- functions -------------------------------------------------------------------------------------------------

    llvm::Function* function(const std::string& name, llvm::ArrayRef<llvm::Type*> arguments, bool exported) {
        auto* type = llvm::FunctionType::get(b_.getVoidTy(), arguments, false);
        auto* f = llvm::Function::Create(
            type, exported ? llvm::Function::ExternalLinkage : llvm::Function::InternalLinkage, name, module_);
        f->addFnAttr("target-cpu", target_.cpu);
        f->addFnAttr("target-features", target_.features);
        f->addFnAttr("prefer-vector-width", target_.lanes == 16 ? "512" : "256");
        f->addFnAttr("denormal-fp-math", "preserve-sign,preserve-sign");
        f->addFnAttr(llvm::Attribute::NoUnwind);
        function_ = f;
        entry_ = llvm::BasicBlock::Create(module_.getContext(), "entry", f);
        b_.SetInsertPoint(entry_);
        locals_.clear();
        indices_.clear();
        return f;
    }

    /// One time loop over [t_begin, t_end); `step` counts on from the workspace's counter.
    llvm::Function* time_loop(const ir::TimeLoop& loop, std::size_t number) {
        auto* ptr = b_.getPtrTy();
        auto* i32 = b_.getInt32Ty();
        std::string name = "time_loop_" + std::to_string(number);
        llvm::Function* f = function(name, {ptr, ptr, ptr, i32, i32, i32}, false);
        f->addFnAttr(llvm::Attribute::NoInline);
        for (const unsigned argument : {0U, 1U}) {
            f->addParamAttr(argument, llvm::Attribute::NoAlias);
            f->addParamAttr(argument, llvm::Attribute::getWithAlignment(module_.getContext(), llvm::Align(64)));
        }
        f->addParamAttr(0, llvm::Attribute::ReadOnly);
        constants_ = f->getArg(0);
        workspace_ = f->getArg(1);
        arguments_ = f->getArg(2);
        Value* t_begin = f->getArg(3);
        counted_loop(t_begin, f->getArg(4), "t", [&](Value* t) {
            indices_["t"] = t;
            step_ = b_.CreateAdd(f->getArg(5), b_.CreateSub(t, t_begin), "step");
            for (const ir::Phase& phase : loop.phases) {
                emit_phase(phase);
            }
        });
        b_.CreateRetVoid();
        return f;
    }

    void emit_phase(const ir::Phase& phase) {
        locals_.clear();
        lists_.clear();
        emitted_.clear();
        std::set<ir::QueueId> emits;
        ir::for_each_stmt(phase.body, [&](const ir::Stmt& stmt) {
            if (const auto* s = std::get_if<ir::ForSpikes>(&stmt.node)) {
                spike_list(s->queue, s->delay);
            } else if (const auto* sum = std::get_if<ir::SumSpikes>(&stmt.node)) {
                spike_list(sum->queue, sum->delay);
            } else if (const auto* emit = std::get_if<ir::EmitSpike>(&stmt.node)) {
                emits.insert(emit->queue);
            }
        });
        for (const ir::QueueId queue : emits) {
            emitted_[queue] = stack_slot(b_.getInt32Ty(), program_.queue(queue).population + ".count");
            b_.CreateStore(b_.getInt32(0), emitted_[queue]);
        }
        block(phase.body);
        for (const ir::QueueId queue : emits) {
            Value* counts = buffer_address(program_.queue(queue).counts);
            Value* count = b_.CreateLoad(b_.getInt32Ty(), emitted_[queue]);
            b_.CreateStore(count, b_.CreateGEP(b_.getInt32Ty(), counts, slot(queue, 0)));
        }
    }

    void entry(const std::vector<llvm::Function*>& loops) {
        auto* ptr = b_.getPtrTy();
        auto* i32 = b_.getInt32Ty();
        llvm::Function* f = function(entry_point, {ptr}, true);
        const auto field = [&](unsigned offset, llvm::Type* type) {
            return b_.CreateLoad(type, b_.CreateConstGEP1_64(b_.getInt8Ty(), f->getArg(0), offset));
        };
        Value* constants = field(offsetof(CpuRunArguments, constants), ptr);
        Value* workspace = field(offsetof(CpuRunArguments, workspace), ptr);
        Value* arguments = field(offsetof(CpuRunArguments, arguments), ptr);
        Value* t_begin = field(offsetof(CpuRunArguments, t_begin), i32);
        Value* t_end = field(offsetof(CpuRunArguments, t_end), i32);
        Value* counter = b_.CreateConstGEP1_64(b_.getInt8Ty(), workspace, program_.step_counter_location);
        Value* first_step = b_.CreateLoad(i32, counter);
        const auto run_loops = [&](Value* begin, Value* end) {
            Value* step = b_.CreateAdd(first_step, b_.CreateSub(begin, t_begin));
            for (llvm::Function* loop : loops) {
                b_.CreateCall(loop, {constants, workspace, arguments, begin, end, step});
            }
        };
        if (loops.size() == 1) {
            run_loops(t_begin, t_end);
        } else {
            Value* chunk = b_.getInt32(program_.schedule.chunk);
            Value* num_chunks =
                b_.CreateUDiv(b_.CreateAdd(b_.CreateSub(t_end, t_begin), b_.CreateSub(chunk, b_.getInt32(1))), chunk);
            counted_loop(b_.getInt32(0), num_chunks, "chunk", [&](Value* number) {
                Value* begin = b_.CreateAdd(t_begin, b_.CreateMul(number, chunk));
                Value* end = b_.CreateAdd(begin, chunk);
                run_loops(begin, b_.CreateSelect(b_.CreateICmpULT(end, t_end), end, t_end));
            });
        }
        b_.CreateStore(b_.CreateAdd(first_step, b_.CreateSub(t_end, t_begin)), counter);
        b_.CreateRetVoid();
    }

    void score_function(const ir::ScoreFunction& score) {
        auto* ptr = b_.getPtrTy();
        llvm::Function* f = function(score.plan.entry_point, {ptr, ptr, ptr}, true);
        score_arguments_ = {f->getArg(0), f->getArg(1), f->getArg(2)};
        block(score.body);
        score_arguments_.clear();
        b_.CreateRetVoid();
    }

    // --- memory ----------------------------------------------------------------------------------------------------

    llvm::AllocaInst* stack_slot(llvm::Type* type, const llvm::Twine& name) {
        llvm::IRBuilder<> at_entry(entry_, entry_->begin());
        return at_entry.CreateAlloca(type, nullptr, name);
    }

    Value* buffer_address(ir::BufferId id) {
        const ir::Buffer& buffer = program_.buffer(id);
        switch (buffer.space) {
            case ir::Space::constant:
                return b_.CreateConstGEP1_64(b_.getInt8Ty(), constants_, buffer.location, buffer.name);
            case ir::Space::workspace:
                return b_.CreateConstGEP1_64(b_.getInt8Ty(), workspace_, buffer.location, buffer.name);
            case ir::Space::argument:
                break;
        }
        if (!score_arguments_.empty()) {
            return score_arguments_[buffer.location];
        }
        Value* place = b_.CreateConstGEP1_64(b_.getPtrTy(), arguments_, buffer.location);
        return b_.CreateLoad(b_.getPtrTy(), place, buffer.name);
    }

    llvm::Type* storage_type(Storage storage) {
        return storage == Storage::f32
                   ? b_.getFloatTy()
                   : static_cast<llvm::Type*>(b_.getIntNTy(8 * static_cast<unsigned>(size_of(storage))));
    }

    llvm::Type* scalar_type(Type type) {
        switch (type) {
            case Type::boolean:
                return b_.getInt1Ty();
            case Type::u32:
            case Type::i32:
                return b_.getInt32Ty();
            case Type::f32:
                return b_.getFloatTy();
        }
        throw InternalError("unknown IR type");
    }

    llvm::Type* vector_of(llvm::Type* type) const { return llvm::FixedVectorType::get(type, target_.lanes); }

    Value* element_address(ir::BufferId id, Value* index) {
        Value* wide = b_.CreateZExt(index, b_.getInt64Ty());
        return b_.CreateGEP(storage_type(program_.buffer(id).storage), buffer_address(id), wide);
    }

    /// Narrow integers become i32.
    Value* widen(Value* value, Storage storage) {
        llvm::Type* type = value->getType();
        if (type->getScalarType()->isFloatTy() || type->getScalarSizeInBits() == 32) {
            return value;
        }
        llvm::Type* wide = type->isVectorTy() ? vector_of(b_.getInt32Ty()) : static_cast<llvm::Type*>(b_.getInt32Ty());
        return ir::value_type(storage) == Type::i32 ? b_.CreateSExt(value, wide) : b_.CreateZExt(value, wide);
    }

    Value* slot(ir::QueueId queue, std::uint32_t delay) {
        const ir::SpikeQueue& q = program_.queue(queue);
        return b_.CreateAnd(b_.CreateSub(step_, b_.getInt32(delay)), b_.getInt32(q.slots - 1));
    }

    Value* ids_address(ir::QueueId queue, std::uint32_t delay) {
        const ir::SpikeQueue& q = program_.queue(queue);
        Value* start = b_.CreateMul(b_.CreateZExt(slot(queue, delay), b_.getInt64Ty()), b_.getInt64(q.stride));
        return b_.CreateGEP(b_.getInt32Ty(), buffer_address(q.ids), start);
    }

    const SpikeList& spike_list(ir::QueueId queue, std::uint32_t delay) {
        const auto key = std::make_pair(queue, delay);
        auto found = lists_.find(key);
        if (found == lists_.end()) {
            Value* counts = buffer_address(program_.queue(queue).counts);
            Value* count = b_.CreateLoad(b_.getInt32Ty(), b_.CreateGEP(b_.getInt32Ty(), counts, slot(queue, delay)));
            found = lists_.emplace(key, SpikeList{ids_address(queue, delay), count}).first;
        }
        return found->second;
    }

    // --- control flow ----------------------------------------------------------------------------------------------

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

    // --- expressions -----------------------------------------------------------------------------------------------

    [[nodiscard]] bool is_lane_index(const std::string& name) const {
        return block_ != nullptr && block_->index == name;
    }

    [[nodiscard]] bool is_uniform(const ir::ExprPtr& e) const {
        bool uniform = true;
        ir::for_each_expr(e, [&](const ir::Expr& n) {
            if (const auto* index = std::get_if<ir::IndexRef>(&n.node)) {
                uniform = uniform && !is_lane_index(index->name);
            } else if (const auto* local = std::get_if<ir::LocalRef>(&n.node)) {
                uniform = uniform && locals_.at(local->name).uniform;
            }
        });
        return uniform;
    }

    /// True if `e` is uniform + lane index, so that neighbouring lanes touch neighbouring elements.
    [[nodiscard]] bool is_contiguous(const ir::ExprPtr& e) const {
        if (const auto* index = std::get_if<ir::IndexRef>(&e->node)) {
            return is_lane_index(index->name);
        }
        const auto* sum = std::get_if<ir::Binary>(&e->node);
        return sum != nullptr && sum->op == ir::BinaryOp::add &&
               ((is_contiguous(sum->left) && is_uniform(sum->right)) ||
                (is_uniform(sum->left) && is_contiguous(sum->right)));
    }

    /// Value of a contiguous index in lane 0 of a part.
    Value* first_lane(const ir::ExprPtr& e, unsigned part) {
        if (std::holds_alternative<ir::IndexRef>(e->node)) {
            return b_.CreateAdd(block_->base, b_.getInt32(part * target_.lanes));
        }
        const auto& sum = std::get<ir::Binary>(e->node);
        return is_contiguous(sum.left) ? b_.CreateAdd(first_lane(sum.left, part), uniform(sum.right))
                                       : b_.CreateAdd(uniform(sum.left), first_lane(sum.right, part));
    }

    Value* uniform(const ir::ExprPtr& e) {
        const Lanes value = eval(e);
        if (!value.uniform) {
            throw InternalError("a value that differs between lanes stands where one value is needed: " +
                                ir::print(program_, e));
        }
        return value.parts[0];
    }

    Lanes spread(Lanes value) {
        if (value.uniform) {
            value.parts.assign(block_->parts, b_.CreateVectorSplat(target_.lanes, value.parts[0]));
            value.uniform = false;
        }
        return value;
    }

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

    Lanes eval(const ir::ExprPtr& e) {
        return std::visit([&](const auto& node) { return eval_node(*e, node); }, e->node);
    }

    Lanes eval_node(const ir::Expr& e, const ir::Literal& n) {
        switch (e.type) {
            case Type::boolean:
                return scalar(b_.getInt1(n.bits != 0));
            case Type::u32:
            case Type::i32:
                return scalar(b_.getInt32(n.bits));
            case Type::f32:
                return scalar(llvm::ConstantFP::get(
                    module_.getContext(), llvm::APFloat(llvm::APFloat::IEEEsingle(), llvm::APInt(32, n.bits))));
        }
        throw InternalError("unknown IR type");
    }

    Lanes eval_node(const ir::Expr&, const ir::LocalRef& n) {
        const Local& local = locals_.at(n.name);
        Lanes result{local.uniform, {}};
        for (llvm::AllocaInst* place : local.slots) {
            result.parts.push_back(b_.CreateLoad(local.type, place, n.name));
        }
        return result;
    }

    Lanes eval_node(const ir::Expr&, const ir::IndexRef& n) {
        return is_lane_index(n.name) ? lane_numbers(block_->base) : scalar(indices_.at(n.name));
    }

    Lanes lane_numbers(Value* base) {
        Lanes result{false, {}};
        for (unsigned part = 0; part < block_->parts; ++part) {
            llvm::SmallVector<llvm::Constant*, 16> offsets;
            for (unsigned lane = 0; lane < target_.lanes; ++lane) {
                offsets.push_back(b_.getInt32(part * target_.lanes + lane));
            }
            result.parts.push_back(
                b_.CreateAdd(b_.CreateVectorSplat(target_.lanes, base), llvm::ConstantVector::get(offsets)));
        }
        return result;
    }

    Lanes eval_node(const ir::Expr&, const ir::Load& n) {
        const Storage storage = program_.buffer(n.buffer).storage;
        llvm::Type* type = storage_type(storage);
        const llvm::Align align(size_of(storage));
        if (is_uniform(n.index)) {
            return scalar(
                widen(b_.CreateAlignedLoad(type, element_address(n.buffer, uniform(n.index)), align), storage));
        }
        Lanes result{false, {}};
        if (is_contiguous(n.index)) {
            Value* first = element_address(n.buffer, first_lane(n.index, 0));
            for (unsigned part = 0; part < block_->parts; ++part) {
                Value* place = b_.CreateConstGEP1_64(type, first, std::uint64_t{part} * target_.lanes);
                result.parts.push_back(widen(b_.CreateAlignedLoad(vector_of(type), place, align), storage));
            }
            return result;
        }
        const Lanes index = spread(eval(n.index));
        for (unsigned part = 0; part < block_->parts; ++part) {
            Value* wide = b_.CreateZExt(index.parts[part], vector_of(b_.getInt64Ty()));
            Value* places = b_.CreateGEP(type, buffer_address(n.buffer), wide);
            result.parts.push_back(
                widen(b_.CreateMaskedGather(vector_of(type), places, align, effect_mask(part)), storage));
        }
        return result;
    }

    Lanes eval_node(const ir::Expr&, const ir::Unary& n) {
        const Type type = n.operand->type;
        return combine({eval(n.operand)}, [&](llvm::ArrayRef<Value*> v) { return unary(n.op, type, v[0]); });
    }

    Value* unary(ir::UnaryOp op, Type type, Value* v) {
        const bool is_float = type == Type::f32;
        switch (op) {
            case ir::UnaryOp::negate:
                return is_float ? b_.CreateFNeg(v) : b_.CreateNeg(v);
            case ir::UnaryOp::logical_not:
                return b_.CreateNot(v);
            case ir::UnaryOp::abs:
                return is_float ? b_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, v)
                                : b_.CreateBinaryIntrinsic(llvm::Intrinsic::abs, v, b_.getFalse());
            case ir::UnaryOp::sqrt:
                return b_.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, v);
            case ir::UnaryOp::floor:
                return b_.CreateUnaryIntrinsic(llvm::Intrinsic::floor, v);
            case ir::UnaryOp::ceil:
                return b_.CreateUnaryIntrinsic(llvm::Intrinsic::ceil, v);
            case ir::UnaryOp::rint:
                return b_.CreateUnaryIntrinsic(llvm::Intrinsic::rint, v);
        }
        throw InternalError("unknown unary operation");
    }

    Lanes eval_node(const ir::Expr&, const ir::Binary& n) {
        const Type type = n.left->type;
        return combine({eval(n.left), eval(n.right)}, [&](llvm::ArrayRef<Value*> v) {
            return type == Type::f32 ? float_binary(n.op, v[0], v[1]) : int_binary(n.op, type == Type::i32, v[0], v[1]);
        });
    }

    Value* float_binary(ir::BinaryOp op, Value* a, Value* c) {
        using Op = ir::BinaryOp;
        switch (op) {
            case Op::add:
                return b_.CreateFAdd(a, c);
            case Op::subtract:
                return b_.CreateFSub(a, c);
            case Op::multiply:
                return b_.CreateFMul(a, c);
            case Op::divide:
                return b_.CreateFDiv(a, c);
            case Op::minimum:
                return b_.CreateSelect(b_.CreateFCmpOLT(a, c), a, c);
            case Op::maximum:
                return b_.CreateSelect(b_.CreateFCmpOGT(a, c), a, c);
            case Op::less:
                return b_.CreateFCmpOLT(a, c);
            case Op::less_equal:
                return b_.CreateFCmpOLE(a, c);
            case Op::greater:
                return b_.CreateFCmpOGT(a, c);
            case Op::greater_equal:
                return b_.CreateFCmpOGE(a, c);
            case Op::equal:
                return b_.CreateFCmpOEQ(a, c);
            case Op::not_equal:
                return b_.CreateFCmpUNE(a, c);
            default:
                throw InternalError("operation does not exist for f32");
        }
    }

    Value* int_binary(ir::BinaryOp op, bool is_signed, Value* a, Value* c) {
        using Op = ir::BinaryOp;
        const auto compare = [&](llvm::CmpInst::Predicate s, llvm::CmpInst::Predicate u) {
            return b_.CreateICmp(is_signed ? s : u, a, c);
        };
        using P = llvm::CmpInst;
        switch (op) {
            case Op::add:
                return b_.CreateAdd(a, c);
            case Op::subtract:
                return b_.CreateSub(a, c);
            case Op::multiply:
                return b_.CreateMul(a, c);
            case Op::divide:
                return is_signed ? b_.CreateSDiv(a, c) : b_.CreateUDiv(a, c);
            case Op::remainder:
                return is_signed ? b_.CreateSRem(a, c) : b_.CreateURem(a, c);
            case Op::minimum:
                return b_.CreateBinaryIntrinsic(is_signed ? llvm::Intrinsic::smin : llvm::Intrinsic::umin, a, c);
            case Op::maximum:
                return b_.CreateBinaryIntrinsic(is_signed ? llvm::Intrinsic::smax : llvm::Intrinsic::umax, a, c);
            case Op::bit_and:
                return b_.CreateAnd(a, c);
            case Op::bit_or:
                return b_.CreateOr(a, c);
            case Op::bit_xor:
                return b_.CreateXor(a, c);
            case Op::shift_left:
                return b_.CreateShl(a, c);
            case Op::shift_right:
                return is_signed ? b_.CreateAShr(a, c) : b_.CreateLShr(a, c);
            case Op::less:
                return compare(P::ICMP_SLT, P::ICMP_ULT);
            case Op::less_equal:
                return compare(P::ICMP_SLE, P::ICMP_ULE);
            case Op::greater:
                return compare(P::ICMP_SGT, P::ICMP_UGT);
            case Op::greater_equal:
                return compare(P::ICMP_SGE, P::ICMP_UGE);
            case Op::equal:
                return b_.CreateICmpEQ(a, c);
            case Op::not_equal:
                return b_.CreateICmpNE(a, c);
        }
        throw InternalError("unknown binary operation");
    }

    Lanes eval_node(const ir::Expr&, const ir::Fma& n) {
        return combine({eval(n.left), eval(n.right), eval(n.addend)}, [&](llvm::ArrayRef<Value*> v) {
            return b_.CreateIntrinsic(llvm::Intrinsic::fma, {v[0]->getType()}, {v[0], v[1], v[2]});
        });
    }

    Lanes eval_node(const ir::Expr&, const ir::Select& n) {
        return combine({eval(n.condition), eval(n.if_true), eval(n.if_false)},
                       [&](llvm::ArrayRef<Value*> v) { return b_.CreateSelect(v[0], v[1], v[2]); });
    }

    Lanes eval_node(const ir::Expr& e, const ir::Convert& n) {
        const Type from = n.operand->type;
        return combine({eval(n.operand)}, [&](llvm::ArrayRef<Value*> v) { return converted(v[0], from, e.type); });
    }

    Value* converted(Value* v, Type from, Type to) {
        llvm::Type* type = scalar_type(to);
        if (v->getType()->isVectorTy()) {
            type = vector_of(type);
        }
        if (to == Type::f32) {
            return from == Type::i32 ? b_.CreateSIToFP(v, type) : b_.CreateUIToFP(v, type);
        }
        if (to == Type::boolean) {
            throw InternalError("conversion to bool: compare with zero instead");
        }
        if (from == Type::f32) {
            return to == Type::i32 ? b_.CreateFPToSI(v, type) : b_.CreateFPToUI(v, type);
        }
        return from == Type::boolean ? b_.CreateZExt(v, type) : v;
    }

    // --- masks -----------------------------------------------------------------------------------------------------

    /// Lanes that a conditional statement reaches; null: all.
    Value* condition_mask(unsigned part) { return conditions_.empty() ? nullptr : conditions_.back()[part]; }

    Value* both(Value* a, Value* c) {
        if (a == nullptr || c == nullptr) {
            return a == nullptr ? c : a;
        }
        return b_.CreateAnd(a, c);
    }

    /// Lanes whose effects may be seen, as a full mask.
    Value* effect_mask(unsigned part) {
        Value* mask = both(block_->masks[part], condition_mask(part));
        return mask != nullptr ? mask : llvm::ConstantInt::getTrue(vector_of(b_.getInt1Ty()));
    }

    bool all_lanes(unsigned part) { return block_->masks[part] == nullptr && condition_mask(part) == nullptr; }

    // --- statements ------------------------------------------------------------------------------------------------

    void block(const ir::Block& statements) {
        for (const ir::StmtPtr& stmt : statements) {
            std::visit([&](const auto& node) { emit(node); }, stmt->node);
        }
    }

    void declare(const std::string& name, const Lanes& value, Type type) {
        Local local{value.uniform, value.uniform ? scalar_type(type) : vector_of(scalar_type(type)), {}};
        for (Value* part : value.parts) {
            local.slots.push_back(stack_slot(local.type, name));
            b_.CreateStore(part, local.slots.back());
        }
        locals_[name] = std::move(local);
    }

    /// Locals of a parallel loop may be assigned per lane later, so they are per lane from the start.
    void emit(const ir::Let& s) {
        Lanes value = eval(s.value);
        if (block_ != nullptr && !index_only(s.value)) {
            value = spread(std::move(value));
        }
        declare(s.name, value, s.value->type);
    }

    /// Integers computed from loop indices alone stay one value: they address memory.
    [[nodiscard]] bool index_only(const ir::ExprPtr& e) const {
        return e->type == Type::u32 && is_uniform(e) && !std::holds_alternative<ir::Literal>(e->node);
    }

    void emit(const ir::Assign& s) {
        Local& local = locals_.at(s.name);
        Lanes value = eval(s.value);
        if (!local.uniform) {
            value = spread(std::move(value));
        } else if (!value.uniform) {
            throw InternalError("local '" + s.name + "' cannot hold different values per lane");
        }
        for (std::size_t part = 0; part < local.slots.size(); ++part) {
            Value* result = value.parts[part];
            if (Value* mask = local.uniform ? nullptr : condition_mask(static_cast<unsigned>(part))) {
                result = b_.CreateSelect(mask, result, b_.CreateLoad(local.type, local.slots[part]));
            }
            b_.CreateStore(result, local.slots[part]);
        }
    }

    Value* narrow(Value* value, Storage storage) {
        llvm::Type* type = storage_type(storage);
        if (type->isFloatTy() || type->getScalarSizeInBits() == 32) {
            return value;
        }
        return b_.CreateTrunc(value, value->getType()->isVectorTy() ? vector_of(type) : type);
    }

    void emit(const ir::Store& s) { write(s.buffer, s.index, s.value, false); }
    void emit(const ir::AddTo& s) { write(s.buffer, s.index, s.value, true); }

    void write(ir::BufferId id, const ir::ExprPtr& index, const ir::ExprPtr& value, bool add) {
        const Storage storage = program_.buffer(id).storage;
        if (block_ == nullptr) {
            Value* place = element_address(id, uniform(index));
            write_scalar(place, uniform(value), storage, add);
            return;
        }
        const Lanes values = spread(eval(value));
        if (is_contiguous(index)) {
            write_contiguous(id, index, values, storage, add);
        } else {
            write_scattered(id, index, values, storage, add);
        }
    }

    Value* sum(Value* a, Value* c) {
        return a->getType()->isFPOrFPVectorTy() ? b_.CreateFAdd(a, c) : b_.CreateAdd(a, c);
    }

    void write_scalar(Value* place, Value* value, Storage storage, bool add) {
        const llvm::Align align(size_of(storage));
        if (add) {
            value = sum(widen(b_.CreateAlignedLoad(storage_type(storage), place, align), storage), value);
        }
        b_.CreateAlignedStore(narrow(value, storage), place, align);
    }

    void write_contiguous(ir::BufferId id, const ir::ExprPtr& index, const Lanes& values, Storage storage, bool add) {
        llvm::Type* type = storage_type(storage);
        const llvm::Align align(size_of(storage));
        Value* first = element_address(id, first_lane(index, 0));
        for (unsigned part = 0; part < block_->parts; ++part) {
            Value* place = b_.CreateConstGEP1_64(type, first, std::uint64_t{part} * target_.lanes);
            Value* value = values.parts[part];
            if (add) {
                value = sum(widen(b_.CreateAlignedLoad(vector_of(type), place, align), storage), value);
            }
            value = narrow(value, storage);
            if (all_lanes(part)) {
                b_.CreateAlignedStore(value, place, align);
            } else {
                b_.CreateMaskedStore(value, place, align, effect_mask(part));
            }
        }
    }

    void write_scattered(ir::BufferId id, const ir::ExprPtr& index, const Lanes& values, Storage storage, bool add) {
        llvm::Type* type = storage_type(storage);
        const llvm::Align align(size_of(storage));
        const Lanes indices = spread(eval(index));
        for (unsigned part = 0; part < block_->parts; ++part) {
            Value* places =
                b_.CreateGEP(type, buffer_address(id), b_.CreateZExt(indices.parts[part], vector_of(b_.getInt64Ty())));
            Value* value = values.parts[part];
            if (add) {
                value = sum(widen(b_.CreateMaskedGather(vector_of(type), places, align, effect_mask(part)), storage),
                            value);
            }
            b_.CreateMaskedScatter(narrow(value, storage), places, align, effect_mask(part));
        }
    }

    void emit(const ir::If& s) {
        const Lanes condition = eval(s.condition);
        if (condition.uniform) {
            branch(
                condition.parts[0], [&] { scoped(s.then_body); }, [&] { scoped(s.else_body); });
            return;
        }
        llvm::SmallVector<Value*, 8> yes;
        llvm::SmallVector<Value*, 8> no;
        for (unsigned part = 0; part < block_->parts; ++part) {
            yes.push_back(both(condition.parts[part], condition_mask(part)));
            no.push_back(both(b_.CreateNot(condition.parts[part]), condition_mask(part)));
        }
        masked(s.then_body, std::move(yes));
        masked(s.else_body, std::move(no));
    }

    void masked(const ir::Block& body, llvm::SmallVector<Value*, 8> mask) {
        if (!body.empty()) {
            conditions_.push_back(std::move(mask));
            scoped(body);
            conditions_.pop_back();
        }
    }

    /// Locals that the body declares end with it.
    void scoped(const ir::Block& body) {
        const std::map<std::string, Local> outer = locals_;
        block(body);
        locals_ = outer;
    }

    void emit(const ir::For& s) {
        if (s.kind == ir::LoopKind::parallel && block_ == nullptr) {
            parallel_loop(s);
            return;
        }
        counted_loop(uniform(s.begin), uniform(s.end), s.index, [&](Value* index) {
            indices_[s.index] = index;
            scoped(s.body);
        });
    }

    void parallel_loop(const ir::For& s) {
        const auto* end = std::get_if<ir::Literal>(&s.end->node);
        if (end == nullptr || !ir::is_literal(s.begin, 0)) {
            dynamic_lanes(s);
            return;
        }
        const unsigned vectors = end->bits / target_.lanes;
        const unsigned tail = end->bits % target_.lanes;
        const unsigned limit = contains_sum(s.body) ? target_.max_parts : std::min(4U, target_.max_parts);
        unsigned parts = std::clamp(vectors, 1U, limit);
        for (unsigned candidate = limit; candidate * 2 > limit; --candidate) {
            if (vectors > limit && vectors % candidate == 0) {
                parts = candidate;
                break;
            }
        }
        const unsigned blocks = vectors / parts;
        if (blocks == 1) {
            lanes_at(s, b_.getInt32(0), parts, {});
        } else if (blocks > 1) {
            counted_loop(
                b_.getInt32(0), b_.getInt32(blocks * parts * target_.lanes), s.index,
                [&](Value* base) { lanes_at(s, base, parts, {}); }, parts * target_.lanes);
        }
        const unsigned rest = vectors - blocks * parts + (tail != 0 ? 1 : 0);
        if (rest != 0) {
            llvm::SmallVector<Value*, 8> masks(rest, nullptr);
            if (tail != 0) {
                llvm::SmallVector<llvm::Constant*, 16> inside;
                for (unsigned lane = 0; lane < target_.lanes; ++lane) {
                    inside.push_back(b_.getInt1(lane < tail));
                }
                masks.back() = llvm::ConstantVector::get(inside);
            }
            lanes_at(s, b_.getInt32(blocks * parts * target_.lanes), rest, std::move(masks));
        }
    }

    /// Bounds that are only known at run time: one vector at a time, lanes beyond the end masked out.
    void dynamic_lanes(const ir::For& s) {
        Value* end = uniform(s.end);
        counted_loop(
            uniform(s.begin), end, s.index,
            [&](Value* base) {
                Block probe{s.index, base, 1, {nullptr}};
                block_ = &probe;
                Value* numbers = lane_numbers(base).parts[0];
                block_ = nullptr;
                Value* inside = b_.CreateICmpULT(numbers, b_.CreateVectorSplat(target_.lanes, end));
                lanes_at(s, base, 1, {inside});
            },
            target_.lanes);
    }

    void lanes_at(const ir::For& s, Value* base, unsigned parts, llvm::SmallVector<Value*, 8> masks) {
        masks.resize(parts, nullptr);
        Block lanes{s.index, base, parts, std::move(masks)};
        block_ = &lanes;
        scoped(s.body);
        block_ = nullptr;
    }

    void emit(const ir::ForSpikes& s) {
        const SpikeList list = spike_list(s.queue, s.delay);
        counted_loop(b_.getInt32(0), list.count, "spike", [&](Value* number) {
            indices_[s.index] =
                b_.CreateLoad(b_.getInt32Ty(), b_.CreateGEP(b_.getInt32Ty(), list.ids, number), s.index);
            scoped(s.body);
        });
    }

    /// The sum stays in registers while the spike list is walked.
    void emit(const ir::SumSpikes& s) {
        if (block_ == nullptr) {
            throw InternalError("SumSpikes outside a parallel loop");
        }
        const SpikeList list = spike_list(s.queue, s.delay);
        declare(s.local, spread(eval(s.init)), s.init->type);
        const Local local = locals_.at(s.local);
        counted_loop(b_.getInt32(0), list.count, "spike", [&](Value* number) {
            indices_[s.index] =
                b_.CreateLoad(b_.getInt32Ty(), b_.CreateGEP(b_.getInt32Ty(), list.ids, number), s.index);
            const Lanes value = spread(eval(s.value));
            for (unsigned part = 0; part < block_->parts; ++part) {
                Value* old = b_.CreateLoad(local.type, local.slots[part]);
                b_.CreateStore(sum(old, value.parts[part]), local.slots[part]);
            }
        });
    }

    void emit(const ir::EmitSpike& s) {
        if (block_ == nullptr) {
            throw InternalError("EmitSpike outside a parallel loop");
        }
        const Lanes condition = spread(eval(s.condition));
        Value* ids = ids_address(s.queue, 0);
        const bool counted = is_contiguous(s.neuron);
        const Lanes neurons = counted ? Lanes{} : spread(eval(s.neuron));
        for (unsigned part = 0; part < block_->parts; ++part) {
            Value* mask = b_.CreateAnd(condition.parts[part], effect_mask(part));
            Value* bits = b_.CreateBitCast(mask, b_.getIntNTy(target_.lanes), "fired");
            if (s.raster) {
                store_raster(*s.raster, s, bits, part);
            }
            branch(
                b_.CreateICmpNE(bits, llvm::ConstantInt::get(bits->getType(), 0)),
                [&] {
                    Value* numbers = counted ? numbered_lanes(first_lane(s.neuron, part)) : neurons.parts[part];
                    append(s.queue, ids, numbers, mask, bits);
                },
                [] {});
        }
    }

    Value* numbered_lanes(Value* first) {
        llvm::SmallVector<llvm::Constant*, 16> offsets;
        for (unsigned lane = 0; lane < target_.lanes; ++lane) {
            offsets.push_back(b_.getInt32(lane));
        }
        return b_.CreateAdd(b_.CreateVectorSplat(target_.lanes, first), llvm::ConstantVector::get(offsets));
    }

    /// One part's bits of row t. Lanes are a multiple of 8, so parts start at whole bytes.
    void store_raster(ir::BufferId raster, const ir::EmitSpike& s, Value* bits, unsigned part) {
        const std::uint32_t words = (program_.queue(s.queue).num_neurons + 31) / 32;
        Value* row =
            b_.CreateMul(b_.CreateZExt(indices_.at("t"), b_.getInt64Ty()), b_.getInt64(std::uint64_t{words} * 4));
        Value* byte = b_.CreateLShr(b_.CreateZExt(first_lane(s.neuron, part), b_.getInt64Ty()), 3);
        Value* place = b_.CreateGEP(b_.getInt8Ty(), buffer_address(raster), b_.CreateAdd(row, byte));
        b_.CreateAlignedStore(bits, place, llvm::Align(1));
    }

    /// Appends the lanes of `mask`, in order. Queues leave room for a whole vector after the last neuron.
    void append(ir::QueueId queue, Value* ids, Value* numbers, Value* mask, Value* bits) {
        auto* i32 = b_.getInt32Ty();
        Value* count = b_.CreateLoad(i32, emitted_.at(queue));
        if (target_.has_compress) {
            Value* packed = b_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_mask_compress, {numbers->getType()},
                                               {numbers, llvm::Constant::getNullValue(numbers->getType()), mask});
            b_.CreateAlignedStore(packed, b_.CreateGEP(i32, ids, count), llvm::Align(4));
            Value* added = b_.CreateZExt(b_.CreateUnaryIntrinsic(llvm::Intrinsic::ctpop, bits), i32);
            b_.CreateStore(b_.CreateAdd(count, added), emitted_.at(queue));
            return;
        }
        append_bit_by_bit(queue, ids, numbers, bits, count);
    }

    void append_bit_by_bit(ir::QueueId queue, Value* ids, Value* numbers, Value* bits, Value* count) {
        auto* i32 = b_.getInt32Ty();
        llvm::AllocaInst* lanes = stack_slot(numbers->getType(), "numbers");
        b_.CreateStore(numbers, lanes);
        auto* before = b_.GetInsertBlock();
        auto* head = llvm::BasicBlock::Create(module_.getContext(), "append", function_);
        auto* done = llvm::BasicBlock::Create(module_.getContext(), "append.done", function_);
        Value* all = b_.CreateZExt(bits, i32);
        b_.CreateBr(head);
        b_.SetInsertPoint(head);
        auto* left = b_.CreatePHI(i32, 2);
        auto* place = b_.CreatePHI(i32, 2);
        left->addIncoming(all, before);
        place->addIncoming(count, before);
        Value* lane = b_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, left, b_.getTrue());
        b_.CreateStore(b_.CreateLoad(i32, b_.CreateGEP(i32, lanes, lane)), b_.CreateGEP(i32, ids, place));
        Value* rest = b_.CreateAnd(left, b_.CreateSub(left, b_.getInt32(1)));
        Value* next = b_.CreateAdd(place, b_.getInt32(1));
        left->addIncoming(rest, head);
        place->addIncoming(next, head);
        b_.CreateCondBr(b_.CreateICmpNE(rest, b_.getInt32(0)), head, done);
        b_.SetInsertPoint(done);
        b_.CreateStore(next, emitted_.at(queue));
    }

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
    /// The parallel loop that is being emitted, if any, and the conditions around the statement at hand.
    const Block* block_ = nullptr;
    std::vector<llvm::SmallVector<Value*, 8>> conditions_;
};

}  // namespace

std::unique_ptr<llvm::Module> generate_module(llvm::LLVMContext& context, const ir::Program& program,
                                              const Target& target, const llvm::TargetMachine& machine) {
    auto module = std::make_unique<llvm::Module>(program.name, context);
    module->setDataLayout(machine.createDataLayout());
    module->setTargetTriple(target.triple);
    Generator(*module, program, target).run();
    std::string problems;
    llvm::raw_string_ostream stream(problems);
    if (llvm::verifyModule(*module, &stream)) {
        throw InternalError("generated LLVM IR is broken: " + problems);
    }
    return module;
}

}  // namespace mlgenn::backends::llvm_backend
