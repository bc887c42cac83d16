// SPDX-License-Identifier: Apache-2.0
// Expressions as scalars or vectors, and the memory that they come from.
#include "compiler/backends/llvm/generator.h"

namespace mlgenn::backends::llvm_backend {

llvm::AllocaInst* Generator::stack_slot(llvm::Type* type, const llvm::Twine& name) {
    llvm::IRBuilder<> at_entry(entry_, entry_->begin());
    return at_entry.CreateAlloca(type, nullptr, name);
}

Value* Generator::buffer_address(ir::BufferId id) {
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

llvm::Type* Generator::storage_type(Storage storage) {
    return storage == Storage::f32
               ? b_.getFloatTy()
               : static_cast<llvm::Type*>(b_.getIntNTy(8 * static_cast<unsigned>(size_of(storage))));
}

llvm::Type* Generator::scalar_type(Type type) {
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

Value* Generator::element_address(ir::BufferId id, Value* index) {
    Value* wide = b_.CreateZExt(index, b_.getInt64Ty());
    return b_.CreateGEP(storage_type(program_.buffer(id).storage), buffer_address(id), wide);
}

Value* Generator::widen(Value* value, Storage storage) {
    llvm::Type* type = value->getType();
    if (type->getScalarType()->isFloatTy() || type->getScalarSizeInBits() == 32) {
        return value;
    }
    llvm::Type* wide = type->isVectorTy() ? vector_of(b_.getInt32Ty()) : static_cast<llvm::Type*>(b_.getInt32Ty());
    return ir::value_type(storage) == Type::i32 ? b_.CreateSExt(value, wide) : b_.CreateZExt(value, wide);
}

Value* Generator::slot(ir::QueueId queue, std::uint32_t delay) {
    const ir::SpikeQueue& q = program_.queue(queue);
    return b_.CreateAnd(b_.CreateSub(step_, b_.getInt32(delay)), b_.getInt32(q.slots - 1));
}

Value* Generator::ids_address(ir::QueueId queue, std::uint32_t delay) {
    const ir::SpikeQueue& q = program_.queue(queue);
    Value* start = b_.CreateMul(b_.CreateZExt(slot(queue, delay), b_.getInt64Ty()), b_.getInt64(q.stride));
    return b_.CreateGEP(b_.getInt32Ty(), buffer_address(q.ids), start);
}

const SpikeList& Generator::spike_list(ir::QueueId queue, std::uint32_t delay) {
    const auto key = std::make_pair(queue, delay);
    auto found = lists_.find(key);
    if (found == lists_.end()) {
        Value* counts = buffer_address(program_.queue(queue).counts);
        Value* count = b_.CreateLoad(b_.getInt32Ty(), b_.CreateGEP(b_.getInt32Ty(), counts, slot(queue, delay)));
        found = lists_.emplace(key, SpikeList{ids_address(queue, delay), count}).first;
    }
    return found->second;
}

bool Generator::is_lane_index(const std::string& name) const {
    return block_ != nullptr && block_->index == name;
}

bool Generator::is_uniform(const ir::ExprPtr& e) const {
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

bool Generator::is_contiguous(const ir::ExprPtr& e) const {
    if (const auto* index = std::get_if<ir::IndexRef>(&e->node)) {
        return is_lane_index(index->name);
    }
    const auto* sum = std::get_if<ir::Binary>(&e->node);
    return sum != nullptr && sum->op == ir::BinaryOp::add &&
           ((is_contiguous(sum->left) && is_uniform(sum->right)) ||
            (is_uniform(sum->left) && is_contiguous(sum->right)));
}

Value* Generator::first_lane(const ir::ExprPtr& e, unsigned part) {
    if (std::holds_alternative<ir::IndexRef>(e->node)) {
        return b_.CreateAdd(block_->base, b_.getInt32(part * target_.lanes));
    }
    const auto& sum = std::get<ir::Binary>(e->node);
    return is_contiguous(sum.left) ? b_.CreateAdd(first_lane(sum.left, part), uniform(sum.right))
                                   : b_.CreateAdd(uniform(sum.left), first_lane(sum.right, part));
}

Value* Generator::uniform(const ir::ExprPtr& e) {
    const Lanes value = eval(e);
    if (!value.uniform) {
        throw InternalError("a value that differs between lanes stands where one value is needed: " +
                            ir::print(program_, e));
    }
    return value.parts[0];
}

Lanes Generator::spread(Lanes value) {
    if (value.uniform) {
        value.parts.assign(block_->parts, b_.CreateVectorSplat(target_.lanes, value.parts[0]));
        value.uniform = false;
    }
    return value;
}

Lanes Generator::eval(const ir::ExprPtr& e) {
    return std::visit([&](const auto& node) { return eval_node(*e, node); }, e->node);
}

Lanes Generator::eval_node(const ir::Expr& e, const ir::Literal& n) {
    switch (e.type) {
        case Type::boolean:
            return scalar(b_.getInt1(n.bits != 0));
        case Type::u32:
        case Type::i32:
            return scalar(b_.getInt32(n.bits));
        case Type::f32:
            return scalar(llvm::ConstantFP::get(module_.getContext(),
                                                llvm::APFloat(llvm::APFloat::IEEEsingle(), llvm::APInt(32, n.bits))));
    }
    throw InternalError("unknown IR type");
}

Lanes Generator::eval_node(const ir::Expr&, const ir::LocalRef& n) {
    const Local& local = locals_.at(n.name);
    Lanes result{local.uniform, {}};
    for (llvm::AllocaInst* place : local.slots) {
        result.parts.push_back(b_.CreateLoad(local.type, place, n.name));
    }
    return result;
}

Lanes Generator::eval_node(const ir::Expr&, const ir::IndexRef& n) {
    return is_lane_index(n.name) ? lane_numbers(block_->base) : scalar(indices_.at(n.name));
}

Lanes Generator::lane_numbers(Value* base) {
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

Lanes Generator::eval_node(const ir::Expr&, const ir::Load& n) {
    const Storage storage = program_.buffer(n.buffer).storage;
    llvm::Type* type = storage_type(storage);
    const llvm::Align align(size_of(storage));
    if (is_uniform(n.index)) {
        return scalar(widen(b_.CreateAlignedLoad(type, element_address(n.buffer, uniform(n.index)), align), storage));
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

Lanes Generator::eval_node(const ir::Expr&, const ir::Unary& n) {
    const Type type = n.operand->type;
    return combine({eval(n.operand)}, [&](llvm::ArrayRef<Value*> v) { return unary(n.op, type, v[0]); });
}

Value* Generator::unary(ir::UnaryOp op, Type type, Value* v) {
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

Lanes Generator::eval_node(const ir::Expr&, const ir::Binary& n) {
    const Type type = n.left->type;
    return combine({eval(n.left), eval(n.right)}, [&](llvm::ArrayRef<Value*> v) {
        return type == Type::f32 ? float_binary(n.op, v[0], v[1]) : int_binary(n.op, type == Type::i32, v[0], v[1]);
    });
}

Value* Generator::float_binary(ir::BinaryOp op, Value* a, Value* c) {
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

Value* Generator::int_binary(ir::BinaryOp op, bool is_signed, Value* a, Value* c) {
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
        case Op::multiply_high:
            return upper_product(a, c);
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

Value* Generator::upper_product(Value* a, Value* c) {
    llvm::Type* wide = a->getType()->isVectorTy() ? vector_of(b_.getInt64Ty()) : b_.getInt64Ty();
    Value* right = b_.CreateZExt(c, wide);
    Value* product = b_.CreateMul(b_.CreateZExt(a, wide), right);
    return b_.CreateTrunc(b_.CreateLShr(product, 32), a->getType());
}

Lanes Generator::eval_node(const ir::Expr&, const ir::Fma& n) {
    return combine({eval(n.left), eval(n.right), eval(n.addend)}, [&](llvm::ArrayRef<Value*> v) {
        return b_.CreateIntrinsic(llvm::Intrinsic::fma, {v[0]->getType()}, {v[0], v[1], v[2]});
    });
}

Lanes Generator::eval_node(const ir::Expr&, const ir::Select& n) {
    return combine({eval(n.condition), eval(n.if_true), eval(n.if_false)},
                   [&](llvm::ArrayRef<Value*> v) { return b_.CreateSelect(v[0], v[1], v[2]); });
}

Lanes Generator::eval_node(const ir::Expr& e, const ir::Convert& n) {
    const Type from = n.operand->type;
    return combine({eval(n.operand)}, [&](llvm::ArrayRef<Value*> v) { return converted(v[0], from, e.type); });
}

Lanes Generator::eval_node(const ir::Expr& e, const ir::Bitcast& n) {
    return combine({eval(n.operand)}, [&](llvm::ArrayRef<Value*> v) {
        llvm::Type* type = scalar_type(e.type);
        return b_.CreateBitCast(v[0], v[0]->getType()->isVectorTy() ? vector_of(type) : type);
    });
}

Value* Generator::converted(Value* v, Type from, Type to) {
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

}  // namespace mlgenn::backends::llvm_backend
