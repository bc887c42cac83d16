// SPDX-License-Identifier: Apache-2.0
// Descriptions whose connections, weights or shapes do not fit.
#include <gtest/gtest.h>

#include "tests/errors/description_case.h"

namespace mlgenn::test {
namespace {

const std::vector<DescriptionCase> cases{
    {"delay_negative", with_connections({connection({.more = R"(, "delay": -1)"})}),
     "net.json: /connections/0/delay: found -1, expected a whole number of timesteps from 0 to 65535\n"
     "    a spike of step t arrives in step t + 1 + delay; 0 adds nothing"},
    {"delay_fraction", with_connections({connection({.more = R"(, "delay": 1.5)"})}),
     "net.json: /connections/0/delay: found 1.5, expected a whole number of timesteps from 0 to 65535\n"
     "    a spike of step t arrives in step t + 1 + delay; 0 adds nothing"},
    {"delay_too_long", with_connections({connection({.more = R"(, "delay": 65536)"})}),
     "net.json: /connections/0/delay: found 65536, expected a whole number of timesteps from 0 to"
     " 65535\n"
     "    a spike of step t arrives in step t + 1 + delay; 0 adds nothing"},
    {"delay_per_synapse", with_connections({connection({.more = R"(, "delay": [1, 2, 3])"})}),
     "net.json: /connections/0/delay: the delays have shape [3], expected [4, 3], one per weight of dense\n"
     "    give one delay per weight, or one number for all"},
    {"delay_text", with_connections({connection({.more = R"(, "delay": "2")"})}),
     "net.json: /connections/0/delay: found '2', expected a whole number of timesteps from 0 to 65535\n"
     "    a spike of step t arrives in step t + 1 + delay; 0 adds nothing"},
    {"weight_missing", with_connections({connection({.params = "{}"})}),
     "net.json: /connections/0/connectivity: dense needs the parameter 'weight'\n"
     "    give it: (source neurons, target neurons), or one number for all synapses"},
    {"weight_text", with_weight(R"("w.npy")"),
     "net.json: /connections/0/connectivity/params/weight: found 'w.npy', expected a finite number,"
     " or an array of them\n"
     R"(    a file is written as {"file": "w.npy"})"},
    {"weight_null", with_weight("null"),
     "net.json: /connections/0/connectivity/params/weight: found null, expected a finite number, or"
     " an array of them\n"
     "    correct it: (source neurons, target neurons), or one number for all synapses"},
    {"weight_ragged", with_weight("[[1, 2, 3], [1, 2], [1, 2, 3], [1, 2, 3]]"),
     "net.json: /connections/0/connectivity/params/weight/1: found a list of 2, expected 3 as in the"
     " lists before\n"
     "    give every row the same form"},
    {"weight_uneven_depth", with_weight("[[1, 2, 3], 4]"),
     "net.json: /connections/0/connectivity/params/weight/1: found a number, expected a list as before\n"
     "    give every row the same form"},
    {"weight_too_deep", with_weight("[1, [2]]"),
     "net.json: /connections/0/connectivity/params/weight/1: found a list, expected a number as in"
     " the lists before\n"
     "    give every row the same form"},
    {"weight_with_text_inside", with_weight(R"([[1, 2, "x"]])"),
     "net.json: /connections/0/connectivity/params/weight/0/2: found 'x', expected a number\n"
     "    give every row the same form"},
    {"weight_with_null_inside", with_weight("[[1, null]]"),
     "net.json: /connections/0/connectivity/params/weight/0/1: found null, expected a number\n"
     "    give every row the same form"},
    {"weight_beyond_float32", with_weight("[[1e300, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]"),
     "net.json: /connections/0/connectivity/params/weight: found 1e+300 as element [0, 0], which"
     " float32 cannot hold (it ends at 3.4028235e+38)\n"
     "    correct it: (source neurons, target neurons), or one number for all synapses"},
    {"weight_one_dimension", with_weight("[1, 2, 3]"),
     "net.json: /connections/0/connectivity: dense weight has shape [3], expected two dimensions\n"
     "    give a weight of shape [source neurons, target neurons]"},
    {"weight_wrong_rows", with_weight(ones({5, 3})),
     "net.json: /connections/0/connectivity: dense weight has shape [5, 3], expected 4 rows, one per"
     " source neuron\n"
     "    give a weight of shape [source neurons, target neurons]"},
    {"weight_wrong_columns", with_weight(ones({4, 2})),
     "net.json: /connections/0/connectivity: dense produces 2 neurons, but population 'out' has 3\n"
     "    out is declared at /populations/1 with shape [3]\n"
     "    set its shape to [2], or leave it out to take the connection's"},
    {"weight_without_elements", with_weight("[[], [], [], []]"),
     "net.json: /connections/0/connectivity/params/weight: found an array of shape [4, 0] (int64)"
     " without elements, expected a finite number, or an array of them\n"
     "    correct it: (source neurons, target neurons), or one number for all synapses"},
    {"conv_needs_an_image",
     network({input(), population({.shape = "[8, 8, 3]"})},
             {connection({.model = "conv2d", .params = weight_params(ones({3, 3, 2, 3}))})}),
     "net.json: /connections/0/connectivity: source has shape [4], expected (height, width, channels)\n"
     "    give the source population three dimensions"},
    {"conv_wrong_channels", with_image("conv2d", "[8, 8, 3]", weight_params(ones({1, 1, 3, 3}))),
     "net.json: /connections/0/connectivity: weight is an array of shape [1, 1, 3, 3], expected an array"
     " (kernel rows, kernel columns, 2 channels, filters)\n"
     "    give a kernel whose last dimension but one is the source's channels"},
    {"conv_wrong_target", with_image("conv2d", "[8, 8, 3]", weight_params(ones({1, 1, 2, 4}))),
     "net.json: /connections/0/connectivity: conv2d produces 8 x 8 x 4 = 256 neurons, but population"
     " 'out' has 192\n"
     "    out is declared at /populations/1 with shape [8, 8, 3]\n"
     "    set its shape to [8, 8, 4], or leave it out to take the connection's"},
    {"conv_same_count_other_shape", with_image("conv2d", "[3, 8, 8]", weight_params(ones({1, 1, 2, 3}))),
     "net.json: /connections/0/connectivity: conv2d produces shape [8, 8, 3], but population 'out'"
     " has shape [3, 8, 8]\n"
     "    out is declared at /populations/1 with shape [3, 8, 8]\n"
     "    set its shape to [8, 8, 3], or leave it out to take the connection's"},
    {"conv_padding_misspelt",
     with_image("conv2d", "[8, 8, 3]", weight_params(ones({1, 1, 2, 3}), R"(, "conv_padding": "sme")")),
     "net.json: /connections/0/connectivity/params/conv_padding: found 'sme', expected one of valid,"
     " same\n"
     "    did you mean 'same'?"},
    {"conv_strides_zero",
     with_image("conv2d", "[8, 8, 3]", weight_params(ones({1, 1, 2, 3}), R"(, "conv_strides": [1, 0])")),
     "net.json: /connections/0/connectivity/params/conv_strides: found 0 as element [1], expected a"
     " whole number >= 1, or two of them (rows, columns)\n"
     "    correct it (steps between outputs (rows, columns)), or leave it out for 1"},
    {"conv_strides_three",
     with_image("conv2d", "[8, 8, 3]", weight_params(ones({1, 1, 2, 3}), R"(, "conv_strides": [1, 1, 1])")),
     "net.json: /connections/0/connectivity/params/conv_strides: found an array of shape [3] (int64),"
     " expected a whole number >= 1, or two of them (rows, columns)\n"
     "    correct it (steps between outputs (rows, columns)), or leave it out for 1"},
    {"pool_size_missing", with_image("avg_pool2d", "[8, 8, 3]", "{}"),
     "net.json: /connections/0/connectivity: avg_pool2d needs the parameter 'pool_size'\n"
     "    give it: window (rows, columns)"},
    {"pool_size_fraction", with_image("avg_pool2d", "[8, 8, 3]", R"({"pool_size": 1.5})"),
     "net.json: /connections/0/connectivity/params/pool_size: found 1.5, expected a whole number >="
     " 1, or two of them (rows, columns)\n"
     "    correct it: window (rows, columns)"},
    {"sparse_lengths_differ",
     with_connections(
         {connection({.model = "sparse", .params = R"({"pre_ind": [0, 1], "post_ind": [0], "weight": [1, 2]})"})}),
     "net.json: /connections/0/connectivity: sparse has 2 pre_ind, 1 post_ind and 2 weights\n"
     "    give the three lists the same length"},
    {"sparse_index_outside",
     with_connections(
         {connection({.model = "sparse", .params = R"({"pre_ind": [0, 4], "post_ind": [0, 1], "weight": 1})"})}),
     "net.json: /connections/0/connectivity: pre_ind[1] is 4, but the population has 4 neurons\n"
     "    use indices from 0 to 3"},
    {"sparse_index_fraction",
     with_connections(
         {connection({.model = "sparse", .params = R"({"pre_ind": [0, 1.5], "post_ind": [0, 1], "weight": 1})"})}),
     "net.json: /connections/0/connectivity/params/pre_ind: found 1.5 as element [1], expected a list"
     " of whole numbers\n"
     "    correct it: (synapses), source neurons"},
    {"sparse_index_negative",
     with_connections(
         {connection({.model = "sparse", .params = R"({"pre_ind": [0, 1], "post_ind": [0, -1], "weight": 1})"})}),
     "net.json: /connections/0/connectivity: post_ind[1] is -1, but the population has 3 neurons\n"
     "    use indices from 0 to 2"},
    {"sparse_index_matrix",
     with_connections(
         {connection({.model = "sparse", .params = R"({"pre_ind": [[0, 1]], "post_ind": [0, 1], "weight": 1})"})}),
     "net.json: /connections/0/connectivity/params/pre_ind: found an array of shape [1, 2] (int64),"
     " expected a list of whole numbers\n"
     "    correct it: (synapses), source neurons"},
    {"one_to_one_sizes_differ", with_connections({connection({.model = "one_to_one"})}),
     "net.json: /connections/0/connectivity: one_to_one produces 4 neurons, but population 'out' has 3\n"
     "    out is declared at /populations/1 with shape [3]\n"
     "    set its shape to [4], or leave it out to take the connection's"},
    {"shape_not_told", with_output(R"({"name": "out", "neuron": "integrate_fire"})"),
     "net.json: /populations/1: the shape is not given and no connection tells it\n"
     "    give it a shape"},
    {"two_connections_disagree",
     network({input(), R"({"name": "out", "neuron": "integrate_fire"})"},
             {connection({.params = weight_params(ones({4, 3}))}),
              connection({.params = weight_params(ones({4, 2})), .more = R"(, "name": "second")"})}),
     "net.json: /connections/1/connectivity: dense produces 2 neurons, but population 'out' has 3\n"
     "    out takes its shape [3] from /connections/0\n"
     "    make the two connections agree"},
};

INSTANTIATE_TEST_SUITE_P(Connections, BrokenDescription, testing::ValuesIn(cases), case_name);

}  // namespace
}  // namespace mlgenn::test
