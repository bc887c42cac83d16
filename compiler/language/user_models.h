// SPDX-License-Identifier: Apache-2.0
// Models that a network defines by code strings, as catalogue entries.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/language/source.h"
#include "compiler/models/catalogue.h"
#include "mlgenn/network.h"

namespace mlgenn::language {

/// A user model with findings has no build function; its entry is as complete as it can be.
[[nodiscard]] models::NeuronModel compile_neuron_model(const UserNeuronModel& model, Findings& findings);
[[nodiscard]] models::SynapseModel compile_synapse_model(const UserSynapseModel& model, Findings& findings);

/// The models of one network: its own, then the catalogue's.
class ModelTable {
public:
    /// Compiles the network's own models; `findings` say what is wrong with which. Copies what it needs.
    explicit ModelTable(const Network& network);

    [[nodiscard]] const models::NeuronModel* find_neuron_model(std::string_view name) const;
    [[nodiscard]] const models::SynapseModel* find_synapse_model(std::string_view name) const;
    [[nodiscard]] const models::MetricModel* find_metric_model(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> neuron_model_names() const;
    [[nodiscard]] std::vector<std::string> synapse_model_names() const;
    [[nodiscard]] std::vector<std::string> metric_model_names() const;

    /// Findings of the network's own models, by index.
    [[nodiscard]] const std::vector<Findings>& neuron_findings() const { return neuron_findings_; }
    [[nodiscard]] const std::vector<Findings>& synapse_findings() const { return synapse_findings_; }
    [[nodiscard]] const std::vector<Findings>& metric_findings() const { return metric_findings_; }

private:
    std::vector<models::NeuronModel> neurons_;
    std::vector<models::SynapseModel> synapses_;
    std::vector<models::MetricModel> metrics_;
    std::vector<Findings> neuron_findings_;
    std::vector<Findings> synapse_findings_;
    std::vector<Findings> metric_findings_;
};

/// Throws DescriptionError when generated code defines one of `locals` twice in a phase: a variable of a user model
/// that is called like one of a readout or of another model.
void require_distinct_locals(const ir::Block& body, const std::vector<std::string>& locals, const std::string& where);

}  // namespace mlgenn::language
