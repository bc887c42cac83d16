// SPDX-License-Identifier: Apache-2.0
// Descriptions whose models, parameters or readouts are wrong.
#include <gtest/gtest.h>

#include "tests/errors/description_case.h"

namespace mlgenn::test {
namespace {

const std::vector<DescriptionCase> cases{
    {"unknown_neuron_model", with_output(population({.neuron = R"("leaky_integrate_and_fire")"})),
     "net.json: /populations/1/neuron: unknown neuron model 'leaky_integrate_and_fire'\n"
     "    did you mean 'leaky_integrate_fire'?"},
    {"unknown_neuron_model_far", with_output(population({.neuron = R"("izhikevich")"})),
     std::string("net.json: /populations/1/neuron: unknown neuron model 'izhikevich'\n"
                 "    the neuron models are ") +
         neuron_model_names()},
    {"unknown_synapse", with_connections({connection({.more = R"(, "synapse": "exponental")"})}),
     "net.json: /connections/0/synapse: unknown synapse 'exponental'\n"
     "    did you mean 'exponential'?"},
    {"unknown_connectivity", with_connections({connection({.model = "desne"})}),
     "net.json: /connections/0/connectivity: unknown connectivity 'desne'\n"
     "    did you mean 'dense'?"},
    {"unknown_readout", with_output(population({.more = R"(, "readout": "spikes")"})),
     std::string("net.json: /populations/1/readout: unknown readout 'spikes'\n"
                 "    the readouts are ") +
         readout_names()},
    {"unknown_parameter", with_neuron("integrate_fire", R"({"v_tresh": 2})"),
     "net.json: /populations/1/neuron/params: integrate_fire has no parameter 'v_tresh'\n"
     "    did you mean 'v_thresh'?"},
    {"parameter_of_a_model_without",
     with_connections({connection({.more = R"(, "synapse": {"model": "delta", "params": {"tau": 5}})"})}),
     "net.json: /connections/0/synapse/params: delta has no parameter 'tau'\n"
     "    leave it out: delta has no parameters"},
    {"parameter_text", with_neuron("integrate_fire", R"({"v_thresh": "5"})"),
     "net.json: /populations/1/neuron/params/v_thresh: found '5', expected a finite number, or an"
     " array with one per neuron\n"
     "    correct it (firing threshold), or leave it out for 1"},
    {"parameter_true", with_neuron("integrate_fire", R"({"v_thresh": true})"),
     "net.json: /populations/1/neuron/params/v_thresh: found true, expected a finite number, or an"
     " array with one per neuron\n"
     "    correct it (firing threshold), or leave it out for 1"},
    {"parameter_null", with_neuron("integrate_fire", R"({"v_thresh": null})"),
     "net.json: /populations/1/neuron/params/v_thresh: found null, expected a finite number, or an"
     " array with one per neuron\n"
     "    correct it (firing threshold), or leave it out for 1"},
    {"parameter_beyond_float32", with_neuron("integrate_fire", R"({"v_thresh": 1e39})"),
     "net.json: /populations/1/neuron/params/v_thresh: found 1e+39, which float32 cannot hold (it"
     " ends at 3.4028235e+38)\n"
     "    correct it (firing threshold), or leave it out for 1"},
    {"tau_zero", with_neuron("leaky_integrate_fire", R"({"tau_mem": 0})"),
     "net.json: /populations/1/neuron/params/tau_mem: found 0, expected a finite number > 0, or an"
     " array with one per neuron\n"
     "    correct it (membrane time constant), or leave it out for 20"},
    {"tau_refrac_negative", with_neuron("leaky_integrate_fire", R"({"tau_refrac": -1})"),
     "net.json: /populations/1/neuron/params/tau_refrac: found -1, expected a finite number >= 0, or"
     " an array with one per neuron, or null\n"
     "    correct it (refractory period; null: none), or leave it out to switch it off"},
    {"switch_number", with_neuron("leaky_integrate_fire", R"({"relative_reset": 1})"),
     "net.json: /populations/1/neuron/params/relative_reset: found 1, expected true or false\n"
     "    correct it (a spike subtracts v_thresh - v_reset instead of setting V = v_reset), or leave"
     " it out for true"},
    {"per_neuron_wrong_size", with_neuron("integrate_fire", R"({"v_thresh": [1, 2, 3, 4]})"),
     "net.json: /populations/1/neuron/params/v_thresh: the array has shape [4], but population 'out'"
     " has 3 neurons of shape [3]\n"
     "    give one element per neuron, in that shape or as one list"},
    {"per_neuron_wrong_shape", with_neuron("integrate_fire", R"({"v_thresh": [[1], [2], [3]]})"),
     "net.json: /populations/1/neuron/params/v_thresh: the array has shape [3, 1], but population"
     " 'out' has 3 neurons of shape [3]\n"
     "    give one element per neuron, in that shape or as one list"},
    {"per_neuron_out_of_range", with_neuron("leaky_integrate_fire", R"({"tau_mem": [5, 0, 5]})"),
     "net.json: /populations/1/neuron/params/tau_mem: found 0 as element [1], expected a finite"
     " number > 0, or an array with one per neuron\n"
     "    correct it (membrane time constant), or leave it out for 20"},
    {"synapse_per_neuron_wrong_size",
     with_connections(
         {connection({.more = R"(, "synapse": {"model": "exponential", "params": {"tau": [1.5, 2.5, 3.5, 4.5]}})"})}),
     "net.json: /connections/0/synapse/params/tau: the array has shape [4], but population 'out' has"
     " 3 neurons of shape [3]\n"
     "    give one element per neuron, in that shape or as one list"},
    {"frames_fraction",
     network(
         {R"({"name": "in", "shape": 4, "neuron": {"model": "integrate_fire_input", "params": {"input_frames": 2.5}}})",
          output()},
         {dense()}),
     "net.json: /populations/0/neuron/params/input_frames: found 2.5, expected a whole number >= 1\n"
     "    correct it (values per example; above 1 the input has shape (examples, frames, population"
     " shape)), or leave it out for 1"},
    {"frames_zero",
     network(
         {R"({"name": "in", "shape": 4, "neuron": {"model": "integrate_fire_input", "params": {"input_frames": 0}}})",
          output()},
         {dense()}),
     "net.json: /populations/0/neuron/params/input_frames: found 0, expected a whole number >= 1\n"
     "    correct it (values per example; above 1 the input has shape (examples, frames, population"
     " shape)), or leave it out for 1"},
    {"frames_huge",
     network(
         {R"({"name": "in", "shape": 4, "neuron": {"model": "integrate_fire_input", "params": {"input_frames": 3000000000}}})",
          output()},
         {dense()}),
     "net.json: /populations/0/neuron/params/input_frames: found 3000000000, expected no more than"
     " 2147483647\n"
     "    correct it (values per example; above 1 the input has shape (examples, frames, population"
     " shape)), or leave it out for 1"},
    {"readout_needs_spikes",
     with_output(population({.neuron = R"("leaky_integrate")", .more = R"(, "readout": "spike_count")"})),
     "net.json: /populations/1/readout: spike_count counts on spikes, but leaky_integrate never spikes\n"
     "    use a readout of its variable, or a spiking neuron model"},
    {"readout_needs_variable",
     network({R"({"name": "in", "shape": 4, "neuron": "spike_input", "readout": "var"})", output()}, {dense()}),
     "net.json: /populations/0/readout: var reads a variable, but spike_input has no output variable\n"
     "    use a readout of spikes, or another neuron model"},
    {"no_input", network({population({})}, {}),
     std::string("net.json: /populations: no population takes input, so there is nothing to run the network on\n"
                 "    give one of them an input model: ") +
         input_model_names()},
    {"connection_into_input", with_connections({connection({.source = "out", .target = "in"})}),
     "net.json: /connections/0/target: population 'in' (integrate_fire_input) takes its input from"
     " outside and would ignore the connection\n"
     "    connect to a population without input, or remove the connection"},
    {"connection_from_silent_source",
     network({input(), output(), population({.name = "leak", .neuron = R"("leaky_integrate")"})},
             {connection({.model = "one_to_one", .source = "leak"})}),
     "net.json: /connections/0/source: population 'leak' (leaky_integrate) never spikes, so the"
     " connection would do nothing\n"
     "    use a spiking neuron model, or remove the connection"},
};

INSTANTIATE_TEST_SUITE_P(Models, BrokenDescription, testing::ValuesIn(cases), case_name);

}  // namespace
}  // namespace mlgenn::test
