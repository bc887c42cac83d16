// SPDX-License-Identifier: Apache-2.0
#include "compiler/description/validate_few_spike.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "compiler/description/messages.h"
#include "compiler/models/catalogue.h"
#include "compiler/models/few_spike_network.h"

namespace mlgenn::description {
namespace {

using ir::FewSpikeCode;

class FewSpikeCheck {
public:
    FewSpikeCheck(const Network& network, Report& report) : network_(network), report_(report) {}

    void run() {
        for (std::size_t p = 0; p < network_.populations.size(); ++p) {
            index_.emplace(network_.populations[p].name, p);
        }
        if (!all_few_spike()) {
            return;
        }
        for (const Population& population : network_.populations) {
            codes_.push_back(models::few_spike_code(population));
        }
        for (std::size_t p = 0; p < codes_.size(); ++p) {
            check_population(p);
        }
        for (std::size_t c = 0; c < network_.connections.size(); ++c) {
            check_connection(c);
        }
        if (!models::few_spike_stages(network_)) {
            report_.add(Place{} / "connections", "they form a cycle, but few-spike layers follow one another",
                        "leave recurrent connections out");
        }
    }

private:
    bool all_few_spike() {
        const auto& populations = network_.populations;
        const auto first = std::find_if(populations.begin(), populations.end(), models::is_few_spike);
        bool all = true;
        for (std::size_t p = 0; p < populations.size(); ++p) {
            if (!models::is_few_spike(populations[p])) {
                report_.add(population_place(p) / "neuron",
                            populations[p].neuron.model + " does not read few-spike codes, which '" + first->name +
                                "' sends (" + first->neuron.model + ")",
                            "use few_spike_relu and few_spike_relu_input in the whole network, or nowhere");
                all = false;
            }
        }
        return all;
    }

    void check_population(std::size_t p) {
        const Population& population = network_.populations[p];
        const Place place = population_place(p);
        if (codes_[p].k != codes_[0].k) {
            report_.add(place / "neuron/params/k",
                        "found k = " + std::to_string(codes_[p].k) + ", but '" + network_.populations[0].name +
                            "' has k = " + std::to_string(codes_[0].k),
                        "use one number of steps in the whole network");
        }
        if (codes_[p].is_signed && codes_[p].k % 2 != 0) {
            report_.add(place / "neuron/params/k",
                        "found k = " + std::to_string(codes_[p].k) +
                            ", but signed inputs code positive and negative values in turns, so k must be even",
                        "use k = " + std::to_string(codes_[p].k + 1) + ", or unsigned inputs");
        }
        if (population.readout && population.readout->model != "var") {
            report_.add(
                place / "readout",
                population.readout->model + " reads spikes or sums over time, which few-spike codes do not have",
                "use var, the number that the population codes");
        }
        const auto is_target = [&](const Connection& connection) { return connection.target == population.name; };
        if (models::find_neuron_model(population.neuron.model)->input == models::InputForm::none &&
            std::none_of(network_.connections.begin(), network_.connections.end(), is_target)) {
            report_.add(place, "no connection leads to it, so no input reaches it", "connect it, or leave it out");
        }
    }

    void check_connection(std::size_t c) {
        const Connection& connection = network_.connections[c];
        const Place place = connection_place(c);
        if (connection.synapse.model != "delta") {
            report_.add(
                place / "synapse",
                connection.synapse.model + " spreads spikes over time, but each few-spike step has its own worth",
                "use delta");
        }
        const double* delay = connection.delay.get_if<double>();
        if (delay == nullptr || *delay != 0.0) {
            report_.add(place / "delay",
                        "few-spike connections have no delays of their own: layers of different depth are aligned "
                        "by themselves",
                        "leave the delay out");
        }
        check_sources(c);
    }

    /// Compares with the first connection into the same target.
    void check_sources(std::size_t c) {
        const Connection& connection = network_.connections[c];
        const auto [first, is_new] = first_into_.emplace(connection.target, c);
        if (is_new) {
            return;
        }
        const Connection& other = network_.connections[first->second];
        const FewSpikeCode& own = codes_[index_.at(connection.source)];
        const FewSpikeCode& wanted = codes_[index_.at(other.source)];
        const Place place = connection_place(c) / "source";
        const std::vector<std::string> notes = {"the other one is at " +
                                                report_.mention(connection_place(first->second) / "source")};
        if (own.alpha != wanted.alpha) {
            report_.add(place,
                        "source '" + connection.source + "' has alpha = " + number_text(own.alpha) +
                            ", but another source of '" + connection.target + "', '" + other.source +
                            "', has alpha = " + number_text(wanted.alpha),
                        "give all sources of a population the same alpha", notes);
        }
        if (own.is_signed != wanted.is_signed) {
            report_.add(place,
                        std::string("source '") + connection.source + "' is " +
                            (own.is_signed ? "signed" : "unsigned") + ", but another source of '" + connection.target +
                            "', '" + other.source + "', is " + (wanted.is_signed ? "signed" : "unsigned"),
                        "make all sources of a population signed, or none", notes);
        }
    }

    const Network& network_;
    Report& report_;
    std::map<std::string, std::size_t> index_;
    std::vector<FewSpikeCode> codes_;
    std::map<std::string, std::size_t> first_into_;
};

}  // namespace

void check_few_spike(const Network& network, Report& report) {
    const auto& populations = network.populations;
    if (report.num_findings() == 0 && std::any_of(populations.begin(), populations.end(), models::is_few_spike)) {
        FewSpikeCheck(network, report).run();
    }
}

}  // namespace mlgenn::description
