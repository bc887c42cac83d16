// SPDX-License-Identifier: Apache-2.0
// A connection's weights or delays as a matrix, whatever its connectivity.
#include "compiler/passes/connection_matrix.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "compiler/models/builders.h"
#include "compiler/models/catalogue.h"
#include "compiler/passes/row_interpreter.h"
#include "mlgenn/errors.h"

namespace mlgenn::passes {
namespace {

template <class T>
ir::BufferId add_constant(ir::Program& program, std::string name, Storage storage, const std::vector<T>& values) {
    const auto bytes = std::as_bytes(std::span(values));
    return program.add_buffer({.name = std::move(name),
                               .storage = storage,
                               .count = values.size(),
                               .space = ir::Space::constant,
                               .data = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end())});
}

const Connection& find_connection(const Network& network, const ConnectionVariable& wanted) {
    std::string known;
    for (const Connection& connection : network.connections) {
        if (connection.name == wanted.connection) {
            return connection;
        }
        known += (known.empty() ? "'" : ", '") + connection.name + "'";
    }
    throw DescriptionError({"recorded connection '" + wanted.connection + "'",
                            "the network has no such connection",
                            {},
                            "its connections are: " + (known.empty() ? "none" : known)});
}

void check(const ConnectionVariable& wanted, const Shape& source, const Shape& target) {
    const std::string where = "recorded connection '" + wanted.connection + "'";
    if (wanted.variable != "g" && wanted.variable != "d") {
        throw DescriptionError({where,
                                "it has no variable '" + wanted.variable + "'",
                                {},
                                "record \"g\", its weights, or \"d\", its delays"});
    }
    const std::uint64_t num_sources = num_elements(source);
    const std::uint64_t num_targets = num_elements(target);
    if (num_sources > max_connection_matrix / std::max(num_targets, std::uint64_t{1})) {
        throw DescriptionError({where,
                                std::to_string(num_sources) + " x " + std::to_string(num_targets) +
                                    " pairs of neurons are to be written out, but at most " +
                                    std::to_string(max_connection_matrix) + " are",
                                {},
                                "record a smaller connection"});
    }
}

}  // namespace

ConnectionVariablePlan connection_matrix(const Network& network, const ConnectionVariable& wanted,
                                         std::uint64_t rng_seed) {
    const Connection& connection = find_connection(network, wanted);
    const Shape& source = network.find_population(connection.source)->shape;
    const Shape& target = network.find_population(connection.target)->shape;
    check(wanted, source, target);
    const models::ConnectivityModel* model = models::find_connectivity_model(connection.connectivity.model);
    const models::ParameterReader params(model->entry, connection.connectivity.params);
    const models::LoweredConnectivity lowered = model->lower({.params = params,
                                                              .source = source,
                                                              .target = target,
                                                              .delays = connection.delay.get_if<Array>(),
                                                              .recurrent = connection.source == connection.target,
                                                              .seed = rng_seed,
                                                              .name = connection.name});
    ir::Program program;
    ir::Accumulator accumulator;
    accumulator.connection = connection.name;
    accumulator.num_neurons = static_cast<std::uint32_t>(num_elements(target));
    if (!lowered.uniform_weight) {
        accumulator.weights = add_constant(program, connection.name + ".weight", Storage::f32, lowered.weights);
    }
    if (!lowered.delays.empty()) {
        accumulator.delays = add_constant(program, connection.name + ".delay", Storage::u32, lowered.delays);
    }
    program.accumulators.push_back(std::move(accumulator));
    models::CodeBuilder code;
    models::RowBuilder row(program, code, ir::AccumulatorId{0}, params, source, target, lowered);
    model->row(row);
    const ir::Block body = code.take();

    const double* common_delay = connection.delay.get_if<double>();
    const float delay_of_all = common_delay != nullptr ? static_cast<float>(*common_delay) : 0.0F;
    const std::size_t num_targets = num_elements(target);
    ConnectionVariablePlan plan{
        .connection = wanted.connection, .variable = wanted.variable, .source_shape = source, .target_shape = target};
    plan.values = Array(DType::f32, {num_elements(source), num_targets});
    const std::span<float> values = plan.values.as_mutable<float>();
    for (std::uint32_t i = 0; i < num_elements(source); ++i) {
        for_each_synapse(program, body, i, [&](std::uint32_t j, float weight, std::uint32_t delay) {
            float& value = values[i * num_targets + j];
            value = wanted.variable == "g" ? value + weight : delay_of_all + static_cast<float>(delay);
        });
    }
    return plan;
}

}  // namespace mlgenn::passes
