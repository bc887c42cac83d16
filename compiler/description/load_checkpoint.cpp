// SPDX-License-Identifier: Apache-2.0
// Puts the arrays of a checkpoint into a network.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "compiler/description/checkpoint_files.h"
#include "compiler/description/messages.h"
#include "compiler/description/validation.h"
#include "compiler/language/user_models.h"
#include "compiler/models/catalogue.h"
#include "mlgenn/checkpoint.h"

namespace mlgenn::description {

namespace {

/// Variables of mlGeNN's neuron models and the parameters that hold them here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> neuron_variables{{{"Bias", "bias"},
                                                                                         {"V", "v"},
                                                                                         {"A", "a"},
                                                                                         {"Vthresh", "v_thresh"},
                                                                                         {"Vreset", "v_reset"},
                                                                                         {"Beta", "beta"},
                                                                                         {"TauRefrac", "tau_refrac"}}};

std::string parameter_for(const std::string& variable) {
    for (const auto& [theirs, ours] : neuron_variables) {
        if (theirs == variable) {
            return std::string(ours);
        }
    }
    return {};
}

bool is_population(const Place& place) {
    return place.section == Place::Section::populations;
}

/// All arrays of one connection or population.
using Arrays = std::map<std::string, const CheckpointFile*>;

class CheckpointLoader {
public:
    CheckpointLoader(const Network& network, const std::filesystem::path& folder, const std::vector<std::string>& keys,
                     const CheckpointOptions& options)
        : network_(network), folder_(folder), options_(options), files_(list_checkpoint(folder, keys)) {}

    CheckpointReport run(Network& result) {
        name_connections(network_);
        find_places(network_, options_.names, files_, findings_);
        sort_files();
        for (auto& [index, arrays] : connections_) {
            prepare(network_.connections[index], arrays);
        }
        add_placeholders();
        throw_findings();
        network_ = validated(std::move(network_));
        for (auto& [index, arrays] : connections_) {
            load_connection(index, arrays);
        }
        for (auto& [index, arrays] : populations_) {
            load_population(index, arrays);
        }
        remark_unused();
        remark_missing();
        if (options_.strict) {
            findings_.insert(findings_.end(), report_.remarks.begin(), report_.remarks.end());
        }
        throw_findings();
        result = validated(std::move(network_));
        return std::move(report_);
    }

private:
    void throw_findings() {
        if (!findings_.empty()) {
            throw DescriptionError(std::move(findings_));
        }
    }

    void sort_files() {
        for (const CheckpointFile& file : files_) {
            if (!file.place) {
                continue;
            }
            Arrays& arrays = (is_population(*file.place) ? populations_ : connections_)[file.place->index];
            if (!arrays.emplace(file.variable, &file).second) {
                findings_.push_back({shown_path(file.path),
                                     "is a second array " + in_quotes(file.variable) + " of the same part",
                                     {"the other one is " + shown_path(arrays.at(file.variable)->path)},
                                     "say with names which one is meant"});
            }
        }
    }

    /// What validation needs before any shape is known: a weight, and the synapses of lists.
    void prepare(Connection& connection, const Arrays& arrays) {
        const auto pre = arrays.find("pre_ind");
        const auto post = arrays.find("post_ind");
        if ((pre == arrays.end()) != (post == arrays.end())) {
            const CheckpointFile& found = pre == arrays.end() ? *post->second : *pre->second;
            findings_.push_back({shown_path(found.path),
                                 "stands without " + std::string(pre == arrays.end() ? "pre_ind" : "post_ind"),
                                 {},
                                 "give both lists, or none"});
        } else if (pre != arrays.end()) {
            take_synapses(connection, *pre->second, *post->second);
        }
    }

    /// Weights that the checkpoint has to give, so that validation does not ask for them.
    void add_placeholders() {
        for (std::size_t i = 0; i < network_.connections.size(); ++i) {
            ModelSpec& connectivity = network_.connections[i].connectivity;
            const models::ConnectivityModel* model = models::find_connectivity_model(connectivity.model);
            const bool takes_weight = model != nullptr && model->entry.find_parameter("weight") != nullptr;
            if (takes_weight && connectivity.params.emplace("weight", 0.0).second) {
                without_weight_.insert(i);
            }
        }
    }

    void take_synapses(Connection& connection, const CheckpointFile& pre, const CheckpointFile& post) {
        const std::string& model = connection.connectivity.model;
        if (model != "sparse" && model != "fixed_probability" && model != "one_to_one") {
            findings_.push_back({shown_path(pre.path),
                                 "lists synapses, but connection '" + connection.name + "' is " + model,
                                 {},
                                 "make it sparse"});
            return;
        }
        const Array pre_ind = indices(pre);
        const Array post_ind = indices(post);
        Parameters params{{"pre_ind", pre_ind}, {"post_ind", post_ind}};
        if (const auto weight = connection.connectivity.params.find("weight");
            weight != connection.connectivity.params.end() && weight->second.get_if<Array>() == nullptr) {
            params["weight"] = weight->second;
        }
        connection.connectivity = {"sparse", std::move(params)};
        note_loaded(pre, "connection '" + connection.name + "', pre_ind", pre_ind.shape());
        note_loaded(post, "connection '" + connection.name + "', post_ind", post_ind.shape());
    }

    Array indices(const CheckpointFile& file) {
        const Array array = load_npy(file.path, options_.read);
        return Array::from(array.to_i64());
    }

    void load_connection(std::size_t index, const Arrays& arrays) {
        Connection& connection = network_.connections[index];
        const std::string target = "connection '" + connection.name + "', ";
        if (const auto g = arrays.find("g"); g != arrays.end()) {
            if (const auto array = placed(*g->second, element_shape(connection), target + "weight")) {
                connection.connectivity.params["weight"] = *array;
                note_loaded(*g->second, target + "weight", array->shape());
            }
        }
        if (const auto d = arrays.find("d"); d != arrays.end()) {
            if (const auto array = placed(*d->second, element_shape(connection), target + "delay")) {
                load_delays(connection, *d->second, *array, target + "delay");
            }
        }
    }

    void load_delays(Connection& connection, const CheckpointFile& file, const Array& delays,
                     const std::string& target) {
        const double longest = connection.max_delay_steps.value_or(max_delay_steps);
        std::vector<std::uint16_t> steps(delays.size());
        std::size_t num_rounded = 0;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const double value = delays.value(i);
            const double rounded = std::nearbyint(value);
            if (!(rounded >= 0.0 && rounded <= longest)) {
                findings_.push_back({shown_path(file.path),
                                     "found " + number_text(value) + " as " + element_text(delays.shape(), i) +
                                         ", expected delays from 0 to " + number_text(longest) + " timesteps",
                                     {"it is for " + target},
                                     "use another checkpoint, or a larger max_delay_steps"});
                return;
            }
            num_rounded += rounded != value ? 1 : 0;
            steps[i] = static_cast<std::uint16_t>(rounded);
        }
        connection.delay = Array::from(steps, delays.shape());
        note_loaded(file, target, delays.shape());
        report_.loaded.back().num_rounded = num_rounded;
    }

    /// Empty where no array can stand.
    [[nodiscard]] Shape element_shape(const Connection& connection) const {
        const models::ConnectivityModel* model = models::find_connectivity_model(connection.connectivity.model);
        if (model == nullptr || model->element_shape == nullptr) {
            return {};
        }
        return model->element_shape(models::ParameterReader(model->entry, connection.connectivity.params),
                                    network_.find_population(connection.source)->shape,
                                    network_.find_population(connection.target)->shape);
    }

    void load_population(std::size_t index, const Arrays& arrays) {
        Population& population = network_.populations[index];
        const language::ModelTable models(network_);
        const models::NeuronModel* model = models.find_neuron_model(population.neuron.model);
        for (const auto& [variable, file] : arrays) {
            const std::string own = model->entry.find_parameter(variable) != nullptr ? variable : "";
            const std::string name = own.empty() ? parameter_for(variable) : own;
            const models::ParameterSpec* parameter = name.empty() ? nullptr : model->entry.find_parameter(name);
            if (parameter == nullptr || !parameter->per_neuron) {
                continue;
            }
            const std::string target = "population '" + population.name + "', " + name;
            if (const auto array = placed(*file, population.shape, target)) {
                population.neuron.params[name] = *array;
                note_loaded(*file, target, array->shape());
            }
        }
    }

    /// The array in the shape that the network gives it, or nothing (reported).
    std::optional<Array> placed(const CheckpointFile& file, const Shape& shape, const std::string& target) {
        const std::string where = shown_path(file.path);
        used_.insert(&file);
        if (shape.empty()) {
            findings_.push_back(
                {where,
                 "is for " + target + ", which has no place for single values",
                 {},
                 "random synapses need pre_ind and post_ind; poolings have neither weights nor delays"});
            return std::nullopt;
        }
        try {
            Array array = load_npy(file.path, options_.read);
            const bool is_flat = array.shape().size() == 1 && array.size() == num_elements(shape);
            if (array.shape() == shape || is_flat) {
                return array.reshaped(shape);
            }
            findings_.push_back({where,
                                 "has shape " + to_string(array.shape()) + ", expected " + to_string(shape) + " or " +
                                     counted(num_elements(shape), "value") + " in one dimension",
                                 {"it is for " + target},
                                 "use the network that was trained, or another checkpoint"});
        } catch (const DescriptionError& error) {
            findings_.insert(findings_.end(), error.diagnostics().begin(), error.diagnostics().end());
        }
        return std::nullopt;
    }

    void note_loaded(const CheckpointFile& file, const std::string& target, const Shape& shape) {
        used_.insert(&file);
        report_.loaded.push_back({file.path, target, shape, 0});
    }

    void remark_unused() {
        const std::string hint = numbered_hint(network_, files_);
        for (const CheckpointFile& file : files_) {
            if (used_.count(&file) != 0) {
                continue;
            }
            if (file.place) {
                report_.remarks.push_back(
                    {shown_path(file.path),
                     "is not used: " + describe(*file.place) + " has no variable " + in_quotes(file.variable),
                     {},
                     "the variables are g, d, pre_ind and post_ind of connections, and the "
                     "parameters of neurons (Bias)"});
            } else {
                report_.remarks.push_back({shown_path(file.path),
                                           "is not used: the network has no " + in_quotes(file.name),
                                           {},
                                           hint.empty() ? "give its name in the network with names" : hint});
            }
        }
    }

    [[nodiscard]] std::string describe(const Place& place) const {
        return is_population(place) ? "population '" + network_.populations[place.index].name + "'"
                                    : "connection '" + network_.connections[place.index].name + "'";
    }

    void remark_missing() {
        for (std::size_t i = 0; i < network_.connections.size(); ++i) {
            const Connection& connection = network_.connections[i];
            const auto arrays = connections_.find(i);
            const bool has_weights = connection.connectivity.params.count("weight") != 0;
            if (has_weights && (arrays == connections_.end() || arrays->second.count("g") == 0)) {
                const bool is_needed = without_weight_.count(i) != 0;
                (is_needed ? findings_ : report_.remarks)
                    .push_back({shown_path(folder_),
                                "has no weights (g) for connection '" + connection.name + "'",
                                {},
                                is_needed ? "give the connection a weight, or name its arrays"
                                          : "load with strict off to keep those of the network"});
            }
        }
    }

    Network network_;
    const std::filesystem::path& folder_;
    const CheckpointOptions& options_;
    std::vector<CheckpointFile> files_;
    std::map<std::size_t, Arrays> populations_;
    std::map<std::size_t, Arrays> connections_;
    std::set<std::size_t> without_weight_;
    std::set<const CheckpointFile*> used_;
    std::vector<Diagnostic> findings_;
    CheckpointReport report_;
};

}  // namespace

}  // namespace mlgenn::description

namespace mlgenn {

CheckpointReport load_checkpoint(Network& network, const std::filesystem::path& folder,
                                 const std::vector<std::string>& keys, const CheckpointOptions& options) {
    return description::CheckpointLoader(network, folder, keys, options).run(network);
}

}  // namespace mlgenn
