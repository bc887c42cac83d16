// SPDX-License-Identifier: Apache-2.0
// Initialisers that do not exist, contradict themselves, or draw what a parameter does not allow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mlgenn/errors.h"
#include "mlgenn/network.h"
#include "tests/errors/description_case.h"

namespace mlgenn::test {
namespace {

std::string with_tau(const std::string& value) {
    return with_neuron("leaky_integrate_fire", R"({"tau_mem": )" + value + "}");
}

std::string with_delay(const std::string& text) {
    return with_connections({connection({.more = ", " + text})});
}

const std::string in_tau = "net.json: /populations/1/neuron/params/tau_mem";
const std::string in_weight = "net.json: /connections/0/connectivity/params/weight";

const std::vector<DescriptionCase> cases{
    {"unknown_initialiser", with_weight(R"({"initialiser": "norml"})"),
     in_weight + ": unknown initialiser 'norml'\n    did you mean 'normal'?"},
    {"unknown_parameter", with_weight(R"({"initialiser": "normal", "std": 1})"),
     in_weight + ": normal has no parameter 'std'\n    did you mean 'sd'?"},
    {"negative_sd", with_weight(R"({"initialiser": "normal", "sd": -0.5})"),
     in_weight + "/sd: found -0.5, expected a finite number >= 0\n"
                 "    correct it (standard deviation), or leave it out for 1"},
    {"sd_beyond_float32", with_weight(R"({"initialiser": "normal", "sd": 1e300})"),
     in_weight + "/sd: found 1e+300, which float32 cannot hold (it ends at 3.4028235e+38)\n"
                 "    correct it (standard deviation), or leave it out for 1"},
    {"min_above_max", with_weight(R"({"initialiser": "uniform", "min": 2, "max": 1})"),
     in_weight + ": min is 2, above max, which is 1\n    swap them"},
    {"default_max_below_min", with_weight(R"({"initialiser": "uniform", "min": 2})"),
     in_weight + ": min is 2, above max, which is 1\n    swap them"},
    {"parameter_is_no_number", with_weight(R"({"initialiser": "uniform", "min": "a"})"),
     in_weight + "/min: found 'a', expected a number\n    correct it"},
    {"name_is_no_word", with_weight(R"({"initialiser": 3})"),
     in_weight + "/initialiser: found 3, expected a name\n    correct it"},
    {"code_of_a_named_one", with_weight(R"({"initialiser": "normal", "code": "value = 1;"})"),
     in_weight + ": normal has code\n    leave the code out, or use the initialiser \"code\""},
    {"bounds_outside_the_range", with_tau(R"({"initialiser": "uniform", "min": -1, "max": 10})"),
     in_tau +
         ": found initialiser 'uniform' with max 10, min -1, expected a finite number > 0, or an array with one per"
         " neuron\n    correct it (membrane time constant), or leave it out for 20"},
    {"constant_outside_the_range", with_tau(R"({"initialiser": "constant"})"),
     in_tau + ": found initialiser 'constant', expected a finite number > 0, or an array with one per neuron\n"
              "    correct it (membrane time constant), or leave it out for 20"},
    {"of_a_boolean", with_neuron("leaky_integrate_fire", R"({"relative_reset": {"initialiser": "uniform"}})"),
     "net.json: /populations/1/neuron/params/relative_reset: found initialiser 'uniform', expected true or false\n"
     "    correct it (a spike subtracts v_thresh - v_reset instead of setting V = v_reset), or leave it out for true"},
    {"of_a_shared_delay",
     network({image_input(), population({.shape = "[4, 4, 2]"})},
             {connection({.model = "avg_pool2d",
                          .params = R"({"pool_size": 2})",
                          .more = R"(, "delay": {"initialiser": "uniform"})"})}),
     "net.json: /connections/0/delay: avg_pool2d has one delay for all synapses, but the delay is initialiser"
     " 'uniform'\n    give one number"},
    {"delay_of_unknown_initialiser", with_delay(R"("delay": {"initialiser": "poisson"})"),
     "net.json: /connections/0/delay: unknown initialiser 'poisson'\n"
     "    the initialisers are constant, uniform, normal, code"},
    {"delay_above_max_delay_steps", with_delay(R"("delay": 6, "max_delay_steps": 5)"),
     "net.json: /connections/0/delay: found 6, expected a whole number of timesteps from 0 to 5\n"
     "    a spike of step t arrives in step t + 1 + delay; 0 adds nothing"},
    {"max_delay_steps_too_long", with_delay(R"("max_delay_steps": 65536)"),
     "net.json: /connections/0/max_delay_steps: found 65536, expected a whole number of timesteps from 0 to 65535\n"
     "    leave it out for 65535"},
    {"both_names_of_the_timesteps",
     R"({"format": "mlgenn-network", "version": 1, "example_timesteps": 3, "evaluate_timesteps": 3,
         "populations": [{"name": "in", "shape": 4, "neuron": "spike_input"}]})",
     "net.json: /evaluate_timesteps: example_timesteps is given too, which is the same\n    leave one of them out"},
    {"unknown_default_params",
     R"({"format": "mlgenn-network", "version": 1, "default_params": "eventprop",
         "populations": [{"name": "in", "shape": 4, "neuron": "spike_input"}]})",
     "net.json: /default_params: there is no table 'eventprop'\n    did you mean 'event_prop'?"},
    {"default_params_of_unknown_model",
     R"({"format": "mlgenn-network", "version": 1, "default_params": {"lif": {"scale_i": true}},
         "populations": [{"name": "in", "shape": 4, "neuron": "spike_input"}]})",
     "net.json: /default_params/lif: unknown model 'lif'\n    name a neuron model or synapse of the catalogue"},
};

INSTANTIATE_TEST_SUITE_P(Initialisers, BrokenDescription, testing::ValuesIn(cases), case_name);

/// What drawn() says about a network of one connection with these parts.
std::string finding_of_draw(const Value& tau_mem, const Value& delay,
                            std::optional<std::uint32_t> max_delay_steps = {}) {
    Network network;
    network.populations = {{.name = "in", .shape = {50}, .neuron = "spike_input"},
                           {.name = "out",
                            .shape = {30},
                            .neuron = {"leaky_integrate_fire", {{"tau_mem", tau_mem}}},
                            .readout = ModelSpec("var")}};
    network.connections = {{.source = "in",
                            .target = "out",
                            .connectivity = {"dense", {{"weight", 1.0}}},
                            .delay = delay,
                            .max_delay_steps = max_delay_steps}};
    try {
        static_cast<void>(drawn(validated(network), 1));
    } catch (const DescriptionError& error) {
        return error.what();
    }
    return "nothing";
}

TEST(Draws, OutsideTheRangeOfAParameterNameTheElement) {
    const std::string found = finding_of_draw(Initialiser::normal(1.0, 2.0), 0);
    EXPECT_THAT(found,
                testing::MatchesRegex(
                    "population 'out', neuron.tau_mem: the initialiser draws a value that is not "
                    "allowed: found -[0-9.]+ as element \\[[0-9]+\\], expected a finite number > 0, or an array with "
                    "one per neuron\n    choose other bounds, or another mean and sd"));
}

TEST(Draws, OfDelaysThatAreTooLongAreAnErrorAndDoNotWrap) {
    EXPECT_EQ(finding_of_draw(20.0, Initialiser::uniform(0.0, 5.99), 5), "nothing");
    EXPECT_THAT(finding_of_draw(20.0, Initialiser::uniform(0.0, 8.0), 5),
                testing::MatchesRegex("connection 'in_to_out', delay: the initialiser draws a delay of [67][0-9.]*, "
                                      "expected at least 0 and, without its fraction, at most 5\n    choose other "
                                      "bounds, or another max_delay_steps"));
    EXPECT_THAT(finding_of_draw(20.0, Initialiser::uniform(-1.0, 0.0)), testing::HasSubstr("draws a delay of -0."));
    EXPECT_THAT(finding_of_draw(20.0, Initialiser::constant(70000.0)), testing::HasSubstr("draws a delay of 70000"));
}

}  // namespace
}  // namespace mlgenn::test
