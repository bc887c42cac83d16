// SPDX-License-Identifier: Apache-2.0
// Functions of a module: time loops, the entry point, score functions.
#include "compiler/backends/llvm/codegen.h"

#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <set>

#include "compiler/backends/llvm/generator.h"
#include "mlgenn/executor.h"

namespace mlgenn::backends::llvm_backend {

void Generator::run() {
    std::vector<llvm::Function*> loops;
    for (std::size_t k = 0; k < program_.loops.size(); ++k) {
        loops.push_back(time_loop(program_.loops[k], k));
    }
    entry(loops);
    for (const ir::ScoreFunction& score : program_.scores) {
        score_function(score);
    }
}

llvm::Function* Generator::function(const std::string& name, llvm::ArrayRef<llvm::Type*> arguments, bool exported) {
    auto* type = llvm::FunctionType::get(b_.getVoidTy(), arguments, false);
    auto* f = llvm::Function::Create(type, exported ? llvm::Function::ExternalLinkage : llvm::Function::InternalLinkage,
                                     name, module_);
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

llvm::Function* Generator::time_loop(const ir::TimeLoop& loop, std::size_t number) {
    auto* ptr = b_.getPtrTy();
    auto* i32 = b_.getInt32Ty();
    std::string name = "time_loop_" + std::to_string(number);
    llvm::Function* f = function(name, {ptr, ptr, ptr, i32, i32, i32, i32}, false);
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
    start_clock();
    counted_loop(t_begin, f->getArg(4), "t", [&](Value* t) {
        Value* done = b_.CreateSub(t, t_begin);
        indices_["t"] = t;
        indices_["io_row"] = b_.CreateAdd(f->getArg(5), done, "row");
        step_ = b_.CreateAdd(f->getArg(6), done, "step");
        indices_["step"] = step_;
        for (const ir::Phase& phase : loop.phases) {
            emit_phase(phase);
            end_phase();
        }
    });
    b_.CreateRetVoid();
    return f;
}

llvm::Value* Generator::ticks() {
    return b_.CreateIntrinsic(llvm::Intrinsic::readcyclecounter, {}, {});
}

void Generator::add_to_counter(std::size_t number, Value* value) {
    auto* i64 = b_.getInt64Ty();
    Value* place = b_.CreateConstGEP1_64(i64, buffer_address(*program_.profile_buffer), number);
    b_.CreateStore(b_.CreateAdd(b_.CreateLoad(i64, place), value), place);
}

void Generator::start_clock() {
    if (program_.profile_buffer) {
        phase_began_ = stack_slot(b_.getInt64Ty(), "phase_began");
        b_.CreateStore(ticks(), phase_began_);
    }
}

/// What happened since the last phase ended belongs to this one.
void Generator::end_phase() {
    if (program_.profile_buffer) {
        Value* now = ticks();
        add_to_counter(phases_ended_++, b_.CreateSub(now, b_.CreateLoad(b_.getInt64Ty(), phase_began_)));
        b_.CreateStore(now, phase_began_);
    }
}

void Generator::emit_phase(const ir::Phase& phase) {
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
        if (program_.profile_buffer) {
            add_to_counter(program_.profile->phases.size() + static_cast<std::size_t>(queue),
                           b_.CreateZExt(count, b_.getInt64Ty()));
        }
    }
}

void Generator::entry(const std::vector<llvm::Function*>& loops) {
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
    Value* row_begin = field(offsetof(CpuRunArguments, row_begin), i32);
    Value* counter = b_.CreateConstGEP1_64(b_.getInt8Ty(), workspace, program_.step_counter_location);
    Value* first_step = b_.CreateLoad(i32, counter);
    const auto run_loops = [&](Value* begin, Value* end) {
        Value* done = b_.CreateSub(begin, t_begin);
        Value* row = b_.CreateAdd(row_begin, done);
        Value* step = b_.CreateAdd(first_step, done);
        for (llvm::Function* loop : loops) {
            b_.CreateCall(loop, {constants, workspace, arguments, begin, end, row, step});
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
            Value* left = b_.CreateSub(t_end, begin);
            Value* size = b_.CreateSelect(b_.CreateICmpULT(left, chunk), left, chunk);
            run_loops(begin, b_.CreateAdd(begin, size));
        });
    }
    b_.CreateStore(b_.CreateAdd(first_step, b_.CreateSub(t_end, t_begin)), counter);
    b_.CreateRetVoid();
}

void Generator::score_function(const ir::ScoreFunction& score) {
    auto* ptr = b_.getPtrTy();
    llvm::Function* f = function(score.plan.entry_point, {ptr, ptr, ptr}, true);
    score_arguments_ = {f->getArg(0), f->getArg(1), f->getArg(2)};
    block(score.body);
    score_arguments_.clear();
    b_.CreateRetVoid();
}

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
