// SPDX-License-Identifier: Apache-2.0
// Connectivities whose kernels, groups or delays do not fit.
#include <gtest/gtest.h>

#include "tests/errors/description_case.h"

namespace mlgenn::test {
namespace {

/// From a population of shape [12, 4] to one whose shape is left out.
std::string with_sequence(const std::string& params) {
    return network({R"({"name": "in", "shape": [12, 4], "neuron": "spike_input"})",
                    R"({"name": "out", "neuron": "integrate_fire", "readout": "var"})"},
                   {connection({.model = "conv1d", .params = params})});
}

const std::vector<DescriptionCase> cases{
    {"conv_weight_number", with_image("conv2d", "[8, 8, 3]", R"({"weight": 0.5})"),
     "net.json: /connections/0/connectivity: weight is one number, expected an array (kernel rows, kernel columns, 2"
     " channels, filters)\n"
     "    give an array, or conv_size and filters, which say how large the kernel is"},
    {"conv_size_of_another_kernel",
     with_image("conv2d", "[8, 8, 3]", weight_params(ones({3, 3, 2, 3}), R"(, "conv_size": [3, 2], "filters": 3)")),
     "net.json: /connections/0/connectivity: weight is an array of shape [3, 3, 2, 3], but conv_size and filters are"
     " not those of (kernel rows, kernel columns, 2 channels, filters)\n"
     "    correct one of them; an array needs neither conv_size nor filters"},
    {"conv_declared_too_large",
     with_image("conv2d", "[8, 8, 3]",
                R"({"weight": 0.5, "conv_size": 65536, "filters": 65536, "conv_padding": "same"})"),
     "net.json: /connections/0/connectivity: the kernel [65536, 65536, 2, 65536] has more than 4294967231 elements\n"
     "    use a smaller conv_size or fewer filters"},
    {"conv_weight_three_dimensions", with_image("conv2d", "[8, 8, 3]", weight_params(ones({3, 2, 3}))),
     "net.json: /connections/0/connectivity: weight is an array of shape [3, 2, 3], expected an array (kernel rows,"
     " kernel columns, 2 channels, filters)\n"
     "    give a kernel whose last dimension but one is the source's channels"},
    {"conv_channels_not_divisible",
     with_image("conv2d", "[8, 8, 3]", weight_params(ones({1, 1, 2, 3}), R"(, "groups": 3)")),
     "net.json: /connections/0/connectivity: the source has 2 channels, which do not fall into 3 groups\n"
     "    use a number of groups that divides the channels"},
    {"conv_channels_of_all_groups",
     with_image("conv2d", "[8, 8, 3]", weight_params(ones({1, 1, 2, 4}), R"(, "groups": 2)")),
     "net.json: /connections/0/connectivity: weight is an array of shape [1, 1, 2, 4], expected an array (kernel rows,"
     " kernel columns, 1 channels per group, filters)\n"
     "    give a kernel whose last dimension but one is the source's channels divided by the groups"},
    {"conv_filters_not_divisible",
     with_image("conv2d", "[8, 8, 3]", weight_params(ones({1, 1, 1, 3}), R"(, "groups": 2)")),
     "net.json: /connections/0/connectivity: the kernel has 3 filters, which do not fall into 2 groups\n"
     "    use a number of groups that divides the filters"},
    {"conv_dilated_too_far",
     with_image("conv2d", "[8, 8, 3]", weight_params(ones({3, 2, 2, 3}), R"(, "conv_dilation": [4, 1])")),
     "net.json: /connections/0/connectivity: a kernel of 9 x 2 does not fit into 8 x 8\n"
     "    use padding \"same\", a smaller kernel or a smaller dilation"},
    {"conv_dilated_beyond_indices",
     with_image("conv2d", "[8, 8, 3]",
                weight_params(ones({3, 2, 2, 3}), R"(, "conv_dilation": 2147483647, "conv_padding": "same")")),
     "net.json: /connections/0/connectivity: a kernel of 4294967295 x 2147483648 does not fit into 8 x 8\n"
     "    use padding \"same\", a smaller kernel or a smaller dilation"},
    {"transposed_filters_last", with_image("conv2d_transpose", "[8, 8, 3]", weight_params(ones({3, 3, 2, 3}))),
     "net.json: /connections/0/connectivity: weight is an array of shape [3, 3, 2, 3], expected an array (kernel rows,"
     " kernel columns, filters, 2 channels)\n"
     "    give a kernel whose last dimension is the source's channels; filters come before channels here"},
    {"transposed_wrong_target",
     with_image("conv2d_transpose", "[16, 16, 1]", weight_params(ones({3, 3, 1, 2}), R"(, "conv_strides": 2)")),
     "net.json: /connections/0/connectivity: conv2d_transpose produces 17 x 17 x 1 = 289 neurons, but population 'out'"
     " has 256\n"
     "    out is declared at /populations/1 with shape [16, 16, 1]\n"
     "    set its shape to [17, 17, 1], or leave it out to take the connection's"},
    {"transposed_too_large",
     with_image("conv2d_transpose", "[8, 8, 3]", weight_params(ones({1, 1, 3, 2}), R"(, "conv_strides": 2147483647)")),
     "net.json: /connections/0/connectivity: the output would have 17179869176 x 17179869176 x 3 neurons, more than"
     " the 2147483647 that a population can have\n"
     "    use smaller strides"},
    {"transposed_dilation",
     with_image("conv2d_transpose", "[8, 8, 3]", weight_params(ones({1, 1, 3, 2}), R"(, "conv_dilation": 2)")),
     "net.json: /connections/0/connectivity/params: conv2d_transpose has no parameter 'conv_dilation'\n"
     "    its parameters are weight, filters, conv_size, conv_strides, conv_padding, flatten"},
    {"sequence_of_an_image", with_image("conv1d", "[8, 8, 3]", weight_params(ones({3, 2, 3}))),
     "net.json: /connections/0/connectivity: source has shape [8, 8, 2], expected (length, channels)\n"
     "    give the source population two dimensions"},
    {"sequence_kernel_too_long", with_sequence(weight_params(ones({13, 4, 1}))),
     "net.json: /connections/0/connectivity: a kernel of 13 x 1 does not fit into 12 x 1\n"
     "    use padding \"same\", a smaller kernel or a smaller dilation"},
    {"sequence_kernel_of_an_image", with_sequence(weight_params(ones({3, 3, 4, 1}))),
     "net.json: /connections/0/connectivity: weight is an array of shape [3, 3, 4, 1], expected an array (kernel"
     " length, 4 channels, filters)\n"
     "    give a kernel whose last dimension but one is the source's channels"},
    {"pooled_dense_rows", with_image("avg_pool_dense2d", "[1]", R"({"weight": [[1], [2], [3]], "pool_size": 2})"),
     "net.json: /connections/0/connectivity: weight is an array of shape [3, 1], expected an array with 32 rows, one "
     "per"
     " pooled neuron (4 x 4 x 2)\n"
     "    give a weight of shape [pooled neurons, target neurons]"},
    {"pools_overlap", with_image("avg_pool2d", "[4, 4, 2]", R"({"pool_size": 3, "pool_strides": 2})"),
     "net.json: /connections/0/connectivity: pool_strides (2, 2) are below pool_size (3, 3)\n"
     "    overlapping windows are not supported: use strides of at least the window size"},
    {"probability_above_one",
     with_connections({connection({.model = "fixed_probability", .params = R"({"p": 1.5, "weight": 1})"})}),
     "net.json: /connections/0/connectivity/params/p: found 1.5, expected a finite number >= 0 and <= 1\n"
     "    correct it: probability of a synapse between two neurons"},
    {"delays_of_other_shape",
     with_connections({connection({.params = weight_params(ones({4, 3})), .more = R"(, "delay": [[1, 2, 3]])"})}),
     "net.json: /connections/0/delay: the delays have shape [1, 3], expected [4, 3], one per weight of dense\n"
     "    give one delay per weight, or one number for all"},
    {"delay_of_one_synapse_fraction",
     with_connections({connection({.more = R"(, "delay": [[1, 1, 1], [1, 1.5, 1], [1, 1, 1], [1, 1, 1]])"})}),
     "net.json: /connections/0/delay: found 1.5 as element [1, 1], expected a whole number of timesteps from 0 to"
     " 65535\n"
     "    a spike of step t arrives in step t + 1 + delay; 0 adds nothing"},
    {"delays_of_a_pool",
     network({image_input(), population({.shape = "[4, 4, 2]"})},
             {connection({.model = "avg_pool2d", .params = R"({"pool_size": 2})", .more = R"(, "delay": [1, 2])"})}),
     "net.json: /connections/0/delay: avg_pool2d has one delay for all synapses, but the delay is an array of shape"
     " [2] (int64)\n"
     "    give one number"},
    {"delays_beside_a_missing_kernel",
     network({image_input(), population({.shape = "[8, 8, 3]"})},
             {connection({.model = "conv2d", .params = R"({"weight": 1.5})", .more = R"(, "delay": [1, 2])"})}),
     "net.json: /connections/0/connectivity: weight is one number, expected an array (kernel rows, kernel columns, 2"
     " channels, filters)\n"
     "    give an array, or conv_size and filters, which say how large the kernel is"},
    {"weights_of_random_synapses",
     with_connections({connection({.model = "fixed_probability", .params = R"({"p": 0.5, "weight": [1, 2]})"})}),
     "net.json: /connections/0/connectivity: weight is an array of shape [2], but the synapses are drawn and cannot be"
     " listed\n"
     "    give one number or an initialiser, or list the synapses with sparse"},
    {"delays_of_random_synapses",
     with_connections({connection(
         {.model = "fixed_probability", .params = R"({"p": 0.5, "weight": 1})", .more = R"(, "delay": [1, 2])"})}),
     "net.json: /connections/0/delay: fixed_probability draws its synapses, but the delay is an array of shape [2]"
     " (int64)\n"
     "    give one number, or an initialiser"},
};

INSTANTIATE_TEST_SUITE_P(Connectivities, BrokenDescription, testing::ValuesIn(cases), case_name);

}  // namespace
}  // namespace mlgenn::test
