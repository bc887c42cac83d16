// SPDX-License-Identifier: Apache-2.0
// Do the caller's inputs fit the network? Everything that can be seen without looking at every element.
#include "runtime/src/input_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <variant>

namespace mlgenn::runtime {

namespace {

bool is_integer(DType dtype) {
    return dtype != DType::boolean && dtype != DType::f32 && dtype != DType::f64;
}

/// "[examples, 28, 28, 1]".
std::string pattern_of(const InputPlan& plan) {
    std::string text = "[examples";
    if (plan.num_frames > 1) {
        text += ", " + std::to_string(plan.num_frames);
    }
    for (const std::size_t dimension : plan.shape) {
        text += ", " + std::to_string(dimension);
    }
    return text + "]";
}

/// Checks one input and collects findings about it.
class InputCheck {
public:
    InputCheck(const InputPlan& plan, std::vector<Diagnostic>& problems)
        : plan_(plan), where_("input '" + plan.population + "'"), problems_(problems) {}

    std::optional<std::size_t> operator()(const DenseInput& input) {
        if (plan_.kind != InputPlan::Kind::values) {
            report("dense values of shape " + to_string(input.values.shape()) +
                       " found, but the population's model takes spike events",
                   "pass a SpikeInput (times_ms, ids, offsets)");
            return std::nullopt;
        }
        if (!std::isfinite(input.scale)) {
            report("scale " + std::to_string(input.scale) + " found, but a finite number is needed",
                   "leave the scale out, or give a finite one");
        }
        Shape expected = plan_.shape;
        if (plan_.num_frames > 1) {
            expected.insert(expected.begin(), plan_.num_frames);
        }
        const Shape& found = input.values.shape();
        if (found.size() != expected.size() + 1 || !std::equal(expected.begin(), expected.end(), found.begin() + 1)) {
            report("shape " + to_string(found) + " found, but " + pattern_of(plan_) + " expected",
                   plan_.num_frames > 1 ? "give (examples, frames, population shape...)"
                                        : "give (examples, population shape...)");
            return std::nullopt;
        }
        return found.front();
    }

    std::optional<std::size_t> operator()(const SpikeInput& input) {
        if (plan_.kind != InputPlan::Kind::events) {
            report("spike events found, but the population's model takes values of shape " + pattern_of(plan_),
                   "pass a DenseInput");
            return std::nullopt;
        }
        if (input.times_ms.shape().size() != 1 || input.ids.shape().size() != 1 ||
            input.times_ms.size() != input.ids.size()) {
            report("times_ms of shape " + to_string(input.times_ms.shape()) + " and ids of shape " +
                       to_string(input.ids.shape()) + " found, but both must be [events]",
                   "give one time and one id per event");
            return std::nullopt;
        }
        if (input.times_ms.dtype() == DType::boolean) {
            report("times_ms are bool, but numbers are needed", "give times in ms");
            return std::nullopt;
        }
        if (!is_integer(input.ids.dtype())) {
            report("ids are " + std::string(name_of(input.ids.dtype())) + ", but integers are needed",
                   "convert the ids to an integer type");
            return std::nullopt;
        }
        return check_offsets(input.offsets, input.ids.size());
    }

private:
    std::optional<std::size_t> check_offsets(const Array& offsets, std::size_t num_events) {
        const std::string remedy = "example e owns events offsets[e] .. offsets[e + 1] - 1: give examples + 1 " +
                                   std::string("ascending integers from 0 to the number of events");
        if (offsets.shape().size() != 1 || offsets.size() == 0 || !is_integer(offsets.dtype())) {
            report("offsets of shape " + to_string(offsets.shape()) + " and type " +
                       std::string(name_of(offsets.dtype())) + " found, but integers of shape [examples + 1] expected",
                   remedy);
            return std::nullopt;
        }
        const auto text = [&](std::size_t i) { return std::to_string(static_cast<std::int64_t>(offsets.value(i))); };
        if (offsets.value(0) != 0.0) {
            report("offsets[0] is " + text(0) + ", but must be 0", remedy);
            return std::nullopt;
        }
        for (std::size_t i = 1; i < offsets.size(); ++i) {
            const double length = offsets.value(i) - offsets.value(i - 1);
            if (length < 0.0 || length > std::numeric_limits<std::uint32_t>::max()) {
                report("offsets[" + std::to_string(i - 1) + "] is " + text(i - 1) + " and offsets[" +
                           std::to_string(i) + "] is " + text(i) +
                           (length < 0.0 ? ", but offsets must ascend" : ", but an example holds at most 4294967295"),
                       remedy);
                return std::nullopt;
            }
        }
        check_events_per_example(offsets);
        const std::size_t last = offsets.size() - 1;
        if (offsets.value(last) != static_cast<double>(num_events)) {
            report("the last of " + std::to_string(offsets.size()) + " offsets is " + text(last) + ", but there are " +
                       std::to_string(num_events) + " events",
                   remedy);
            return std::nullopt;
        }
        return last;
    }

    /// Names the example with the most events, so that one look at the message is enough.
    void check_events_per_example(const Array& offsets) {
        if (!plan_.max_events) {
            return;
        }
        double most = 0.0;
        std::size_t fullest = 0;
        for (std::size_t example = 0; example + 1 < offsets.size(); ++example) {
            const double count = offsets.value(example + 1) - offsets.value(example);
            fullest = count > most ? example : fullest;
            most = std::max(most, count);
        }
        if (most > *plan_.max_events) {
            const std::string count = std::to_string(static_cast<std::uint64_t>(most));
            report("example " + std::to_string(fullest) + " has " + count +
                       " events, but the network was compiled for at most " + std::to_string(*plan_.max_events) +
                       " per example",
                   "compile with max_input_events of at least " + count + ", or leave it out");
        }
    }

    void report(std::string problem, std::string remedy) {
        problems_.push_back({.where = where_, .problem = std::move(problem), .notes = {}, .remedy = std::move(remedy)});
    }

    const InputPlan& plan_;
    std::string where_;
    std::vector<Diagnostic>& problems_;
};

void report_unknown(const ExecutionPlan& plan, const Inputs& inputs, std::vector<Diagnostic>& problems) {
    std::vector<std::string> known;
    for (const InputPlan& input : plan.inputs) {
        known.push_back(input.population);
    }
    for (const auto& [name, input] : inputs) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            problems.push_back({.where = "input '" + name + "'",
                                .problem = "network '" + plan.network + "' has no input population of this name",
                                .notes = {},
                                .remedy = "its input populations are: " + quoted_list(known)});
        }
    }
}

}  // namespace

std::string quoted_list(std::span<const std::string> names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "'" : ", '") + name + "'";
    }
    return text.empty() ? "none" : text;
}

std::optional<std::size_t> check_inputs(const ExecutionPlan& plan, const Inputs& inputs,
                                        std::vector<Diagnostic>& problems) {
    std::optional<std::size_t> num_examples;
    std::string counted;
    for (const InputPlan& input : plan.inputs) {
        const auto found = inputs.find(input.population);
        if (found == inputs.end()) {
            problems.push_back({.where = "input '" + input.population + "'",
                                .problem = "missing: nothing was given for this population",
                                .notes = {},
                                .remedy = input.kind == InputPlan::Kind::values
                                              ? "give values of shape " + pattern_of(input)
                                              : "give spike events (times_ms, ids, offsets)"});
            continue;
        }
        const std::optional<std::size_t> examples = std::visit(InputCheck(input, problems), found->second);
        if (!examples) {
            continue;
        }
        if (num_examples && *num_examples != *examples) {
            problems.push_back({.where = "input '" + input.population + "'",
                                .problem = std::to_string(*examples) + " examples found, but input '" + counted +
                                           "' has " + std::to_string(*num_examples),
                                .notes = {},
                                .remedy = "give all inputs the same number of examples"});
        } else if (!num_examples) {
            num_examples = examples;
            counted = input.population;
        }
    }
    report_unknown(plan, inputs, problems);
    if (num_examples == std::size_t{0} || plan.inputs.empty()) {
        problems.push_back(
            {.where = "network '" + plan.network + "'",
             .problem = plan.inputs.empty() ? "it has no input, so the number of examples is unknown"
                                            : "0 examples given, but at least 1 is needed",
             .notes = {},
             .remedy = plan.inputs.empty() ? "give the network an input population" : "give at least one example"});
    }
    return num_examples;
}

}  // namespace mlgenn::runtime
