// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/initialiser.h"

#include <bit>
#include <cmath>
#include <utility>

#include "compiler/ir/evaluate.h"
#include "compiler/language/checker.h"
#include "compiler/language/emitter.h"
#include "compiler/language/lexer.h"
#include "compiler/language/parser.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {
namespace {

using ir::E;

/// Tells the numbers of initialisers from those of generated code, which has the timestep here.
constexpr std::uint32_t initialiser_stream = 0x494e4954U;
constexpr const char* result_name = "value";
constexpr const char* element_name = "element";

std::vector<std::string> id_names(ElementKind kind) {
    switch (kind) {
        case ElementKind::neuron:
            return {"id"};
        case ElementKind::synapse:
            return {"id_pre", "id_post", "id_syn"};
        case ElementKind::kernel:
            return {"id_kernel"};
    }
    throw InternalError("unknown kind of element");
}

std::vector<std::pair<std::string, std::uint32_t>> counts_of(const Elements& elements) {
    switch (elements.kind) {
        case ElementKind::neuron:
            return {{"num_neurons", elements.count}};
        case ElementKind::synapse:
            return {{"num_pre", elements.num_pre}, {"num_post", elements.num_post}};
        case ElementKind::kernel:
            return {};
    }
    throw InternalError("unknown kind of element");
}

/// Code that was parsed and checked.
struct InitialiserCode {
    Snippet snippet{};
    SymbolTable symbols{};
    std::vector<StmtPtr> body{};
    bool draws = false;
};

void declare_names(Checker& checker, const std::string& part, const InitialiserParams& params, ElementKind kind,
                   Findings& findings) {
    std::vector<std::string> given = id_names(kind);
    for (const auto& [name, count] : counts_of({.kind = kind})) {
        given.push_back(name);
    }
    for (const std::string& name : given) {
        checker.declare(SymbolKind::builtin, name, ValueType::u32, false);
    }
    checker.declare(SymbolKind::builtin, "dt", ValueType::f32, false);
    checker.declare(SymbolKind::variable, result_name, ValueType::f32, true);
    given.insert(given.end(), {"dt", result_name});
    for (const auto& [name, value] : params) {
        const bool taken = std::find(given.begin(), given.end(), name) != given.end();
        if (!is_name(name) || taken) {
            findings.add(part,
                         "'" + name.substr(0, 40) + "' is no name for a parameter: " +
                             (taken ? "it is given by the compiler" : "expected a letter, then letters, digits or '_'"),
                         "choose another name");
        }
        checker.declare(SymbolKind::parameter, name, ValueType::f32, false);
    }
}

void parse(InitialiserCode& code, const InitialiserParams& params, ElementKind kind, Findings& findings) {
    Checker checker(code.symbols, findings);
    declare_names(checker, code.snippet.part, params, kind, findings);
    const std::size_t before = findings.size();
    code.body = Parser(code.snippet, findings).statements();
    checker.check(code.snippet, code.body);
    code.draws = checker.draws();
    if (findings.size() == before && !checker.assigns(result_name)) {
        findings.add(code.snippet, 0, "the code never assigns 'value'", "write value = ...;");
    }
}

ir::Block emit(const InitialiserCode& code, const InitialiserParams& params, const Elements& elements,
               const InitialiserContext& context) {
    const auto counts = counts_of(elements);
    models::CodeBuilder builder;
    const E result = builder.let(result_name, E(0.0F));
    Emitter emitter(builder, "", context.object, [&](const Symbol& symbol) {
        if (symbol.kind == SymbolKind::parameter) {
            return E(params.at(symbol.name));
        }
        if (symbol.name == result_name) {
            return result;
        }
        if (symbol.name == "dt") {
            return E(context.dt_ms);
        }
        for (const auto& [name, count] : counts) {
            if (name == symbol.name) {
                return E(count);
            }
        }
        return ir::local(symbol.name, ir::Type::u32);
    });
    if (code.draws) {
        models::PhiloxKey key = models::philox_key(context.rng_seed);
        key[0] ^= models::stream_of(context.object);
        emitter.set_random(key, {ir::local(element_name, ir::Type::u32), E(initialiser_stream), E(0U)});
    }
    emitter.run(code.body);
    return builder.take();
}

/// The ids of `num_host_lanes` elements from `first` on; those behind the last one repeat it.
void set_ids(const Elements& elements, std::uint32_t first, ir::HostLocals& locals) {
    for (std::size_t lane = 0; lane < ir::num_host_lanes; ++lane) {
        const auto k = static_cast<std::uint32_t>(std::min<std::uint64_t>(first + lane, elements.count - 1));
        locals[element_name][lane] = k;
        if (elements.kind != ElementKind::synapse) {
            locals[id_names(elements.kind).front()][lane] = k;
            continue;
        }
        locals["id_syn"][lane] = k;
        locals["id_pre"][lane] = elements.pre.empty() ? k / elements.num_post : elements.pre[k];
        locals["id_post"][lane] = elements.post.empty() ? k % elements.num_post : elements.post[k];
    }
}

void require_sizes(const Elements& elements) {
    const bool listed = !elements.pre.empty() || !elements.post.empty();
    const bool fits = listed ? elements.pre.size() == elements.count && elements.post.size() == elements.count
                             : elements.kind != ElementKind::synapse || elements.count == 0 || elements.num_post != 0;
    if (!fits) {
        throw InternalError("the synapses of an initialiser do not fit its elements");
    }
}

}  // namespace

void check_initialiser(const std::string& part, const std::string& code, const InitialiserParams& params,
                       ElementKind kind, Findings& findings) {
    InitialiserCode parsed;
    parsed.snippet = {part, code};
    parse(parsed, params, kind, findings);
}

std::vector<float> evaluate_initialiser(const std::string& code, const InitialiserParams& params,
                                        const Elements& elements, const InitialiserContext& context) {
    require_sizes(elements);
    InitialiserCode parsed;
    parsed.snippet = {"code", code};
    Findings findings;
    parse(parsed, params, elements.kind, findings);
    if (findings.size() != 0) {
        std::vector<Diagnostic> diagnostics;
        for (const Finding& finding : findings.all()) {
            diagnostics.push_back({context.object, finding.problem, finding.notes, finding.remedy});
        }
        throw DescriptionError(std::move(diagnostics));
    }
    const ir::Block block = emit(parsed, params, elements, context);
    std::vector<float> values(elements.count);
    ir::HostLocals locals;
    for (std::uint64_t first = 0; first < elements.count; first += ir::num_host_lanes) {
        set_ids(elements, static_cast<std::uint32_t>(first), locals);
        ir::evaluate(block, locals);
        const ir::HostLanes& lanes = locals.find(result_name)->second;
        for (std::size_t lane = 0; lane < ir::num_host_lanes && first + lane < elements.count; ++lane) {
            values[first + lane] = std::bit_cast<float>(lanes[lane]);
        }
    }
    return values;
}

}  // namespace mlgenn::language
