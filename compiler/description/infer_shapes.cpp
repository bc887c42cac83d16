// SPDX-License-Identifier: Apache-2.0
// Shapes through connections: what the user left out is taken from the connections, what both say must agree.
#include <deque>
#include <limits>
#include <optional>

#include "compiler/description/messages.h"
#include "compiler/description/validation.h"
#include "compiler/models/catalogue.h"

namespace mlgenn::description {

namespace {

constexpr std::size_t max_neurons = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t max_rank = 8;

/// What is wrong with a shape, or nothing.
std::optional<std::string> shape_problem(const Shape& shape) {
    if (shape.size() > max_rank) {
        return "has " + std::to_string(shape.size()) + " dimensions, expected at most " + std::to_string(max_rank);
    }
    std::size_t product = 1;
    for (const std::size_t dimension : shape) {
        if (dimension == 0) {
            return "is " + to_string(shape) + ", expected dimensions > 0";
        }
        if (dimension > max_neurons / product) {
            return "is " + to_string(shape) + ", which is more than the " + std::to_string(max_neurons) +
                   " neurons that a population can have";
        }
        product *= dimension;
    }
    return std::nullopt;
}

/// "14 x 14 x 8 = 1568".
std::string size_text(const Shape& shape) {
    std::string text;
    for (const std::size_t dimension : shape) {
        text += (text.empty() ? "" : " x ") + std::to_string(dimension);
    }
    return shape.size() == 1 ? text : text + " = " + std::to_string(num_elements(shape));
}

class Inference {
public:
    Inference(Network& network, const std::vector<ConnectionEnds>& ends, Report& report)
        : network_(network),
          ends_(ends),
          report_(report),
          bad_(network.populations.size(), false),
          inferred_from_(network.populations.size()),
          settled_(ends.size(), false),
          connections_of_(network.populations.size()) {
        for (std::size_t i = 0; i < ends.size(); ++i) {
            if (ends[i].is_sound) {
                connections_of_[ends[i].source].push_back(i);
                connections_of_[ends[i].target].push_back(i);
            }
        }
    }

    void run() {
        for (std::size_t i = 0; i < network_.populations.size(); ++i) {
            check_declared(i);
        }
        std::deque<std::size_t> pending;
        for (std::size_t i = 0; i < ends_.size(); ++i) {
            pending.push_back(i);
        }
        while (!pending.empty()) {
            const std::size_t index = pending.front();
            pending.pop_front();
            if (visit(index)) {
                const auto& touched = connections_of_[ends_[index].target];
                pending.insert(pending.end(), touched.begin(), touched.end());
            }
        }
        report_unknown();
    }

private:
    void check_declared(std::size_t index) {
        const Shape& shape = network_.populations[index].shape;
        const Place place = population_place(index) / "shape";
        if (!report_.is_readable(place)) {
            bad_[index] = true;
        } else if (auto problem = shape_problem(shape)) {
            report_.add(place, "the shape " + *problem, "correct the shape");
            bad_[index] = true;
        }
    }

    /// Returns whether the target's shape was learnt.
    bool visit(std::size_t index) {
        const ConnectionEnds& ends = ends_[index];
        if (settled_[index] || !ends.is_sound || bad_[ends.source] || bad_[ends.target]) {
            return false;
        }
        const Shape& source = network_.populations[ends.source].shape;
        Shape& target = network_.populations[ends.target].shape;
        settled_[index] = !source.empty() && !target.empty();
        const std::size_t findings_before = report_.num_findings();
        const std::optional<Shape> produced = ask(index, source, target);
        if (report_.num_findings() != findings_before) {
            settled_[index] = true;
            return false;
        }
        if (!produced) {
            return false;
        }
        if (target.empty()) {
            return adopt(index, *produced);
        }
        if (*produced != target) {
            report_conflict(index, *produced);
            settled_[index] = true;
        }
        return false;
    }

    std::optional<Shape> ask(std::size_t index, const Shape& source, const Shape& target) {
        const ModelSpec& connectivity = network_.connections[index].connectivity;
        const models::ConnectivityModel* model = models::find_connectivity_model(connectivity.model);
        const std::string where = report_.where(connection_place(index) / "connectivity");
        try {
            return model->target_shape({models::ParameterReader(model->entry, connectivity.params), source, target,
                                        where, report_.findings()});
        } catch (const DescriptionError& error) {
            for (const Diagnostic& finding : error.diagnostics()) {
                report_.add(connection_place(index) / "connectivity", finding.problem, finding.remedy, finding.notes);
            }
            return std::nullopt;
        }
    }

    bool adopt(std::size_t index, const Shape& produced) {
        const std::size_t target = ends_[index].target;
        if (auto problem = shape_problem(produced)) {
            report_.add(connection_place(index) / "connectivity", "the shape that it produces " + *problem,
                        "correct its parameters");
            bad_[target] = true;
            return false;
        }
        network_.populations[target].shape = produced;
        inferred_from_[target] = index;
        return true;
    }

    void report_conflict(std::size_t index, const Shape& produced) {
        const Connection& connection = network_.connections[index];
        const std::size_t target = ends_[index].target;
        const Population& population = network_.populations[target];
        std::string problem = connection.connectivity.model + " produces ";
        if (num_elements(produced) != num_elements(population.shape)) {
            problem += counted_neurons(produced) + ", but population '" + population.name + "' has " +
                       std::to_string(num_elements(population.shape));
        } else {
            problem += "shape " + to_string(produced) + ", but population '" + population.name + "' has shape " +
                       to_string(population.shape);
        }
        std::string note;
        std::string remedy;
        if (const auto& origin = inferred_from_[target]) {
            note = population.name + " takes its shape " + to_string(population.shape) + " from " +
                   report_.mention(connection_place(*origin));
            remedy = "make the two connections agree";
        } else {
            note =
                population.name + " is declared" + declared_at(target) + " with shape " + to_string(population.shape);
            remedy = "set its shape to " + to_string(produced) + ", or leave it out to take the connection's";
        }
        report_.add(connection_place(index) / "connectivity", problem, remedy, {note});
    }

    static std::string counted_neurons(const Shape& shape) {
        return size_text(shape) + (num_elements(shape) == 1 ? " neuron" : " neurons");
    }

    [[nodiscard]] std::string declared_at(std::size_t index) const {
        return network_.origin.file.empty() ? std::string() : " at " + population_place(index).pointer();
    }

    /// Silent after other findings: a connection that is wrong would have told the shape.
    void report_unknown() {
        if (report_.num_findings() != 0) {
            return;
        }
        for (std::size_t i = 0; i < network_.populations.size(); ++i) {
            if (network_.populations[i].shape.empty() && !bad_[i]) {
                report_.add(population_place(i), "the shape is not given and no connection tells it",
                            "give it a shape");
            }
        }
    }

    Network& network_;
    const std::vector<ConnectionEnds>& ends_;
    Report& report_;
    std::vector<bool> bad_;
    std::vector<std::optional<std::size_t>> inferred_from_;
    std::vector<bool> settled_;
    /// By population: the connections that end there, from either side.
    std::vector<std::vector<std::size_t>> connections_of_;
};

}  // namespace

bool is_valid_shape(const Shape& shape) {
    return !shape_problem(shape);
}

void infer_shapes(Network& network, const std::vector<ConnectionEnds>& ends, Report& report) {
    Inference(network, ends, report).run();
}

}  // namespace mlgenn::description
