// SPDX-License-Identifier: Apache-2.0
#include "compiler/language/user_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <string_view>

#include "compiler/language/checker.h"
#include "compiler/language/emitter.h"
#include "compiler/language/lexer.h"
#include "compiler/language/parser.h"
#include "compiler/models/builders.h"
#include "mlgenn/errors.h"

namespace mlgenn::language {
namespace {

using ir::E;
using ir::Type;

constexpr std::string_view result_name = "score";
constexpr std::array<std::string_view, 7> given_names = {"score",       "output",        "target", "label",
                                                         "num_neurons", "num_timesteps", "dt"};

/// Code that was parsed and checked. Symbols and trees refer into it, so it stays put.
struct MetricCode {
    std::string name{};
    Snippet code{};
    SymbolTable symbols{};
    std::vector<StmtPtr> body{};
};

void declare_names(const UserMetricModel& model, Checker& checker, Findings& findings) {
    checker.declare(SymbolKind::builtin, "label", ValueType::i32, false);
    checker.declare(SymbolKind::builtin, "num_neurons", ValueType::u32, false);
    checker.declare(SymbolKind::builtin, "num_timesteps", ValueType::u32, false);
    checker.declare(SymbolKind::builtin, "dt", ValueType::f32, false);
    checker.declare(SymbolKind::variable, std::string(result_name), ValueType::f32, true);
    checker.declare_elements("output");
    checker.declare_elements("target");
    for (const auto& [name, value] : model.params) {
        const std::string part = "params/" + name.substr(0, 80);
        if (!is_name(name)) {
            findings.add(part, "this is not a name, expected a letter and then letters, digits or '_'",
                         "choose another name");
        } else if (std::find(given_names.begin(), given_names.end(), name) != given_names.end()) {
            findings.add(part, "'" + name + "' is given by the evaluation", "choose another name");
        }
        if (!std::isfinite(static_cast<float>(value))) {
            findings.add(part, "its default is not a finite float32", "give a number up to 3.4028235e+38");
        }
        checker.declare(SymbolKind::parameter, name, ValueType::f32, false);
    }
}

/// An element of an array; NaN beyond its end, so that the score shows it.
E element(models::MetricBuilder& b, std::string_view array, const E& index) {
    const E last = E(b.num_neurons() - 1);
    const E inside = ir::min(index, last);
    const E value = array == "target" ? b.target(inside) : ir::convert(b.readout(inside), Type::f32);
    return ir::select(index <= last, value, E(std::numeric_limits<float>::quiet_NaN()));
}

E named(models::MetricBuilder& b, const Symbol& symbol, const E& score) {
    if (symbol.kind == SymbolKind::parameter) {
        return E(b.params().number(symbol.name));
    }
    if (symbol.name == result_name) {
        return score;
    }
    if (symbol.name == "label") {
        return b.label();
    }
    if (symbol.name == "dt") {
        return E(b.dt_ms());
    }
    return E(symbol.name == "num_neurons" ? b.num_neurons() : b.num_timesteps());
}

void build(const MetricCode& code, models::MetricBuilder& b) {
    const E score = b.code().let(std::string(result_name), E(0.0F));
    Emitter emitter(b.code(), "", "metric '" + code.name + "'",
                    [&](const Symbol& symbol) { return named(b, symbol, score); });
    emitter.set_elements([&](std::string_view array, const E& index) { return element(b, array, index); });
    emitter.run(code.body);
    b.score(score);
}

TargetKind target_of(const Checker& checker, const Snippet& code, Findings& findings) {
    if (checker.uses("label") && checker.uses("target")) {
        findings.add(code, 0, "the code uses both 'label' and target(...), but an output has one kind of target",
                     "compare with either of them");
    }
    return checker.uses("label") ? TargetKind::label : checker.uses("target") ? TargetKind::values : TargetKind::none;
}

}  // namespace

models::MetricModel compile_metric_model(const UserMetricModel& model, Findings& findings) {
    const auto code = std::make_shared<MetricCode>();
    code->name = model.name;
    code->code = {"code", model.code};
    const std::size_t before = findings.size();
    Checker checker(code->symbols, findings);
    declare_names(model, checker, findings);
    code->body = Parser(code->code, findings).statements();
    checker.check(code->code, code->body);
    if (findings.size() == before && checker.draws()) {
        findings.add(code->code, 0, "not supported: random numbers in a metric", "score what the network gives");
    }
    if (findings.size() == before && !checker.assigns(result_name)) {
        findings.add(code->code, 0, "the code never assigns 'score'", "write score = ...;");
    }
    models::MetricModel result;
    result.entry.name = model.name;
    result.entry.summary = "Mean over examples of a score in code.";
    for (const auto& [name, value] : model.params) {
        result.entry.parameters.push_back({.name = name, .default_value = value, .doc = "parameter of the metric"});
    }
    result.score = ScoreKind::sum;
    result.target = target_of(checker, code->code, findings);
    if (findings.size() == before) {
        result.build = [code](models::MetricBuilder& b) { build(*code, b); };
    }
    return result;
}

}  // namespace mlgenn::language
