// SPDX-License-Identifier: Apache-2.0
// Statements: locals, stores, conditions as masks, loops as lanes, spikes.
#include <llvm/IR/IntrinsicsX86.h>

#include "compiler/backends/llvm/generator.h"

namespace mlgenn::backends::llvm_backend {

namespace {

bool contains_sum(const ir::Block& body) {
    bool found = false;
    ir::for_each_stmt(body, [&](const ir::Stmt& s) { found = found || std::holds_alternative<ir::SumSpikes>(s.node); });
    return found;
}

/// Whether it pays to pass over a body that no lane runs. Not where it reads spike lists, which are looked up once.
bool worth_a_branch(const ir::Block& body) {
    constexpr std::size_t many = 40;
    std::size_t num_statements = 0;
    bool has_lists = false;
    ir::for_each_stmt(body, [&](const ir::Stmt& s) {
        num_statements += std::holds_alternative<ir::For>(s.node) ? many : 1;
        has_lists =
            has_lists || std::holds_alternative<ir::SumSpikes>(s.node) || std::holds_alternative<ir::ForSpikes>(s.node);
    });
    return num_statements >= many && !has_lists;
}

}  // namespace

Value* Generator::both(Value* a, Value* c) {
    if (a == nullptr || c == nullptr) {
        return a == nullptr ? c : a;
    }
    return b_.CreateAnd(a, c);
}

Value* Generator::effect_mask(unsigned part) {
    Value* mask = both(block_->masks[part], condition_mask(part));
    return mask != nullptr ? mask : llvm::ConstantInt::getTrue(vector_of(b_.getInt1Ty()));
}

void Generator::block(const ir::Block& statements) {
    for (const ir::StmtPtr& stmt : statements) {
        std::visit([&](const auto& node) { emit(node); }, stmt->node);
    }
}

void Generator::declare(const std::string& name, const Lanes& value, Type type) {
    Local local{value.uniform, value.uniform ? scalar_type(type) : vector_of(scalar_type(type)), {}};
    for (Value* part : value.parts) {
        local.slots.push_back(stack_slot(local.type, name));
        b_.CreateStore(part, local.slots.back());
    }
    locals_[name] = std::move(local);
}

void Generator::emit(const ir::Let& s) {
    Lanes value = eval(s.value);
    if (block_ != nullptr && !index_only(s.value)) {
        value = spread(std::move(value));
    }
    declare(s.name, value, s.value->type);
}

bool Generator::index_only(const ir::ExprPtr& e) const {
    return e->type == Type::u32 && is_uniform(e) && !std::holds_alternative<ir::Literal>(e->node);
}

void Generator::emit(const ir::Assign& s) {
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

Value* Generator::narrow(Value* value, Storage storage) {
    llvm::Type* type = storage_type(storage);
    if (type->isFloatTy() || type->getScalarSizeInBits() == 32) {
        return value;
    }
    return b_.CreateTrunc(value, value->getType()->isVectorTy() ? vector_of(type) : type);
}

void Generator::write(ir::BufferId id, const ir::ExprPtr& index, const ir::ExprPtr& value, bool add) {
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

Value* Generator::sum(Value* a, Value* c) {
    return a->getType()->isFPOrFPVectorTy() ? b_.CreateFAdd(a, c) : b_.CreateAdd(a, c);
}

void Generator::write_scalar(Value* place, Value* value, Storage storage, bool add) {
    const llvm::Align align(size_of(storage));
    if (add) {
        value = sum(widen(b_.CreateAlignedLoad(storage_type(storage), place, align), storage), value);
    }
    b_.CreateAlignedStore(narrow(value, storage), place, align);
}

void Generator::write_contiguous(ir::BufferId id, const ir::ExprPtr& index, const Lanes& values, Storage storage,
                                 bool add) {
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

void Generator::write_scattered(ir::BufferId id, const ir::ExprPtr& index, const Lanes& values, Storage storage,
                                bool add) {
    llvm::Type* type = storage_type(storage);
    const llvm::Align align(size_of(storage));
    const Lanes indices = spread(eval(index));
    for (unsigned part = 0; part < block_->parts; ++part) {
        Value* places =
            b_.CreateGEP(type, buffer_address(id), b_.CreateZExt(indices.parts[part], vector_of(b_.getInt64Ty())));
        Value* value = values.parts[part];
        if (add) {
            value =
                sum(widen(b_.CreateMaskedGather(vector_of(type), places, align, effect_mask(part)), storage), value);
        }
        b_.CreateMaskedScatter(narrow(value, storage), places, align, effect_mask(part));
    }
}

void Generator::emit(const ir::If& s) {
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
    masked(s.then_body, yes);
    masked(s.else_body, no);
}

void Generator::masked(const ir::Block& body, const llvm::SmallVector<Value*, 8>& mask) {
    if (body.empty()) {
        return;
    }
    conditions_.push_back(mask);
    if (worth_a_branch(body)) {
        Value* any = mask.front();
        for (Value* part : llvm::ArrayRef<Value*>(mask).drop_front()) {
            any = b_.CreateOr(any, part);
        }
        branch(
            b_.CreateOrReduce(any), [&] { scoped(body); }, [] {});
    } else {
        scoped(body);
    }
    conditions_.pop_back();
}

void Generator::scoped(const ir::Block& body) {
    const std::map<std::string, Local> outer = locals_;
    block(body);
    locals_ = outer;
}

void Generator::emit(const ir::For& s) {
    if (s.kind == ir::LoopKind::parallel && block_ == nullptr) {
        parallel_loop(s);
        return;
    }
    counted_loop(uniform(s.begin), uniform(s.end), s.index, [&](Value* index) {
        indices_[s.index] = index;
        scoped(s.body);
    });
}

void Generator::parallel_loop(const ir::For& s) {
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

void Generator::dynamic_lanes(const ir::For& s) {
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

void Generator::lanes_at(const ir::For& s, Value* base, unsigned parts, llvm::SmallVector<Value*, 8> masks) {
    masks.resize(parts, nullptr);
    Block lanes{s.index, base, parts, std::move(masks)};
    block_ = &lanes;
    scoped(s.body);
    block_ = nullptr;
}

void Generator::emit(const ir::ForSpikes& s) {
    const SpikeList list = spike_list(s.queue, s.delay);
    counted_loop(b_.getInt32(0), list.count, "spike", [&](Value* number) {
        indices_[s.index] = b_.CreateLoad(b_.getInt32Ty(), b_.CreateGEP(b_.getInt32Ty(), list.ids, number), s.index);
        scoped(s.body);
    });
}

void Generator::emit(const ir::SumSpikes& s) {
    if (block_ == nullptr) {
        throw InternalError("SumSpikes outside a parallel loop");
    }
    const SpikeList list = spike_list(s.queue, s.delay);
    declare(s.local, spread(eval(s.init)), s.init->type);
    const Local local = locals_.at(s.local);
    counted_loop(b_.getInt32(0), list.count, "spike", [&](Value* number) {
        indices_[s.index] = b_.CreateLoad(b_.getInt32Ty(), b_.CreateGEP(b_.getInt32Ty(), list.ids, number), s.index);
        const Lanes value = spread(eval(s.value));
        for (unsigned part = 0; part < block_->parts; ++part) {
            Value* old = b_.CreateLoad(local.type, local.slots[part]);
            b_.CreateStore(sum(old, value.parts[part]), local.slots[part]);
        }
    });
}

void Generator::emit(const ir::EmitSpike& s) {
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

Value* Generator::numbered_lanes(Value* first) {
    llvm::SmallVector<llvm::Constant*, 16> offsets;
    for (unsigned lane = 0; lane < target_.lanes; ++lane) {
        offsets.push_back(b_.getInt32(lane));
    }
    return b_.CreateAdd(b_.CreateVectorSplat(target_.lanes, first), llvm::ConstantVector::get(offsets));
}

void Generator::store_raster(ir::BufferId raster, const ir::EmitSpike& s, Value* bits, unsigned part) {
    const std::uint32_t words = (program_.queue(s.queue).num_neurons + 31) / 32;
    Value* row =
        b_.CreateMul(b_.CreateZExt(indices_.at("io_row"), b_.getInt64Ty()), b_.getInt64(std::uint64_t{words} * 4));
    Value* byte = b_.CreateLShr(b_.CreateZExt(first_lane(s.neuron, part), b_.getInt64Ty()), 3);
    Value* place = b_.CreateGEP(b_.getInt8Ty(), buffer_address(raster), b_.CreateAdd(row, byte));
    b_.CreateAlignedStore(bits, place, llvm::Align(1));
}

void Generator::append(ir::QueueId queue, Value* ids, Value* numbers, Value* mask, Value* bits) {
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

void Generator::append_bit_by_bit(ir::QueueId queue, Value* ids, Value* numbers, Value* bits, Value* count) {
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
    llvm::Value* to = b_.CreateGEP(i32, ids, place);
    b_.CreateStore(b_.CreateLoad(i32, b_.CreateGEP(i32, lanes, lane)), to);
    Value* rest = b_.CreateAnd(left, b_.CreateSub(left, b_.getInt32(1)));
    Value* next = b_.CreateAdd(place, b_.getInt32(1));
    left->addIncoming(rest, head);
    place->addIncoming(next, head);
    b_.CreateCondBr(b_.CreateICmpNE(rest, b_.getInt32(0)), head, done);
    b_.SetInsertPoint(done);
    b_.CreateStore(next, emitted_.at(queue));
}

}  // namespace mlgenn::backends::llvm_backend
