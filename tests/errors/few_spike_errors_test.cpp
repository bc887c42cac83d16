// SPDX-License-Identifier: Apache-2.0
// Few-spike networks that do not fit together.
#include <gtest/gtest.h>

#include "tests/errors/description_case.h"

namespace mlgenn::test {
namespace {

std::string few_spike(const std::string& model, const std::string& params) {
    return R"({"model": "few_spike_)" + model + R"(", "params": )" + params + "}";
}

std::string few_spike_input(const std::string& name, const std::string& params) {
    return population({.name = name, .shape = "4", .neuron = few_spike("relu_input", params)});
}

std::string relu(const std::string& params, const std::string& more = R"(, "readout": "var")") {
    return population({.neuron = few_spike("relu", params), .more = more});
}

const std::string eight = R"({"k": 8})";

const std::vector<DescriptionCase> cases{
    {"other_neurons", network({few_spike_input("in", eight), output()}, {dense()}),
     "net.json: /populations/1/neuron: integrate_fire does not read few-spike codes, which 'in' sends "
     "(few_spike_relu_input)\n"
     "    use few_spike_relu and few_spike_relu_input in the whole network, or nowhere"},
    {"other_k", network({few_spike_input("in", eight), relu(R"({"k": 10})")}, {dense()}),
     "net.json: /populations/1/neuron/params/k: found k = 10, but 'in' has k = 8\n"
     "    use one number of steps in the whole network"},
    {"odd_signed_k",
     network({few_spike_input("in", R"({"k": 7, "signed_input": true})"), relu(R"({"k": 7})")}, {dense()}),
     "net.json: /populations/0/neuron/params/k: found k = 7, but signed inputs code positive and negative values in "
     "turns, so k must be even\n"
     "    use k = 8, or unsigned inputs"},
    {"too_many_steps", network({few_spike_input("in", R"({"k": 25})"), relu(eight)}, {dense()}),
     "net.json: /populations/0/neuron/params/k: found 25, expected a whole number >= 1 and <= 24\n"
     "    correct it (steps that code one number; the same in the whole network), or leave it out for 10"},
    {"other_readout", network({few_spike_input("in", eight), relu(eight, R"(, "readout": "spike_count")")}, {dense()}),
     "net.json: /populations/1/readout: spike_count reads spikes or sums over time, which few-spike codes do not have\n"
     "    use var, the number that the population codes"},
    {"exponential_synapse",
     network({few_spike_input("in", eight), relu(eight)},
             {connection({.more = R"(, "synapse": {"model": "exponential", "params": {"tau": 5}})"})}),
     "net.json: /connections/0/synapse: exponential spreads spikes over time, but each few-spike step has its own "
     "worth\n"
     "    use delta"},
    {"delay", network({few_spike_input("in", eight), relu(eight)}, {connection({.more = R"(, "delay": 8)"})}),
     "net.json: /connections/0/delay: few-spike connections have no delays of their own: layers of different depth are "
     "aligned by themselves\n"
     "    leave the delay out"},
    {"other_alpha",
     network({few_spike_input("in", R"({"k": 8, "alpha": 2})"), few_spike_input("more", R"({"k": 8, "alpha": 3})"),
              relu(eight)},
             {dense(), connection({.source = "more"})}),
     "net.json: /connections/1/source: source 'more' has alpha = 3, but another source of 'out', 'in', has alpha = 2\n"
     "    the other one is at /connections/0/source\n"
     "    give all sources of a population the same alpha"},
    {"other_sign",
     network({few_spike_input("in", eight), few_spike_input("more", R"({"k": 8, "signed_input": true})"), relu(eight)},
             {dense(), connection({.source = "more"})}),
     "net.json: /connections/1/source: source 'more' is signed, but another source of 'out', 'in', is unsigned\n"
     "    the other one is at /connections/0/source\n"
     "    make all sources of a population signed, or none"},
    {"nothing_leads_there", network({few_spike_input("in", eight), relu(eight)}, {}),
     "net.json: /populations/1: no connection leads to it, so no input reaches it\n"
     "    connect it, or leave it out"},
    {"cycle",
     network({few_spike_input("in", R"({"k": 8, "alpha": 25})"), relu(eight)},
             {dense(), connection({.source = "out", .target = "out"})}),
     "net.json: /connections: they form a cycle, but few-spike layers follow one another\n"
     "    leave recurrent connections out"},
};

INSTANTIATE_TEST_SUITE_P(FewSpike, BrokenDescription, testing::ValuesIn(cases), case_name);

}  // namespace
}  // namespace mlgenn::test
