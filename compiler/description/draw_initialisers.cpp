// SPDX-License-Identifier: Apache-2.0
// Draws what initialisers describe (docs/initialisers.md): the compiler's stages after this one meet numbers and
// arrays.
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/description/messages.h"
#include "compiler/description/report.h"
#include "compiler/description/validate_initialisers.h"
#include "compiler/description/validate_parameters.h"
#include "compiler/description/validation.h"
#include "compiler/language/initialiser.h"
#include "compiler/language/user_models.h"
#include "compiler/models/catalogue.h"
#include "compiler/models/element_random.h"

namespace mlgenn::description {

namespace {

using models::ElementKind;
using models::ElementRandom;

/// Generated code counts elements in u32, and loads some behind the last one.
constexpr std::size_t most_elements = 0xffffffffU - 64;

/// The elements of one array: how many, and which synapses they belong to where there is one for each.
struct Elements {
    Shape shape{};
    ElementKind kind = ElementKind::none;
    std::uint32_t num_sources = 0;
    std::uint32_t num_targets = 0;
    models::SynapseLists synapses{};
};

class Drawing {
public:
    Drawing(Network network, std::uint64_t rng_seed, double dt_ms)
        : network_(std::move(network)), models_(network_), report_(network_, {}, {}), seed_(rng_seed), dt_ms_(dt_ms) {}

    Network run() {
        for (std::size_t i = 0; i < network_.populations.size(); ++i) {
            Population& population = network_.populations[i];
            draw_for_neurons(entry_of(models_.find_neuron_model(population.neuron.model)), population.neuron,
                             population.shape, {population.name, "neuron"}, population_place(i) / "neuron");
        }
        for (std::size_t i = 0; i < network_.connections.size(); ++i) {
            draw_connection(i);
        }
        if (report_.num_findings() != 0) {
            throw DescriptionError(std::move(report_.findings()));
        }
        return std::move(network_);
    }

private:
    /// Which numbers are drawn (models::ElementRandom); `use` lacks the parameter.
    struct Purpose {
        std::string owner;
        std::string use;
    };

    template <class Model>
    static const models::Entry& entry_of(const Model* model) {
        if (model == nullptr) {
            throw InternalError("an unknown model: the network is not validated");
        }
        return model->entry;
    }

    void draw_for_neurons(const models::Entry& entry, ModelSpec& spec, const Shape& shape, const Purpose& purpose,
                          const Place& place) {
        const Elements elements{.shape = shape, .kind = ElementKind::none};
        for (auto& [name, value] : spec.params) {
            if (const Initialiser* initialiser = value.get_if<Initialiser>()) {
                const models::ParameterSpec& parameter = parameter_of(entry, name);
                value = draw<double>(*initialiser, elements, {purpose.owner, purpose.use + "." + name},
                                     place / "params" / name);
                check_draws(parameter, value, place / "params" / name);
            }
        }
    }

    void draw_connection(std::size_t index) {
        Connection& connection = network_.connections[index];
        const Place place = connection_place(index);
        const Shape& target = network_.find_population(connection.target)->shape;
        draw_for_neurons(entry_of(models_.find_synapse_model(connection.synapse.model)), connection.synapse, target,
                         {connection.name, "synapse"}, place / "synapse");
        std::optional<Elements> elements;
        const models::ConnectivityModel* model = models::find_connectivity_model(connection.connectivity.model);
        const models::Entry& entry = entry_of(model);
        for (auto& [name, value] : connection.connectivity.params) {
            if (const Initialiser* initialiser = value.get_if<Initialiser>()) {
                elements = elements ? std::move(elements) : elements_of(connection, *model);
                const Place at = place / "connectivity" / "params" / name;
                value = draw<float>(*initialiser, *elements, {connection.name, "connectivity." + name}, at);
                check_draws(parameter_of(entry, name), value, at);
            }
        }
        if (const Initialiser* initialiser = connection.delay.get_if<Initialiser>()) {
            elements = elements ? std::move(elements) : elements_of(connection, *model);
            connection.delay = draw_delays(*initialiser, *elements, connection, place / "delay");
        }
    }

    static const models::ParameterSpec& parameter_of(const models::Entry& entry, const std::string& name) {
        const models::ParameterSpec* spec = entry.find_parameter(name);
        if (spec == nullptr) {
            throw InternalError("parameter '" + name +
                                "' with an initialiser is unknown: the network is not validated");
        }
        return *spec;
    }

    [[nodiscard]] Elements elements_of(const Connection& connection, const models::ConnectivityModel& model) const {
        const Shape& source = network_.find_population(connection.source)->shape;
        const Shape& target = network_.find_population(connection.target)->shape;
        // The shape does not depend on the weights' values.
        Parameters params = connection.connectivity.params;
        for (auto& [name, value] : params) {
            if (value.get_if<Initialiser>() != nullptr) {
                value = 0.0;
            }
        }
        const models::ParameterReader reader(model.entry, params);
        Elements elements{.kind = model.elements,
                          .num_sources = static_cast<std::uint32_t>(num_elements(source)),
                          .num_targets = static_cast<std::uint32_t>(num_elements(target))};
        if (model.elements == ElementKind::listed) {
            elements.synapses = model.list_synapses({.params = reader,
                                                     .source = source,
                                                     .target = target,
                                                     .recurrent = connection.source == connection.target,
                                                     .seed = seed_,
                                                     .name = connection.name});
            elements.shape = {elements.synapses.pre.size()};
        } else {
            elements.shape = model.element_shape(reader, source, target);
        }
        if (model.elements == ElementKind::diagonal) {
            elements.synapses.pre.resize(elements.num_sources);
            std::iota(elements.synapses.pre.begin(), elements.synapses.pre.end(), 0U);
            elements.synapses.post = elements.synapses.pre;
        }
        return elements;
    }

    /// A number where all elements are the same, else an array of T.
    template <class T>
    Value draw(const Initialiser& initialiser, const Elements& elements, const Purpose& purpose, const Place& place) {
        if (initialiser.name == code_initialiser) {
            const std::vector<float> values = run_code(initialiser, elements, purpose, place);
            return Array::from(values, elements.shape);
        }
        const models::InitialiserModel* model = models::find_initialiser_model(initialiser.name);
        if (model == nullptr) {
            throw InternalError("an unknown initialiser '" + initialiser.name + "': the network is not validated");
        }
        if (const std::vector<double> bounds = bounds_of(initialiser); bounds.size() == 1) {
            return bounds.front();
        }
        const std::size_t count = checked_count(elements.shape, place);
        const Parameters given = parameters_of(initialiser);
        const models::ParameterReader params(model->entry, given);
        ElementRandom random(seed_, purpose.owner, purpose.use);
        std::vector<T> values(count);
        for (std::size_t i = 0; i < count; ++i) {
            random.begin_element(static_cast<std::uint32_t>(i));
            values[i] = static_cast<T>(model->draw(params, random));
        }
        return Array::from(values, elements.shape);
    }

    [[nodiscard]] std::vector<float> run_code(const Initialiser& initialiser, const Elements& elements,
                                              const Purpose& purpose, const Place& place) const {
        language::Elements wanted;
        wanted.count = static_cast<std::uint32_t>(checked_count(elements.shape, place));
        wanted.num_pre = elements.num_sources;
        wanted.num_post = elements.num_targets;
        wanted.pre = elements.synapses.pre;
        wanted.post = elements.synapses.post;
        wanted.kind = elements.kind == ElementKind::none     ? language::ElementKind::neuron
                      : elements.kind == ElementKind::kernel ? language::ElementKind::kernel
                                                             : language::ElementKind::synapse;
        return language::evaluate_initialiser(
            initialiser.code, initialiser.params, wanted,
            {.dt_ms = dt_ms_, .rng_seed = seed_, .object = purpose.owner + "." + purpose.use});
    }

    /// Throws before anything large is allocated.
    [[nodiscard]] std::size_t checked_count(const Shape& shape, const Place& place) const {
        const std::size_t count = num_elements(shape);
        if (count > most_elements) {
            fail(report_.where(place),
                 "the initialiser would draw " + std::to_string(count) + " values, more than " +
                     std::to_string(most_elements),
                 "use one number, or split the connection");
        }
        return count;
    }

    void check_draws(const models::ParameterSpec& parameter, const Value& value, const Place& place) {
        if (auto problem = value_problem(parameter, value)) {
            report_.add(place, "the initialiser draws a value that is not allowed: " + *problem,
                        "choose other bounds, or another mean and sd");
        }
    }

    /// Truncated as mlGeNN truncates them, but nothing wraps.
    Value draw_delays(const Initialiser& initialiser, const Elements& elements, const Connection& connection,
                      const Place& place) {
        const Value drawn = draw<double>(initialiser, elements, {connection.name, "delay"}, place);
        const std::uint32_t longest = connection.max_delay_steps.value_or(max_delay_steps);
        const Array* array = drawn.get_if<Array>();
        const std::size_t count = array != nullptr ? array->size() : 1;
        std::vector<std::uint16_t> steps(count);
        for (std::size_t i = 0; i < count; ++i) {
            const double value = array != nullptr ? array->value(i) : *drawn.get_if<double>();
            if (!(value >= 0.0 && std::trunc(value) <= longest)) {
                report_.add(place,
                            "the initialiser draws a delay of " + number_text(value) +
                                ", expected at least 0 and, without its fraction, at most " + number_text(longest),
                            "choose other bounds, or another max_delay_steps");
                break;
            }
            steps[i] = static_cast<std::uint16_t>(value);
        }
        return array != nullptr ? Value(Array::from(steps, elements.shape)) : Value(static_cast<int>(steps[0]));
    }

    Network network_;
    language::ModelTable models_;
    Report report_;
    std::uint64_t seed_;
    double dt_ms_;
};

}  // namespace

}  // namespace mlgenn::description

namespace mlgenn {

Network drawn(Network network, std::uint64_t rng_seed, double dt_ms) {
    return description::Drawing(std::move(network), rng_seed, dt_ms).run();
}

}  // namespace mlgenn
