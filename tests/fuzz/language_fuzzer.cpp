// SPDX-License-Identifier: Apache-2.0
// Lexer, parser, type checker, derived parameters and equations on arbitrary bytes: libFuzzer looks for crashes, hangs
// and undefined behaviour.
//
//   language_fuzzer -max_len=2000 -max_total_time=600 CORPUS_FOLDER
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "compiler/language/checker.h"
#include "compiler/language/host_math.h"
#include "compiler/language/parser.h"
#include "compiler/language/symbolic.h"

namespace {

using namespace mlgenn::language;

void check_code(const Snippet& snippet, const Snippet& condition, bool is_synapse) {
    Findings findings;
    SymbolTable symbols;
    Checker checker(symbols, findings);
    checker.declare(SymbolKind::parameter, "tau", ValueType::f32, false);
    checker.declare(SymbolKind::derived, "alpha", ValueType::f32, false);
    checker.declare(SymbolKind::variable, "V", ValueType::f32, true);
    checker.declare(SymbolKind::builtin, "id", ValueType::u32, false);
    checker.declare(SymbolKind::builtin, "num_neurons", ValueType::u32, false);
    checker.declare_elements("output");
    if (is_synapse) {
        checker.allow_injection();
    }
    const auto statements = Parser(snippet, findings).statements();
    checker.check(snippet, statements);
    if (const auto expr = Parser(condition, findings).lone_expression()) {
        checker.check_condition(condition, *expr);
    }
    for (const Finding& finding : findings.all()) {
        // A code with a place shows it.
        if (finding.problem.empty() || finding.notes.size() != 2 || finding.notes[1].back() != '^') {
            std::abort();
        }
    }
}

void derive(const Snippet& snippet) {
    Findings findings;
    std::vector<std::string> used;
    const auto expr = Parser(snippet, findings).lone_expression();
    if (!expr) {
        return;
    }
    check_host(snippet, *expr, {"dt", "tau", "V"}, used, findings);
    if (findings.size() == 0) {
        const HostValues values = {{"dt", 1.0}, {"tau", 20.0}, {"V", 0.5}};
        static_cast<void>(evaluate(*expr, values));
    }
}

/// Equations: what is linear in V, and whether its factor is constant.
void take_apart(const Snippet& snippet) {
    Findings findings;
    SymbolTable symbols;
    Checker checker(symbols, findings);
    checker.declare(SymbolKind::parameter, "tau", ValueType::f32, false);
    checker.declare(SymbolKind::variable, "V", ValueType::f32, true);
    const auto parsed = Parser(snippet, findings, Dialect::equations).lone_expression();
    if (!parsed) {
        return;
    }
    const auto expr = as_real(*parsed, {"tau", "V"});
    checker.check_condition(snippet, *expr);
    if (findings.size() != 0) {
        return;
    }
    const LinearForm form = linear_form(*expr, "V");
    if (form.slope && mentions(*form.slope, "V")) {
        std::abort();
    }
    if (form.slope && is_constant(*form.slope)) {
        static_cast<void>(evaluate(*form.slope, {{"dt", 1.0}, {"tau", 20.0}}));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = text.find('\0');
    const Snippet code{"sim_code", text.substr(0, cut)};
    const Snippet condition{"threshold_condition_code", cut == std::string::npos ? text : text.substr(cut + 1)};
    check_code(code, condition, size % 2 == 1);
    derive(condition);
    take_apart(condition);
    return 0;
}
