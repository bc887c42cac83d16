// SPDX-License-Identifier: Apache-2.0
#include "tests/properties/random_program.h"

#include <string>
#include <vector>

namespace mlgenn::properties {
namespace {

using test_support::Dice;

/// Writes one program. Names of each type are those in scope.
class ProgramWriter {
public:
    ProgramWriter(Dice& dice, std::vector<std::string> readable) : dice_(dice), reals_(std::move(readable)) {}

    std::string block(std::size_t num_statements) {
        const auto reals = reals_;
        const auto wholes = wholes_;
        const auto targets = targets_;
        std::string text;
        for (std::size_t k = 0; k < num_statements; ++k) {
            text += statement();
        }
        reals_ = reals;
        wholes_ = wholes;
        targets_ = targets;
        return text;
    }

    /// Statements whose names stay known.
    std::string statements(std::size_t count) {
        std::string text;
        for (std::size_t k = 0; k < count; ++k) {
            text += statement();
        }
        return text;
    }

    std::string real(int depth) {
        if (depth <= 0 || dice_.chance(0.2)) {
            return dice_.chance(0.7) ? dice_.pick(reals_)
                                     : dice_.pick<std::string>({"0.5", "1.25", "-2.0", "3.0e-3", "17.0", ".125", "1f"});
        }
        switch (dice_.below(12)) {
            case 0:
            case 1:
                return "(" + real(depth - 1) + dice_.pick<std::string>({" + ", " - "}) + mixed(depth - 1) + ")";
            case 2:
                return real(depth - 1) + " * " + mixed(depth - 1);
            case 3:
                return "(" + real(depth - 1) + " / (1.5 + fabs(" + real(depth - 1) + ")))";
            case 4:
                return dice_.pick<std::string>({"sin", "cos", "tanh", "atan", "asinh", "erf", "cbrt", "floor", "rint",
                                                "trunc", "round", "fabs", "sinc", "ceil"}) +
                       "(" + mixed(depth - 1) + ")";
            case 5:
                return dice_.pick<std::string>({"log", "log2", "log10", "sqrt", "log1p", "acosh"}) + "(1.0 + fabs(" +
                       real(depth - 1) + "))";
            case 6:
                return dice_.pick<std::string>({"exp", "exp2", "expm1", "sinh", "cosh", "tan"}) + "(fmin(" +
                       real(depth - 1) + ", 3.0f))";
            case 7:
                return dice_.pick<std::string>({"fmin", "fmax", "hypot", "atan2", "fdim", "max", "min"}) + "(" +
                       real(depth - 1) + ", " + real(depth - 1) + ")";
            case 8:
                return dice_.pick<std::string>({"fmod", "remainder"}) + "(" + real(depth - 1) + ", 0.75)";
            case 9:
                return "(" + condition(depth - 1) + " ? " + mixed(depth - 1) + " : " + real(depth - 1) + ")";
            case 10:
                return "pow(fabs(" + real(depth - 1) + ") + 0.25, " + dice_.pick<std::string>({"1.5", "-0.3", "2"}) +
                       ")";
            default:
                return random();
        }
    }

    std::string condition(int depth) {
        switch (dice_.below(4)) {
            case 0:
                return whole(depth) + dice_.pick<std::string>({" == ", " != ", " < ", " >= "}) + whole(depth);
            case 1:
                return "(" + condition(depth - 1 < 0 ? 0 : depth - 1) + dice_.pick<std::string>({" && ", " || "}) +
                       real(0) + " > 0)";
            default:
                return real(depth) + dice_.pick<std::string>({" < ", " <= ", " > ", " >= "}) + mixed(depth);
        }
    }

    std::string whole(int depth) {
        if (depth <= 0 || dice_.chance(0.3)) {
            return dice_.pick(wholes_);
        }
        switch (dice_.below(6)) {
            case 0:
                return "(" + whole(depth - 1) + dice_.pick<std::string>({" + ", " - ", " * ", " & ", " | ", " ^ "}) +
                       whole(depth - 1) + ")";
            case 1:
                return "(" + whole(depth - 1) + dice_.pick<std::string>({" / ", " % "}) + whole(depth - 1) + ")";
            case 2:
                return "(" + whole(depth - 1) + dice_.pick<std::string>({" << ", " >> "}) + "(int)id)";
            case 3:
                return "(int)(" + real(depth - 1) + " * 10)";
            case 4:
                return dice_.pick<std::string>({"~", "- ", "!"}) + whole(depth - 1);
            default:
                return "abs(" + whole(depth - 1) + ")";
        }
    }

private:
    std::string mixed(int depth) { return dice_.chance(0.8) ? real(depth) : whole(depth) + " * 0.01"; }

    std::string random() {
        return dice_.pick<std::string>({"gennrand_uniform()", "gennrand_normal()", "gennrand_exponential()",
                                        "gennrand_log_normal(0.1, 0.5)", "(float)(gennrand() >> 20) * 0.001"});
    }

    std::string fresh(const char* stem) { return stem + std::to_string(num_names_++); }

    std::string assignment() {
        const std::string op = dice_.pick<std::string>({" = ", " = ", " += ", " -= ", " *= "});
        return dice_.pick(targets_) + op + real(3) + ";\n";
    }

    std::string declaration() {
        if (dice_.chance(0.5)) {
            const std::string name = fresh("r");
            std::string text = "float " + name + " = " + real(3) + ";\n";
            reals_.push_back(name);
            targets_.push_back(name);
            return text;
        }
        const std::string name = fresh("n");
        std::string text =
            dice_.pick<std::string>({"int ", "unsigned int ", "bool "}) + name + " = " + whole(3) + ";\n";
        wholes_.push_back(name);
        return text;
    }

    std::string jump() {
        if (loops_ == 0 || !dice_.chance(0.3)) {
            return "";
        }
        return "if (" + condition(1) + ") " + dice_.pick<std::string>({"break;\n", "continue;\n"});
    }

    std::string loop() {
        const std::string index = fresh("i");
        ++depth_;
        ++loops_;
        wholes_.push_back(index);
        std::string text = "for (int " + index + " = " + dice_.pick<std::string>({"0", "-1", "1"}) + "; " + index +
                           dice_.pick<std::string>({" < ", " <= "}) + "3; " + index + "++) {\n" +
                           block(1 + dice_.below(2)) + jump() + block(1) + "}\n";
        wholes_.pop_back();
        --loops_;
        --depth_;
        return text;
    }

    std::string choice() {
        ++depth_;
        std::string text = "switch (" + whole(2) + " & 3) {\n";
        for (const char* label : {"case 0:\n", "case 2:\n", "default:\n"}) {
            text += label + block(1) + jump() + (dice_.chance(0.5) ? "break;\n" : "");
        }
        --depth_;
        return text + "}\n";
    }

    std::string statement() {
        const std::size_t kind = depth_ > 2 ? dice_.below(5) : dice_.below(10);
        switch (kind) {
            case 5:
            case 6: {
                ++depth_;
                std::string text = "if (" + condition(2) + ") {\n" + block(1 + dice_.below(2)) + "}" +
                                   (dice_.chance(0.5) ? " else {\n" + block(1) + "}\n" : "\n");
                --depth_;
                return text;
            }
            case 7:
            case 8:
                return loop();
            case 9:
                return choice();
            case 3:
            case 4:
                return declaration();
            default:
                return assignment();
        }
    }

    Dice& dice_;
    std::vector<std::string> reals_;
    std::vector<std::string> wholes_{"3", "7u", "(int)id", "num_neurons", "-2", "0x1F"};
    std::vector<std::string> targets_{"x", "y", "z"};
    std::size_t num_names_ = 0;
    int depth_ = 0;
    int loops_ = 0;
};

/// NaN and huge numbers become small ones, so that later steps still compute something.
std::string tamed(const std::string& name) {
    return name + " = fabs(" + name + ") < 100.0 ? " + name + " : 0.375;\n";
}

}  // namespace

UserNeuronModel random_program(Dice& dice, const std::string& name) {
    UserNeuronModel model;
    model.name = name;
    model.params = {{"a", dice.between(-2.0, 2.0)}, {"b", dice.between(0.1, 5.0)}};
    model.derived_params = {{"d", "exp(-dt / b)"}};
    model.vars = {{"x", dice.between(-1.0, 1.0)}, {"y", 0.5}, {"z", 0.0}};
    ProgramWriter writer(dice, {"x", "y", "z", "a", "b", "d", "Isyn", "t", "dt"});
    model.sim_code = writer.statements(3 + dice.below(4)) + tamed("x") + tamed("y") + tamed("z");
    model.threshold_condition_code = writer.condition(2);
    model.reset_code = writer.block(1) + tamed("x") + tamed("y") + tamed("z");
    model.output_variable = "x";
    return model;
}

UserNeuronModel random_equations(Dice& dice, const std::string& name) {
    UserNeuronModel model;
    model.name = name;
    model.params = {{"a", dice.between(0.5, 2.0)}, {"tau", dice.between(2.0, 20.0)}};
    model.derived_params = {{"rate", "1 / tau"}};
    model.vars = {{"y", 0.5}};
    const auto term = [&] {
        return dice.pick<std::string>({"-x / tau", "(Isyn - x) * rate", "a * (y - x) / tau", "-tanh(x) * x",
                                       "sin(t) * a", "-x * (a + fabs(y))", "(y > 0) * 0.25", "(y > 0 ? a - x : -2 * x)",
                                       "-y * rate + 1 / 4", "-x ** 3 / 8", "id / num_neurons", "ln(1 + fabs(y))"});
    };
    model.equations = {{"x", {term() + " + " + term(), dice.pick<std::string>({"", "0", "x - a", "-y"})}},
                       {"y",
                        {term() + dice.pick<std::string>({" - ", " + "}) + "(" + term() + ")",
                         dice.pick<std::string>({"", "x / 2", "y + a / 8"})}}};
    model.threshold = dice.pick<std::string>({"x - 0.5", "x + y - a", "sin(t) - 0.8"});
    model.solver = dice.pick<std::string>({"exponential_euler", "exponential_euler", "linear_euler"});
    model.sub_steps = dice.pick<std::uint32_t>({1, 1, 3});
    model.output_variable = "x";
    return model;
}

UserSynapseModel random_synapse_program(Dice& dice, const std::string& name) {
    UserSynapseModel model;
    model.name = name;
    model.params = {{"tau", dice.between(1.0, 9.0)}, {"k", dice.between(0.1, 2.0)}};
    switch (dice.below(4)) {
        case 0:
            model.code = "injectCurrent(k * inSyn); inSyn = 0;";
            break;
        case 1:
            model.vars = {{"g", 0.25}};
            model.derived_params = {{"keep", "exp(-dt / tau)"}};
            model.code =
                "g = keep * g + inSyn; if (g > 0.1) { injectCurrent(g * gennrand_uniform()); } injectCurrent(0.01 * "
                "id); inSyn *= keep;";
            break;
        case 2:
            model.equations = {{"i", {"-i / tau", "i + weight * k"}}};
            model.inject_current = "i";
            break;
        default:
            model.equations = {{"i", {"(r - i) / tau", ""}}, {"r", {"-r / tau", "r + weight"}}};
            model.inject_current = "i + weight / 2";
            model.sub_steps = 2;
            break;
    }
    return model;
}

}  // namespace mlgenn::properties
