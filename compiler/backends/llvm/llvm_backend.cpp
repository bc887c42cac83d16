// SPDX-License-Identifier: Apache-2.0
#include "compiler/backends/llvm/llvm_backend.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/LICM.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <unistd.h>

#include <mutex>

#include "compiler/backends/kernel_cache.h"
#include "compiler/backends/llvm/codegen.h"
#include "mlgenn/cpu_executor.h"
#include "mlgenn/errors.h"

namespace mlgenn::backends {
namespace {

using llvm_backend::Target;

/// Raised whenever the same program gives other code, so that old cache entries are not used.
constexpr const char* generator_version = "3";

void initialise_llvm() {
    static std::once_flag once;
    std::call_once(once, [] {
        ::llvm::InitializeNativeTarget();
        ::llvm::InitializeNativeTargetAsmPrinter();
    });
}

/// LLVM reports problems as values that must be looked at.
template <class T>
T take(::llvm::Expected<T> value, const char* doing) {
    if (!value) {
        throw BackendError(std::string("LLVM failed while ") + doing + ": " + ::llvm::toString(value.takeError()));
    }
    return std::move(*value);
}

void check(::llvm::Error error, const char* doing) {
    if (error) {
        throw BackendError(std::string("LLVM failed while ") + doing + ": " + ::llvm::toString(std::move(error)));
    }
}

bool host_has(const ::llvm::StringMap<bool>& features, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        if (!features.lookup(name)) {
            return false;
        }
    }
    return true;
}

Target make_target(const std::string& name) {
    Target target;
    target.name = name;
    target.triple = ::llvm::sys::getProcessTriple();
    const bool is_x86 = ::llvm::Triple(target.triple).isX86();
    const auto host = ::llvm::sys::getHostCPUFeatures();
    const bool host_avx512 = is_x86 && host_has(host, {"avx512f", "avx512bw", "avx512dq", "avx512vl"});
    const bool host_avx2 = is_x86 && host_has(host, {"avx2", "fma"});
    if (name == "native") {
        target.cpu = ::llvm::sys::getHostCPUName().str();
        ::llvm::SubtargetFeatures features;
        for (const auto& feature : host) {
            features.AddFeature(feature.first(), feature.second);
        }
        std::vector<std::string> sorted = features.getFeatures();
        std::sort(sorted.begin(), sorted.end());
        target.features = ::llvm::join(sorted, ",");
        target.lanes = host_avx512 ? 16 : 8;
        target.has_compress = host_avx512;
        return target;
    }
    if (name == "avx512" && is_x86) {
        if (!host_avx512) {
            throw BackendError("target 'avx512' cannot run here: this processor has no AVX-512 F, BW, DQ and VL");
        }
        target.cpu = "skylake-avx512";
        target.lanes = 16;
        target.has_compress = true;
        return target;
    }
    if (name == "avx2" && is_x86) {
        if (!host_avx2) {
            throw BackendError("target 'avx2' cannot run here: this processor has no AVX2 and FMA");
        }
        target.cpu = "haswell";
        return target;
    }
    if (name == "generic") {
        target.cpu = is_x86 ? "x86-64" : "generic";
        target.max_parts = 4;
        return target;
    }
    throw BackendError("back end 'llvm' has no target '" + name + "' on this machine; it has: native" +
                       (is_x86 ? ", avx512, avx2" : "") + ", generic");
}

std::unique_ptr<::llvm::TargetMachine> make_machine(const Target& target) {
    initialise_llvm();
    std::string problem;
    const auto* registered = ::llvm::TargetRegistry::lookupTarget(target.triple, problem);
    if (registered == nullptr) {
        throw BackendError("LLVM has no code generator for " + target.triple + ": " + problem);
    }
    ::llvm::TargetOptions options;
    options.AllowFPOpFusion = ::llvm::FPOpFusion::Strict;
    return std::unique_ptr<::llvm::TargetMachine>(
        registered->createTargetMachine(target.triple, target.cpu, target.features, options, ::llvm::Reloc::PIC_,
                                        ::llvm::CodeModel::Small, ::llvm::CodeGenOptLevel::Default));
}

/// The code is vectorised already; what is left is turning locals into registers and cleaning up.
void optimise(::llvm::Module& module, ::llvm::TargetMachine& machine) {
    ::llvm::LoopAnalysisManager loops;
    ::llvm::FunctionAnalysisManager functions;
    ::llvm::CGSCCAnalysisManager call_graph;
    ::llvm::ModuleAnalysisManager modules;
    ::llvm::PassBuilder builder(&machine);
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(call_graph);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, call_graph, modules);
    ::llvm::FunctionPassManager passes;
    passes.addPass(::llvm::SROAPass(::llvm::SROAOptions::ModifyCFG));
    passes.addPass(::llvm::EarlyCSEPass(true));
    passes.addPass(::llvm::InstCombinePass());
    passes.addPass(::llvm::SimplifyCFGPass());
    passes.addPass(::llvm::createFunctionToLoopPassAdaptor(::llvm::LICMPass(::llvm::LICMOptions()),
                                                           /*UseMemorySSA=*/true, /*UseBlockFrequencyInfo=*/false));
    passes.addPass(::llvm::EarlyCSEPass(true));
    passes.addPass(::llvm::InstCombinePass());
    passes.addPass(::llvm::ADCEPass());
    ::llvm::ModulePassManager manager;
    manager.addPass(::llvm::createModuleToFunctionPassAdaptor(std::move(passes)));
    manager.run(module, modules);
}

struct Generated {
    std::unique_ptr<::llvm::LLVMContext> context;
    std::unique_ptr<::llvm::TargetMachine> machine;
    std::unique_ptr<::llvm::Module> module;
};

Generated generate_optimised(const ir::Program& program, const CompilerOptions& options) {
    const Target target = make_target(options.target);
    Generated result;
    result.context = std::make_unique<::llvm::LLVMContext>();
    result.machine = make_machine(target);
    result.module = llvm_backend::generate_module(*result.context, program, target, *result.machine);
    optimise(*result.module, *result.machine);
    return result;
}

::llvm::SmallVector<char, 0> emit(Generated& generated, ::llvm::CodeGenFileType kind) {
    ::llvm::SmallVector<char, 0> bytes;
    ::llvm::raw_svector_ostream stream(bytes);
    ::llvm::legacy::PassManager passes;
    if (generated.machine->addPassesToEmitFile(passes, stream, nullptr, kind)) {
        throw BackendError("LLVM cannot write this kind of file for " + generated.machine->getTargetTriple().str());
    }
    passes.run(*generated.module);
    return bytes;
}

Availability availability() {
    initialise_llvm();
    const Target target = make_target("native");
    return {true, std::string("LLVM ") + LLVM_VERSION_STRING + ", " + target.cpu + ", " +
                      (target.has_compress                                  ? "AVX-512"
                       : target.features.find("+avx2") != std::string::npos ? "AVX2"
                                                                            : "128-bit vectors")};
}

Limits limits(const CompilerOptions&) {
    Limits result;
    const long near = ::sysconf(_SC_LEVEL1_DCACHE_SIZE);
    const long far = ::sysconf(_SC_LEVEL2_CACHE_SIZE);
    if (near > 0) {
        result.near_cache_bytes = static_cast<std::size_t>(near);
    }
    if (far > 0) {
        result.far_cache_bytes = static_cast<std::size_t>(far);
    }
    return result;
}

std::string unsupported(const ir::Program&) {
    return {};
}

GeneratedSource generate(const ir::Program& program, const CompilerOptions& options) {
    const Target target = make_target(options.target);
    GeneratedSource source;
    source.backend = "llvm";
    source.target = target.name + " " + target.cpu;
    source.text_kind = "llvm";
    source.cache_text = std::string("mlgenn llvm ") + generator_version + " LLVM " + LLVM_VERSION_STRING + "\n" +
                        target.triple + " " + target.cpu + " " + target.features + "\n" + ir::print(program);
    return source;
}

Module build(const ir::Program& program, const GeneratedSource& source, const CompilerOptions& options) {
    Module module;
    module.backend = "llvm";
    module.target = source.target;
    module.plan = make_plan(program, "llvm", llvm_backend::entry_point);
    module.cache_key = cache_key(source.cache_text);
    const KernelCache cache(options.cache_dir);
    if (auto found = cache.find(module.cache_key)) {
        module.code = std::move(*found);
        module.from_cache = true;
        return module;
    }
    Generated generated = generate_optimised(program, options);
    const auto object = emit(generated, ::llvm::CodeGenFileType::ObjectFile);
    const auto bytes = std::as_bytes(std::span(object.data(), object.size()));
    module.code.assign(bytes.begin(), bytes.end());
    cache.store(module.cache_key, module.code);
    return module;
}

std::unique_ptr<Executor> open(const Module& module, const CompilerOptions& options) {
    initialise_llvm();
    std::shared_ptr<::llvm::orc::LLJIT> jit = take(::llvm::orc::LLJITBuilder().create(), "starting the JIT");
    ::llvm::SmallVector<char, 0> bytes(module.code.size());
    std::memcpy(bytes.data(), module.code.data(), bytes.size());
    check(jit->addObjectFile(std::make_unique<::llvm::SmallVectorMemoryBuffer>(std::move(bytes), module.plan.network)),
          "loading the code");
    const auto symbol = [&](const std::string& name) { return take(jit->lookup(name), "looking up an entry point"); };
    const auto run = symbol(module.plan.entry_point).toPtr<CpuRunFunction>();
    std::vector<CpuScoreFunction> scores;
    for (const MetricPlan& metric : module.plan.metrics) {
        scores.push_back(symbol(metric.entry_point).toPtr<CpuScoreFunction>());
    }
    return make_cpu_executor(module.plan, run, std::move(scores), options.num_threads, options.batch_size, jit);
}

std::map<std::string, std::string> disassemble(const ir::Program& program, const GeneratedSource&, const Module& module,
                                               const CompilerOptions& options, std::span<const std::string> kinds) {
    std::map<std::string, std::string> texts;
    for (const std::string& kind : kinds) {
        if (kind == "object") {
            texts[kind] = std::string(reinterpret_cast<const char*>(module.code.data()), module.code.size());
        } else if (kind == "llvm" || kind == "asm") {
            Generated generated = generate_optimised(program, options);
            if (kind == "llvm") {
                ::llvm::raw_string_ostream stream(texts[kind]);
                generated.module->print(stream, nullptr);
            } else {
                const auto text = emit(generated, ::llvm::CodeGenFileType::AssemblyFile);
                texts[kind] = std::string(text.data(), text.size());
            }
        }
    }
    return texts;
}

}  // namespace

Backend llvm() {
    return {.name = "llvm",
            .availability = availability,
            .toolchain = availability,
            .limits = limits,
            .unsupported = unsupported,
            .generate = generate,
            .build = build,
            .memory = [](const CompilerOptions&) { return host_memory(); },
            .open = open,
            .emits = {"llvm", "asm", "object"},
            .disassemble = disassemble};
}

}  // namespace mlgenn::backends
