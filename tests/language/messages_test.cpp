// SPDX-License-Identifier: Apache-2.0
// Whole messages about code strings, with their carets; and input that attacks the parser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mlgenn/errors.h"
#include "mlgenn/network.h"
#include "mlgenn/network_io.h"

namespace mlgenn::test {
namespace {

Network network_with(UserNeuronModel model) {
    Network network;
    network.populations = {{.name = "input", .shape = {2}, .neuron = "spike_input", .readout = {}},
                           {.name = "output", .shape = {2}, .neuron = model.name, .readout = {}}};
    network.neuron_models = {std::move(model)};
    return network;
}

std::vector<std::string> texts_of(const DescriptionError& error) {
    std::vector<std::string> texts;
    for (const Diagnostic& diagnostic : error.diagnostics()) {
        texts.push_back(diagnostic.text());
    }
    return texts;
}

std::vector<std::string> findings_of(const Network& network) {
    try {
        static_cast<void>(validated(network));
    } catch (const DescriptionError& error) {
        return texts_of(error);
    }
    return {};
}

UserNeuronModel leaky() {
    UserNeuronModel model;
    model.name = "leaky";
    model.params = {{"tau", 20.0}};
    model.derived_params = {{"alpha", "exp(-dt / tau)"}};
    model.vars = {{"V", 0.0}};
    model.sim_code = "V = alpha * V + Isyn;";
    model.output_variable = "V";
    return model;
}

TEST(Messages, PointAtThePlace) {
    UserNeuronModel model = leaky();
    model.sim_code = "// leak\nV = alpha * W + Isyn;";
    EXPECT_THAT(findings_of(network_with(model)),
                testing::ElementsAre("neuron model 'leaky', sim_code: line 2, column 13: there is no 'W'\n"
                                     "    V = alpha * W + Isyn;\n"
                                     "                ^\n"
                                     "    the names are Isyn, V, alpha, dt, id, num_neurons, t, tau"));
}

TEST(Messages, ComeAllAtOnce) {
    UserNeuronModel model = leaky();
    model.derived_params["beta"] = "sinus(tau)";
    model.sim_code = "double q = 1;\nV = alpha * ;\nwhile (V > 1) { tau = 2; }\nV = V % 2;";
    model.threshold_condition_code = "V >= 1;";
    model.reset_code = "V = 0";
    EXPECT_THAT(
        findings_of(network_with(model)),
        testing::ElementsAre(
            testing::StartsWith("neuron model 'leaky', derived_params.beta: line 1, column 1: not supported: function "
                                "'sinus' in derived parameters\n    sinus(tau)\n    ^\n    the functions are abs, "),
            "neuron model 'leaky', sim_code: line 1, column 1: not supported: type 'double'\n"
            "    double q = 1;\n"
            "    ^\n"
            "    there are bool, int (int32_t), unsigned int (uint32_t) and float (scalar)",
            "neuron model 'leaky', sim_code: line 2, column 13: found ';', expected an expression\n"
            "    V = alpha * ;\n"
            "                ^\n"
            "    correct it",
            "neuron model 'leaky', sim_code: line 3, column 1: not supported: 'while'\n"
            "    while (V > 1) { tau = 2; }\n"
            "    ^\n"
            "    a loop is for (int i = a; i < b; i++), with a largest number of rounds; leave it with break",
            "neuron model 'leaky', sim_code: line 3, column 17: 'tau' is a parameter and cannot be assigned\n"
            "    while (V > 1) { tau = 2; }\n"
            "                    ^\n"
            "    assign to a variable of the model, or to one that the code declares",
            "neuron model 'leaky', sim_code: line 4, column 7: '%' needs whole numbers, found float and int\n"
            "    V = V % 2;\n"
            "          ^\n"
            "    convert with (int)",
            "neuron model 'leaky', threshold_condition_code: line 1, column 7: found ';' behind the expression\n"
            "    V >= 1;\n"
            "          ^\n"
            "    give one expression, without ';'",
            "neuron model 'leaky', reset_code: line 1, column 6: found the end of the code, expected ';' at the end of "
            "the statement\n"
            "    V = 0\n"
            "         ^\n"
            "    correct it"));
}

TEST(Messages, KeepTheCaretBelowThePlaceInLongLinesWithTabs) {
    UserNeuronModel model = leaky();
    model.sim_code = std::string(200, ' ') + "\tV = \xff\tnone;";
    const std::vector<std::string> found = findings_of(network_with(model));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_THAT(found[0],
                testing::HasSubstr("line 1, column 206: this character is not text\n    " + std::string(56, ' ') +
                                   "V = ? none;\n    " + std::string(60, ' ') + "^\n"));
    EXPECT_THAT(found[1], testing::HasSubstr("column 208: there is no 'none'"));
}

TEST(Messages, NameFileAndPointer) {
    const std::string text = R"json({"format": "mlgenn-network", "version": 1,
        "neuron_models": [{"name": "mine", "vars": {"V": 0}, "sim_code": "V = W;"},
                          {"name": "leaky_integrate", "vars": {"V": "a"}}],
        "synapse_models": [{"name": "decaying", "derived_params": {"k": "exp(dt"}, "code": "inSyn *= k;"},
                           {"name": "silent", "code": "inSyn = 0;"}],
        "populations": [{"name": "input", "shape": 2, "neuron": "spike_input"}]})json";
    try {
        static_cast<void>(parse_network(text, "net.json", {}));
        FAIL() << "the description is wrong";
    } catch (const DescriptionError& error) {
        EXPECT_THAT(
            texts_of(error),
            testing::ElementsAre(
                "net.json: /neuron_models/1/vars/V: found 'a', expected a number\n    correct it",
                testing::StartsWith("net.json: /neuron_models/0/sim_code: line 1, column 5: there is no 'W'\n"
                                    "    V = W;\n        ^\n"),
                "net.json: /synapse_models/0/derived_params/k: line 1, column 7: found the end of the code, expected "
                "')' behind the arguments of 'exp'\n    exp(dt\n          ^\n    correct it",
                "net.json: /synapse_models/1/code: it never calls injectCurrent, so the synapse would have no effect\n"
                "    write injectCurrent(inSyn); or what else is to flow"));
    }
}

TEST(Messages, RefuseNamesThatClash) {
    UserNeuronModel model = leaky();
    model.name = "leaky_integrate_fire";
    EXPECT_THAT(findings_of(network_with(model)),
                testing::ElementsAre("neuron model 'leaky_integrate_fire', name: 'leaky_integrate_fire' is a built-in "
                                     "neuron model\n    choose another name"));
    model = leaky();
    model.vars["tau"] = 1.0;
    model.params["dt"] = 1.0;
    model.params["while"] = 1.0;
    model.output_variable = "U";
    EXPECT_THAT(
        findings_of(network_with(model)),
        testing::ElementsAre(
            "neuron model 'leaky', dt: 'dt' is given by the simulation\n    choose another name",
            "neuron model 'leaky', while: 'while' is a word of the language\n    choose another name",
            "neuron model 'leaky', vars.tau: the name 'tau' is used twice in the model\n    choose another name",
            "neuron model 'leaky', output_variable: the model has no variable 'U'\n    name one of vars, or "
            "leave it out"));
}

TEST(Messages, KnowTheParametersOfOwnModels) {
    Network network = network_with(leaky());
    network.populations[1].neuron.params = {{"tua", 3.0}, {"V", Array::from(std::vector<double>{1, 2, 3})}};
    EXPECT_THAT(findings_of(network),
                testing::ElementsAre(testing::StartsWith("population 'output', neuron: leaky has no parameter "
                                                         "'tua'\n    did you mean 'tau'?"),
                                     testing::HasSubstr("the array has shape [3]")));
    network.populations[1].neuron = "laeky";
    EXPECT_THAT(findings_of(network), testing::ElementsAre(testing::HasSubstr("did you mean 'leaky'?")));
}

std::string repeated(const std::string& text, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) {
        result += text;
    }
    return result;
}

TEST(Attacks, EndInOneFinding) {
    const std::string deep = "not supported: code nested deeper than 256 levels";
    const std::pair<std::string, std::string> attacks[] = {
        {"V = " + repeated("(", 8000) + ";", deep},
        {"V = " + repeated("-", 8000) + "1;", deep},
        {"V = " + repeated("(int)", 3000) + "1;", deep},
        {repeated("{", 8000), deep},
        {repeated("if (V) ", 2000) + "V = 1;", deep},
        {"if (V) V = 1; " + repeated("else if (V) V = 1; ", 800), deep},
        {"V = " + repeated("V ? 1 : ", 2000) + "1;", deep},
        {"V = " + repeated("fabs(", 3000) + "1;", deep},
        {repeated("V = ", 4000) + "1;", deep},
        {"V = 1" + repeated(" + 1", 4000) + ";", "not supported: an expression with more than 256 levels"},
        {"V = 1;" + std::string(20000, ' '), "the code has 20006 bytes, 16384 are allowed"},
    };
    for (const auto& [code, problem] : attacks) {
        UserNeuronModel model = leaky();
        model.sim_code = code;
        const std::vector<std::string> found = findings_of(network_with(model));
        ASSERT_EQ(found.size(), 1U) << code.substr(0, 40);
        EXPECT_THAT(found[0], testing::HasSubstr(problem));
    }
}

TEST(Attacks, EndInAFewFindings) {
    UserNeuronModel model = leaky();
    model.sim_code = repeated("W = ;", 3000);
    EXPECT_LE(findings_of(network_with(model)).size(), 50U);
    model.sim_code = repeated("@#$\"'", 3000);
    EXPECT_LE(findings_of(network_with(model)).size(), 50U);
}

}  // namespace
}  // namespace mlgenn::test
