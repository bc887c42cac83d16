// SPDX-License-Identifier: Apache-2.0
// Descriptions whose JSON, keys, names or shapes are wrong.
#include <gtest/gtest.h>

#include "tests/errors/description_case.h"

namespace mlgenn::test {
namespace {

const std::vector<DescriptionCase> cases{
    {"empty_text", "",
     "net.json: line 1, column 1: syntax error while parsing value - unexpected end of input;"
     " expected '[', '{', or a literal\n"
     "    correct the JSON"},
    {"not_json", "hello",
     "net.json: line 1, column 1: syntax error while parsing value - invalid literal; last read: 'h'\n"
     "    correct the JSON"},
    {"cut_off", R"({"format": "mlgenn-network",)",
     "net.json: line 1, column 29: syntax error while parsing object key - unexpected end of input;"
     " expected string literal\n"
     "    correct the JSON"},
    {"trailing_text",
     R"({"format": "mlgenn-network", "version": 1, "populations": [{"name": "in", "shape": 4, "neuron": "integrate_fire_input"}, {"name": "out", "shape": 3, "neuron": "integrate_fire", "readout": "spike_count"}], "connections": [{"source": "in", "target": "out", "connectivity": {"model": "dense", "params": {"weight": 1.0}}}]} x)",
     "net.json: line 1, column 321: syntax error while parsing value - invalid literal; last read:"
     " '1.0}}}]} x'; expected end of input\n"
     "    correct the JSON"},
    {"number_too_large", R"({"format": 1e999})",
     "net.json: number overflow parsing '1e999'\n"
     "    use numbers that a double can hold"},
    {"nan_literal", "{\012  \"format\": NaN}",
     "net.json: line 2, column 13: syntax error while parsing value - invalid literal; last read:"
     R"( '"format": N')"
     "\n"
     "    correct the JSON"},
    {"control_character", "{\"for\\u0000mat\": \"a\\u0007\", \"b\": \"\001\"}",
     "net.json: line 1, column 35: syntax error while parsing value - invalid string: control"
     R"( character U+0001 (SOH) must be escaped to \u0001; last read: '"<U+0001>')"
     "\n"
     "    correct the JSON"},
    {"invalid_utf8", "{\"format\": \"\377\"}",
     "net.json: line 1, column 13: syntax error while parsing value - invalid string: ill-formed"
     R"( UTF-8 byte; last read: '"\xff')"
     "\n"
     "    correct the JSON"},
    {"not_an_object", "[1, 2]",
     "net.json: found a list of 2, expected an object\n"
     R"(    start the file with {"format": "mlgenn-network", "version": 1})"},
    {"no_format", R"({"version": 1})",
     "net.json: /format: found nothing, expected 'mlgenn-network'\n"
     R"(    start the file with {"format": "mlgenn-network", "version": 1})"},
    {"other_format", R"({"format": "nir", "version": 1})",
     "net.json: /format: found 'nir', expected 'mlgenn-network'\n"
     R"(    start the file with {"format": "mlgenn-network", "version": 1})"},
    {"no_version", R"({"format": "mlgenn-network"})",
     "net.json: /version: found nothing, expected 1, the only version so far\n"
     R"(    start the file with {"format": "mlgenn-network", "version": 1})"},
    {"version_two", R"({"format": "mlgenn-network", "version": 2})",
     "net.json: /version: found 2, expected 1, the only version so far\n"
     R"(    start the file with {"format": "mlgenn-network", "version": 1})"},
    {"version_as_text", R"({"format": "mlgenn-network", "version": "1"})",
     "net.json: /version: found '1', expected 1, the only version so far\n"
     R"(    start the file with {"format": "mlgenn-network", "version": 1})"},
    {"duplicate_key",
     R"({"format": "mlgenn-network", "version": 1, "populations": [{"name": "in", "shape": 4, "neuron": "integrate_fire_input"}, {"name": "out", "shape": 3, "neuron": "integrate_fire", "readout": "spike_count"}], "connections": [{"source": "in", "target": "out", "connectivity": {"model": "dense", "params": {"weight": 1.0}}}], "connections": []})",
     "net.json: the key 'connections' stands here twice\n"
     "    remove one of them"},
    {"duplicate_key_inside", with_connections({connection({.params = R"({"weight": 1, "weight": 2})"})}),
     "net.json: /connections/0/connectivity/params: the key 'weight' stands here twice\n"
     "    remove one of them"},
    {"unknown_top_key", with_key(R"("popultions": [])"),
     "net.json: unknown key 'popultions'\n"
     "    did you mean 'populations'?"},
    {"unknown_top_key_far", with_key(R"("author": "me")"),
     "net.json: unknown key 'author'\n"
     "    the keys are $schema, format, version, name, dt, example_timesteps, evaluate_timesteps, default_params, "
     "populations, connections, neuron_models, "
     "synapse_models, metric_models"},
    {"no_populations", R"({"format": "mlgenn-network", "version": 1})",
     R"(net.json: /populations: the description has no "populations")"
     "\n"
     "    give a list of them"},
    {"populations_not_a_list", R"({"format": "mlgenn-network", "version": 1, "populations": {}})",
     "net.json: /populations: found an object, expected a list of objects\n"
     "    correct it"},
    {"zero_populations", R"({"format": "mlgenn-network", "version": 1, "populations": []})",
     "net.json: /populations: the network has no populations\n"
     "    give it at least one"},
    {"population_not_an_object", network({"7", input()}, {dense()}),
     "net.json: /populations/0: found 7, expected an object\n"
     "    correct it"},
    {"connections_not_a_list",
     R"({"format": "mlgenn-network", "version": 1, "populations": [{"name": "in", "shape": 4, "neuron": "integrate_fire_input"}], "connections": "dense"})",
     "net.json: /connections: found 'dense', expected a list of objects\n"
     "    correct it"},
    {"connection_not_an_object", with_connections({"null"}),
     "net.json: /connections/0: found null, expected an object\n"
     "    correct it"},
    {"dt_zero", with_key(R"("dt": 0)"),
     "net.json: /dt: found 0, expected a number > 0 (milliseconds)\n"
     "    leave it out for 1.0"},
    {"dt_text", with_key(R"("dt": "1 ms")"),
     "net.json: /dt: found '1 ms', expected a number > 0 (milliseconds)\n"
     "    leave it out for 1.0"},
    {"timesteps_zero", with_key(R"("example_timesteps": 0)"),
     "net.json: /example_timesteps: found 0, expected a whole number from 1 to 4294967295\n"
     "    correct it"},
    {"timesteps_fraction", with_key(R"("example_timesteps": 10.5)"),
     "net.json: /example_timesteps: found 10.5, expected a whole number from 1 to 4294967295\n"
     "    correct it"},
    {"timesteps_huge", with_key(R"("example_timesteps": 4294967296)"),
     "net.json: /example_timesteps: found 4294967296, expected a whole number from 1 to 4294967295\n"
     "    correct it"},
    {"name_not_text", with_key(R"("name": 5)"),
     "net.json: /name: found 5, expected a name\n"
     "    correct it"},
    {"name_with_slash", with_key(R"("name": "../evil")"),
     "net.json: /name: found '../evil', expected 1 to 128 letters, digits, spaces, '_', '-' or '.',"
     " not starting with '.'\n"
     "    choose another name"},
    {"unknown_population_key", with_output(population({.more = R"(, "readouts": "var")"})),
     "net.json: /populations/1: unknown key 'readouts'\n"
     "    did you mean 'readout'?"},
    {"population_without_name", network({input(), R"({"shape": 3, "neuron": "integrate_fire"})"}, {}),
     R"(net.json: /populations/1: has no "name")"
     "\n"
     "    give it one"},
    {"population_name_empty", network({input(), population({.name = ""})}, {}),
     "net.json: /populations/1/name: found '', expected a name\n"
     "    correct it"},
    {"population_name_with_dot", network({input(), population({.name = "a.b"})}, {}),
     "net.json: /populations/1/name: found 'a.b', expected a letter and then letters, digits or '_',"
     " at most 128 in all\n"
     "    choose another name"},
    {"population_name_starts_with_digit", network({input(), population({.name = "1st"})}, {}),
     "net.json: /populations/1/name: found '1st', expected a letter and then letters, digits or '_',"
     " at most 128 in all\n"
     "    choose another name"},
    {"population_name_not_text", network({input(), R"({"name": ["x"], "shape": 3, "neuron": "integrate_fire"})"}, {}),
     "net.json: /populations/1/name: found a list of 1, expected a name\n"
     "    correct it"},
    {"population_name_twice", network({input(), population({.name = "in"})}, {}),
     "net.json: /populations/1/name: the name 'in' is used twice\n"
     "    it is first used at /populations/0/name\n"
     "    give every population and connection its own name"},
    {"connection_named_like_population", with_connections({connection({.more = R"(, "name": "in")"})}),
     "net.json: /connections/0/name: the name 'in' is used twice\n"
     "    it is first used at /populations/0/name\n"
     "    give every population and connection its own name"},
    {"connection_name_twice",
     with_connections({connection({.more = R"(, "name": "c")"}), connection({.more = R"(, "name": "c")"})}),
     "net.json: /connections/1/name: the name 'c' is used twice\n"
     "    it is first used at /connections/0/name\n"
     "    give every population and connection its own name"},
    {"unknown_connection_key", with_connections({connection({.more = R"(, "delays": 3)"})}),
     "net.json: /connections/0: unknown key 'delays'\n"
     "    did you mean 'delay'?"},
    {"connection_without_target", with_connections({R"({"source": "in", "connectivity": "dense"})"}),
     R"(net.json: /connections/0: has no "target")"
     "\n"
     "    give it one\n"
     "net.json: /connections/0/connectivity: dense needs the parameter 'weight'\n"
     "    give it: (source neurons, target neurons), or one number for all synapses"},
    {"unknown_source", with_connections({connection({.source = "inn"})}),
     "net.json: /connections/0/source: there is no population 'inn'\n"
     "    did you mean 'in'?"},
    {"unknown_target", with_connections({connection({.target = "somewhere"})}),
     "net.json: /connections/0/target: there is no population 'somewhere'\n"
     "    the populations are in, out"},
    {"shape_text", with_output(population({.shape = R"("3")"})),
     "net.json: /populations/1/shape: found '3', expected a whole number > 0, or a list of them\n"
     "    correct it"},
    {"shape_empty", with_output(population({.shape = "[]"})),
     "net.json: /populations/1/shape: found a list of 0, expected a whole number > 0, or a list of"
     " them\n"
     "    leave it out to take the shape from a connection"},
    {"shape_negative", with_output(population({.shape = "[2, -3]"})),
     "net.json: /populations/1/shape: found -3 in the list, expected a whole number > 0, or a list of"
     " them\n"
     "    correct it"},
    {"shape_fraction", with_output(population({.shape = "2.5"})),
     "net.json: /populations/1/shape: found 2.5, expected a whole number > 0, or a list of them\n"
     "    correct it"},
    {"shape_zero", with_output(population({.shape = "[3, 0]"})),
     "net.json: /populations/1/shape: the shape is [3, 0], expected dimensions > 0\n"
     "    correct the shape"},
    {"shape_2_to_31", with_output(population({.shape = "2147483648"})),
     "net.json: /populations/1/shape: the shape is [2147483648], which is more than the 2147483647"
     " neurons that a population can have\n"
     "    correct the shape"},
    {"shape_product_2_to_31", with_output(population({.shape = "[65536, 32768]"})),
     "net.json: /populations/1/shape: the shape is [65536, 32768], which is more than the 2147483647"
     " neurons that a population can have\n"
     "    correct the shape"},
    {"shape_product_wraps", with_output(population({.shape = "[4294967296, 4294967296]"})),
     "net.json: /populations/1/shape: the shape is [4294967296, 4294967296], which is more than the"
     " 2147483647 neurons that a population can have\n"
     "    correct the shape"},
    {"shape_beyond_64_bits", with_output(population({.shape = "18446744073709551616"})),
     "net.json: /populations/1/shape: found 1.8446744073709552e+19, expected a whole number > 0, or a"
     " list of them\n"
     "    correct it"},
    {"shape_of_nine_dimensions", with_output(population({.shape = "[1,1,1,1,1,1,1,1,3]"})),
     "net.json: /populations/1/shape: the shape has 9 dimensions, expected at most 8\n"
     "    correct the shape"},
    {"neuron_missing", with_output(R"({"name": "out", "shape": 3})"),
     std::string("net.json: /populations/1/neuron: no neuron model is given\n"
                 "    the neuron models are ") +
         neuron_model_names()},
    {"neuron_number", with_output(population({.neuron = "3"})),
     R"(net.json: /populations/1/neuron: found 3, expected a model's name, or {"model": ..., "params":)"
     " ...}\n"
     "    correct it"},
    {"neuron_without_model", with_output(population({.neuron = R"({"params": {}})"})),
     R"(net.json: /populations/1/neuron: has no "model")"
     "\n"
     R"(    write {"model": ..., "params": ...})"},
    {"neuron_model_number", with_output(population({.neuron = R"({"model": 3})"})),
     R"(net.json: /populations/1/neuron: "model" is 3, expected a model's name)"
     "\n"
     R"(    write {"model": ..., "params": ...})"},
    {"neuron_unknown_key", with_output(population({.neuron = R"({"model": "integrate_fire", "parameters": {}})"})),
     "net.json: /populations/1/neuron: unknown key 'parameters'\n"
     "    the keys are model, params"},
    {"params_not_an_object", with_output(population({.neuron = R"({"model": "integrate_fire", "params": [1]})"})),
     "net.json: /populations/1/neuron/params: found a list of 1, expected an object with the model's"
     " parameters\n"
     "    correct it"},
    {"several_at_once",
     network({input(), population({.neuron = R"("integrate_fir")"}),
              population({.name = "out2", .shape = "0", .neuron = R"("leaky_integrat")"})},
             {connection({.more = R"(, "delay": -1)"}), connection({.source = "on"})}, R"(, "dt": -1)"),
     "net.json: /dt: found -1, expected a number > 0 (milliseconds)\n"
     "    leave it out for 1.0\n"
     "net.json: /populations/1/neuron: unknown neuron model 'integrate_fir'\n"
     "    did you mean 'integrate_fire'?\n"
     "net.json: /populations/2/neuron: unknown neuron model 'leaky_integrat'\n"
     "    did you mean 'leaky_integrate'?\n"
     "net.json: /connections/0/delay: found -1, expected a whole number of timesteps from 0 to 65535\n"
     "    a spike of step t arrives in step t + 1 + delay; 0 adds nothing\n"
     "net.json: /connections/1/source: there is no population 'on'\n"
     "    did you mean 'in'?\n"
     "net.json: /populations/2/shape: the shape is [0], expected dimensions > 0\n"
     "    correct the shape"},
};

INSTANTIATE_TEST_SUITE_P(Structure, BrokenDescription, testing::ValuesIn(cases), case_name);

}  // namespace
}  // namespace mlgenn::test
