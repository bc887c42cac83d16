// SPDX-License-Identifier: Apache-2.0
// What makes a network whole: names, models, ends, delays, inputs. Reports everything before it gives up.
#include <cmath>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "compiler/description/messages.h"
#include "compiler/description/suggestions.h"
#include "compiler/description/validate_few_spike.h"
#include "compiler/description/validate_initialisers.h"
#include "compiler/description/validate_metrics.h"
#include "compiler/description/validate_parameters.h"
#include "compiler/description/validate_user_models.h"
#include "compiler/description/validation.h"
#include "compiler/models/catalogue.h"

namespace mlgenn::description {

namespace {

/// The entry that `spec` names, with its parameters checked; null when there is none (reported).
template <class Model>
const Model* check_model(const ModelSpec& spec, const Model* model, const std::vector<std::string>& names,
                         const char* kind, const char* kinds, const Place& place, Report& report,
                         language::ElementKind elements = language::ElementKind::neuron) {
    if (model != nullptr) {
        check_parameters(model->entry, spec.params, place, report, elements);
        return model;
    }
    report.add(place,
               spec.model.empty() ? "no " + std::string(kind) + " is given"
                                  : "unknown " + std::string(kind) + " " + in_quotes(spec.model),
               suggestion(spec.model, names, "the " + std::string(kinds) + " are"));
    return nullptr;
}

template <class Model>
std::vector<std::string> names_of(std::span<const Model> models) {
    std::vector<std::string> names;
    for (const Model& model : models) {
        names.push_back(model.entry.name);
    }
    return names;
}

class Completion {
public:
    Completion(Network& network, Report& report) : network_(network), report_(report), models_(network) {}

    void run() {
        check_network_name();
        check_user_models(network_, models_, report_);
        check_names();
        name_connections(network_);
        check_populations();
        check_connections();
        infer_shapes(network_, ends_, report_);
        check_sizes();
        complete_metrics(network_, models_, report_);
        check_few_spike(network_, report_);
    }

private:
    /// The name may become part of file names.
    void check_network_name() {
        constexpr std::size_t longest = 128;
        const std::string& name = network_.name;
        const bool well_formed = !name.empty() && name.size() <= longest && name.front() != '.' &&
                                 name.front() != ' ' && name.find_first_not_of(allowed_in_network_name) == name.npos;
        if (!well_formed) {
            report_.add(Place{} / "name",
                        "found " + in_quotes(name) +
                            ", expected 1 to 128 letters, digits, spaces, '_', '-' or '.', not starting with '.'",
                        "choose another name");
        }
    }

    void check_names() {
        for (std::size_t i = 0; i < network_.populations.size(); ++i) {
            const Place place = population_place(i) / "name";
            check_name(network_.populations[i].name, place);
            has_unreadable_name_ = has_unreadable_name_ || !report_.is_readable(place);
            population_index_.emplace(network_.populations[i].name, i);
        }
        for (std::size_t i = 0; i < network_.connections.size(); ++i) {
            if (!network_.connections[i].name.empty()) {
                check_name(network_.connections[i].name, connection_place(i) / "name");
            }
        }
    }

    void check_name(const std::string& name, const Place& place) {
        if (!report_.is_readable(place)) {
            return;
        }
        if (!is_well_formed_name(name)) {
            report_.add(
                place,
                "found " + in_quotes(name) + ", expected a letter and then letters, digits or '_', at most 128 in all",
                "choose another name");
            return;
        }
        const auto [first, is_new] = first_use_.emplace(name, place);
        if (!is_new) {
            report_.add(place, "the name '" + name + "' is used twice",
                        "give every population and connection its own name",
                        {"it is first used at " + report_.mention(first->second)});
        }
    }

    void check_populations() {
        if (network_.populations.empty() && report_.is_readable(Place{} / "populations")) {
            report_.add(Place{} / "populations", "the network has no populations", "give it at least one");
            return;
        }
        bool has_input = false;
        for (std::size_t i = 0; i < network_.populations.size(); ++i) {
            const models::NeuronModel* model = check_population(i);
            has_input = has_input || model == nullptr || model->input != models::InputForm::none;
        }
        if (!has_input) {
            report_.add(Place{} / "populations", "no population takes input, so there is nothing to run the network on",
                        "give one of them an input model: " + listed(input_models()));
        }
    }

    const models::NeuronModel* check_population(std::size_t index) {
        const Population& population = network_.populations[index];
        const Place place = population_place(index);
        const auto* neuron =
            check_model(population.neuron, models_.find_neuron_model(population.neuron.model),
                        models_.neuron_model_names(), "neuron model", "neuron models", place / "neuron", report_);
        if (!population.readout) {
            return neuron;
        }
        const auto* readout =
            check_model(*population.readout, models::find_readout_model(population.readout->model),
                        names_of(models::readout_models()), "readout", "readouts", place / "readout", report_);
        if (neuron != nullptr && readout != nullptr) {
            check_readout(*neuron, *readout, place / "readout");
        }
        return neuron;
    }

    void check_readout(const models::NeuronModel& neuron, const models::ReadoutModel& readout, const Place& place) {
        if (readout.needs_spiking && !neuron.spiking) {
            report_.add(place, readout.entry.name + " counts on spikes, but " + neuron.entry.name + " never spikes",
                        "use a readout of its variable, or a spiking neuron model");
        }
        if (readout.needs_variable && neuron.output_variable.empty()) {
            report_.add(place,
                        readout.entry.name + " reads a variable, but " + neuron.entry.name + " has no output variable",
                        "use a readout of spikes, or another neuron model");
        }
    }

    void check_connections() {
        for (std::size_t i = 0; i < network_.connections.size(); ++i) {
            ends_.push_back(check_connection(i));
        }
    }

    ConnectionEnds check_connection(std::size_t index) {
        const Connection& connection = network_.connections[index];
        const Place place = connection_place(index);
        const std::size_t findings_before = report_.num_findings();
        const auto source = check_end(connection.source, place / "source");
        const auto target = check_end(connection.target, place / "target");
        const models::ConnectivityModel* connectivity = models::find_connectivity_model(connection.connectivity.model);
        const bool has_kernel = connectivity != nullptr && connectivity->elements == models::ElementKind::kernel;
        const auto elements = has_kernel ? language::ElementKind::kernel : language::ElementKind::synapse;
        check_model(connection.connectivity, connectivity, names_of(models::connectivity_models()), "connectivity",
                    "connectivities", place / "connectivity", report_, elements);
        const bool is_sound = source && target && report_.num_findings() == findings_before &&
                              !report_.is_damaged(place / "connectivity");
        check_model(connection.synapse, models_.find_synapse_model(connection.synapse.model),
                    models_.synapse_model_names(), "synapse", "synapses", place / "synapse", report_);
        check_delay(connection, elements, place);
        if (source) {
            check_source_spikes(*source, place / "source");
        }
        if (target) {
            check_target_listens(*target, place / "target");
        }
        return {source.value_or(0), target.value_or(0), is_sound};
    }

    std::optional<std::size_t> check_end(const std::string& name, const Place& place) {
        if (const auto found = population_index_.find(name); found != population_index_.end()) {
            return found->second;
        }
        // An unreadable name could be the one that is meant.
        if (has_unreadable_name_ || report_.is_full()) {
            return std::nullopt;
        }
        std::vector<std::string> names;
        for (const Population& population : network_.populations) {
            names.push_back(population.name);
        }
        report_.add(place, "there is no population " + in_quotes(name), suggestion(name, names, "the populations are"));
        return std::nullopt;
    }

    static bool is_delay(double steps, double longest) {
        return std::trunc(steps) == steps && steps >= 0 && steps <= longest;
    }

    void check_delay(const Connection& connection, language::ElementKind elements, const Place& place) {
        const Value& delay = connection.delay;
        if (connection.max_delay_steps && *connection.max_delay_steps > max_delay_steps) {
            report_.add(place / "max_delay_steps",
                        "found " + std::to_string(*connection.max_delay_steps) + ", expected at most 65535",
                        "leave it out for 65535");
            return;
        }
        if (const Initialiser* initialiser = delay.get_if<Initialiser>()) {
            check_initialiser(*initialiser, elements, place / "delay", report_);
            return;
        }
        const std::uint32_t longest = connection.max_delay_steps.value_or(max_delay_steps);
        const std::string expected = ", expected a whole number of timesteps from 0 to " + number_text(longest);
        const std::string remedy = "a spike of step t arrives in step t + 1 + delay; 0 adds nothing";
        if (const Array* array = delay.get_if<Array>(); array != nullptr && array->dtype() != DType::boolean) {
            for (std::size_t i = 0; i < array->size(); ++i) {
                if (!is_delay(array->value(i), longest)) {
                    report_.add(
                        place / "delay",
                        "found " + number_text(array->value(i)) + " as " + element_text(array->shape(), i) + expected,
                        remedy);
                    return;
                }
            }
            return;
        }
        const double* steps = delay.get_if<double>();
        if (steps == nullptr || !is_delay(*steps, longest)) {
            report_.add(place / "delay", "found " + describe(delay) + expected, remedy);
        }
    }

    /// An array of delays has one element per synapse, or per element of a kernel.
    void check_delay_shape(const Connection& connection, std::size_t index) {
        const Array* delays = connection.delay.get_if<Array>();
        const bool are_drawn = connection.delay.get_if<Initialiser>() != nullptr;
        if ((delays == nullptr && !are_drawn) || !ends_[index].is_sound) {
            return;
        }
        const Place place = connection_place(index) / "delay";
        const models::ConnectivityModel* model = models::find_connectivity_model(connection.connectivity.model);
        if (are_drawn && model->elements != models::ElementKind::none) {
            return;
        }
        if (model->element_shape == nullptr) {
            const bool random = model->elements == models::ElementKind::listed;
            report_.add(place,
                        connection.connectivity.model +
                            (random ? " draws its synapses, but the delay is "
                                    : " has one delay for all synapses, but the delay is ") +
                            describe(connection.delay),
                        random ? "give one number, or an initialiser" : "give one number");
            return;
        }
        const Shape& source = network_.populations[ends_[index].source].shape;
        const Shape& target = network_.populations[ends_[index].target].shape;
        if (source.empty() || target.empty()) {
            return;
        }
        const Shape expected =
            model->element_shape(models::ParameterReader(model->entry, connection.connectivity.params), source, target);
        // Empty: the weights have a finding of their own.
        if (!expected.empty() && delays->shape() != expected && delays->shape() != Shape{num_elements(expected)}) {
            report_.add(place,
                        "the delays have shape " + to_string(delays->shape()) + ", expected " + to_string(expected) +
                            ", one per weight of " + connection.connectivity.model,
                        "give one delay per weight, or one number for all");
        }
    }

    void check_source_spikes(std::size_t source, const Place& place) {
        const Population& population = network_.populations[source];
        const models::NeuronModel* model = models_.find_neuron_model(population.neuron.model);
        if (model != nullptr && !model->spiking) {
            report_.add(place,
                        "population '" + population.name + "' (" + model->entry.name +
                            ") never spikes, so the connection would do nothing",
                        "use a spiking neuron model, or remove the connection");
        }
    }

    void check_target_listens(std::size_t target, const Place& place) {
        const Population& population = network_.populations[target];
        const models::NeuronModel* model = models_.find_neuron_model(population.neuron.model);
        if (model != nullptr && model->input != models::InputForm::none) {
            report_.add(place,
                        "population '" + population.name + "' (" + model->entry.name +
                            ") takes its input from outside and would ignore the connection",
                        "connect to a population without input, or remove the connection");
        }
    }

    void check_sizes() {
        for (std::size_t i = 0; i < network_.populations.size(); ++i) {
            const Population& population = network_.populations[i];
            check_sizes(models_.find_neuron_model(population.neuron.model), population.neuron, population,
                        population_place(i) / "neuron");
            if (population.readout) {
                check_sizes(models::find_readout_model(population.readout->model), *population.readout, population,
                            population_place(i) / "readout");
            }
        }
        for (std::size_t i = 0; i < network_.connections.size(); ++i) {
            const Connection& connection = network_.connections[i];
            if (const auto target = population_index_.find(connection.target); target != population_index_.end()) {
                check_sizes(models_.find_synapse_model(connection.synapse.model), connection.synapse,
                            network_.populations[target->second], connection_place(i) / "synapse");
            }
            check_delay_shape(connection, i);
        }
    }

    template <class Model>
    void check_sizes(const Model* model, const ModelSpec& spec, const Population& population, const Place& place) {
        const Shape& shape = population.shape;
        const bool is_known = !shape.empty() && is_valid_shape(shape);
        if (model != nullptr && is_known) {
            check_per_neuron_sizes(model->entry, spec.params, population.name, shape, place, report_);
        }
    }

    static std::vector<std::string> input_models() {
        std::vector<std::string> names;
        for (const models::NeuronModel& model : models::neuron_models()) {
            if (model.input != models::InputForm::none) {
                names.push_back(model.entry.name);
            }
        }
        return names;
    }

    static constexpr const char* allowed_in_network_name =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-. ";

    Network& network_;
    Report& report_;
    language::ModelTable models_;
    std::unordered_map<std::string, std::size_t> population_index_;
    bool has_unreadable_name_ = false;
    std::unordered_map<std::string, Place> first_use_;
    std::vector<ConnectionEnds> ends_;
};

}  // namespace

void name_connections(Network& network) {
    std::unordered_set<std::string> taken;
    for (const Population& population : network.populations) {
        taken.insert(population.name);
    }
    for (const Connection& connection : network.connections) {
        taken.insert(connection.name);
    }
    std::unordered_map<std::string, std::size_t> counts;
    for (Connection& connection : network.connections) {
        const std::string base = connection.source + "_to_" + connection.target;
        while (connection.name.empty()) {
            const std::size_t count = ++counts[base];
            const std::string name = count == 1 ? base : base + "_" + std::to_string(count);
            connection.name = taken.insert(name).second ? name : "";
        }
    }
}

void complete(Network& network, Report& report) {
    Completion(network, report).run();
}

}  // namespace mlgenn::description

namespace mlgenn {

Network validated(Network network) {
    description::Report report(network, {}, {});
    description::complete(network, report);
    if (report.num_findings() != 0) {
        throw DescriptionError(std::move(report.findings()));
    }
    return network;
}

}  // namespace mlgenn
