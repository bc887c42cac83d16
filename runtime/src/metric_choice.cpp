// SPDX-License-Identifier: Apache-2.0
// Metric names and targets against a plan.
#include "runtime/src/metric_choice.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/input_checks.h"

namespace mlgenn::runtime {

namespace {

constexpr const char* default_metric = "sparse_categorical_accuracy";

template <class Values>
std::vector<std::string> names_of(const Values& values) {
    std::vector<std::string> names;
    for (const auto& [name, value] : values) {
        names.push_back(name);
    }
    return names;
}

/// Whether targets fit what a compiled metric compares with.
class TargetCheck {
public:
    TargetCheck(const ExecutionPlan& plan, std::optional<std::size_t> num_examples, std::vector<Diagnostic>& problems)
        : plan_(plan), num_examples_(num_examples), problems_(problems) {}

    void check(const MetricPlan& metric, const Array& targets) {
        if (metric.target == TargetKind::none) {
            return;
        }
        const OutputPlan& output = plan_.outputs[metric.output];
        const std::string where = "target '" + output.population + "'";
        const bool is_label = metric.target == TargetKind::label;
        const Shape& found = targets.shape();
        const Shape per_example = is_label ? Shape{} : output.shape;
        if (found.size() != per_example.size() + 1 ||
            !std::equal(per_example.begin(), per_example.end(), found.begin() + 1) ||
            (num_examples_ && found.front() != *num_examples_)) {
            report(where,
                   "shape " + to_string(found) + " found, but metric '" + metric.name + "' expects " +
                       expected_shape(per_example),
                   is_label ? "give one label per example" : "give values of shape (examples, population shape...)");
            return;
        }
        if (is_label && labels_checked_.insert(metric.output).second) {
            check_labels(targets, output, where);
        }
    }

    /// A function gets targets of any kind, but one per example.
    void check_function(const std::string& name, const std::string& output, const Array& targets) {
        const Shape& found = targets.shape();
        if (found.empty() || (num_examples_ && found.front() != *num_examples_)) {
            report("target '" + output + "'",
                   "shape " + to_string(found) + " found, but metric '" + name + "' expects " +
                       (num_examples_ ? std::to_string(*num_examples_) : "one entry per") + " examples",
                   "give one target per example, examples first");
        }
    }

private:
    std::string expected_shape(const Shape& per_example) const {
        std::string text = "[" + (num_examples_ ? std::to_string(*num_examples_) : std::string("examples"));
        for (const std::size_t dimension : per_example) {
            text += ", " + std::to_string(dimension);
        }
        return text + "]";
    }

    void check_labels(const Array& labels, const OutputPlan& output, const std::string& where) {
        std::size_t num_bad = 0;
        std::string first;
        for (std::size_t example = 0; example < labels.size(); ++example) {
            const double label = labels.value(example);
            if (label >= 0.0 && label < output.num_neurons && label == std::floor(label)) {
                continue;
            }
            if (num_bad++ == 0) {
                std::string text = std::to_string(label);
                if (label == std::floor(label)) {
                    text.resize(text.find('.'));
                }
                first = "label " + text + " of example " + std::to_string(example);
            }
        }
        if (num_bad != 0) {
            report(where,
                   first + " is not one of the " + std::to_string(output.num_neurons) + " classes (wrong labels: " +
                       std::to_string(num_bad) + " of " + std::to_string(labels.size()) + ")",
                   "use whole numbers from 0 to " + std::to_string(static_cast<std::int64_t>(output.num_neurons) - 1));
        }
    }

    void report(std::string where, std::string problem, std::string remedy) {
        problems_.push_back(
            {.where = std::move(where), .problem = std::move(problem), .notes = {}, .remedy = std::move(remedy)});
    }

    const ExecutionPlan& plan_;
    std::optional<std::size_t> num_examples_;
    std::vector<Diagnostic>& problems_;
    /// Outputs whose labels have been looked at: several metrics share them.
    std::set<std::uint32_t> labels_checked_;
};

class MetricChoice {
public:
    MetricChoice(const ExecutionPlan& plan, const Targets& targets, const MetricRequest& request,
                 std::optional<std::size_t> num_examples, std::vector<Diagnostic>& problems)
        : plan_(plan),
          targets_(targets),
          request_(request),
          problems_(problems),
          target_check_(plan, num_examples, problems) {}

    std::vector<ChosenMetric> run() {
        if (targets_.empty() && request_.names.empty()) {
            report("network '" + plan_.network + "'", "0 targets given, but an evaluation needs at least 1",
                   "give targets for an output population, or predict instead");
        }
        std::set<std::string> outputs;
        for (const auto& [output, names] : request_.names) {
            outputs.insert(output);
        }
        for (const auto& [output, array] : targets_) {
            outputs.insert(output);
        }
        for (const std::string& output : outputs) {
            choose_for(output);
        }
        return std::move(chosen_);
    }

private:
    void choose_for(const std::string& output) {
        const auto plan = std::find_if(plan_.outputs.begin(), plan_.outputs.end(),
                                       [&](const OutputPlan& known) { return known.population == output; });
        if (plan == plan_.outputs.end()) {
            std::vector<std::string> known;
            for (const OutputPlan& candidate : plan_.outputs) {
                known.push_back(candidate.population);
            }
            report((targets_.contains(output) ? "target '" : "metrics of '") + output + "'",
                   "network '" + plan_.network + "' has no output population of this name",
                   "its output populations are: " + quoted_list(known));
            return;
        }
        const auto index = static_cast<std::size_t>(plan - plan_.outputs.begin());
        std::set<std::string> seen;
        for (const std::string& name : names_for(output, index)) {
            if (!seen.insert(name).second) {
                report("metric '" + name + "' of '" + output + "'", "it is named twice", "name it once");
            } else {
                choose(name, output, index);
            }
        }
    }

    std::vector<std::string> names_for(const std::string& output, std::size_t index) {
        const auto named = request_.names.find(output);
        if (named != request_.names.end() && !named->second.empty()) {
            return named->second;
        }
        if (!request_.names.empty()) {
            report("target '" + output + "'", "metrics were named, but none for this target",
                   "name a metric for every target, or none at all");
            return {};
        }
        if (!request_.call_functions.empty()) {
            return names_of(request_.call_functions);
        }
        std::vector<std::string> named_when_compiled;
        std::vector<std::string> defaults;
        for (const MetricPlan& metric : plan_.metrics) {
            if (metric.output == index && metric.is_default) {
                (metric.is_named ? named_when_compiled : defaults).push_back(metric.name);
            }
        }
        if (!named_when_compiled.empty()) {
            return named_when_compiled;
        }
        if (!request_.registered_functions.empty()) {
            return names_of(request_.registered_functions);
        }
        return defaults.empty() ? std::vector<std::string>{default_metric} : defaults;
    }

    void choose(const std::string& name, const std::string& output, std::size_t index) {
        ChosenMetric chosen{.name = name, .output = index, .compiled = find_compiled(name, index)};
        if (const MetricFunction* function = find_function(name)) {
            if (chosen.compiled) {
                report("metric '" + name + "' of '" + output + "'",
                       "a function has this name, and so has a metric that was compiled for this output",
                       "give the function another name");
                return;
            }
            if (!*function) {
                report("metric '" + name + "' of '" + output + "'", "the function is empty", "give one");
                return;
            }
            chosen.function = *function;
        } else if (!chosen.compiled) {
            report_unknown(name, output, index);
            return;
        }
        const auto target = targets_.find(output);
        if (target == targets_.end()) {
            if (chosen.compiled && plan_.metrics[*chosen.compiled].target != TargetKind::none) {
                report("metric '" + name + "' of '" + output + "'", "there is no target of this name",
                       "targets were given for: " + quoted_list(names_of(targets_)));
                return;
            }
        } else {
            chosen.targets = target->second;
            if (chosen.compiled) {
                target_check_.check(plan_.metrics[*chosen.compiled], chosen.targets);
            } else {
                target_check_.check_function(name, output, chosen.targets);
            }
        }
        chosen_.push_back(std::move(chosen));
    }

    [[nodiscard]] std::optional<std::size_t> find_compiled(const std::string& name, std::size_t output) const {
        for (std::size_t i = 0; i < plan_.metrics.size(); ++i) {
            if (plan_.metrics[i].output == output && plan_.metrics[i].name == name) {
                return i;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] const MetricFunction* find_function(const std::string& name) const {
        for (const MetricFunctions* functions : {&request_.call_functions, &request_.registered_functions}) {
            if (const auto found = functions->find(name); found != functions->end()) {
                return &found->second;
            }
        }
        return nullptr;
    }

    void report_unknown(const std::string& name, const std::string& output, std::size_t index) {
        std::vector<std::string> known;
        for (const MetricPlan& metric : plan_.metrics) {
            if (metric.output == index) {
                known.push_back(metric.name);
            }
        }
        report("target '" + output + "'", "metric '" + name + "' was not compiled for this output",
               "its compiled metrics are: " + quoted_list(known) + "; name others in the compiler's options");
    }

    void report(std::string where, std::string problem, std::string remedy) {
        problems_.push_back(
            {.where = std::move(where), .problem = std::move(problem), .notes = {}, .remedy = std::move(remedy)});
    }

    const ExecutionPlan& plan_;
    const Targets& targets_;
    const MetricRequest& request_;
    std::vector<Diagnostic>& problems_;
    TargetCheck target_check_;
    std::vector<ChosenMetric> chosen_;
};

}  // namespace

std::vector<ChosenMetric> choose_metrics(const ExecutionPlan& plan, const Targets& targets,
                                         const MetricRequest& request, std::optional<std::size_t> num_examples,
                                         std::vector<Diagnostic>& problems) {
    return MetricChoice(plan, targets, request, num_examples, problems).run();
}

}  // namespace mlgenn::runtime
