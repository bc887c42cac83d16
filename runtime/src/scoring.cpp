// SPDX-License-Identifier: Apache-2.0
// Targets and metrics of an evaluation: what is scored, and what the scores add up to.
#include "runtime/src/scoring.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/input_checks.h"
#include "runtime/src/spike_events.h"

namespace mlgenn::runtime {

namespace {

constexpr const char* default_metric = "sparse_categorical_accuracy";

/// Checks targets and metric names against a plan and collects findings.
class MetricChoice {
public:
    MetricChoice(const ExecutionPlan& plan, std::optional<std::size_t> num_examples, std::vector<Diagnostic>& problems)
        : plan_(plan), num_examples_(num_examples), problems_(problems) {}

    /// Index of the compiled metric `name` of `output`.
    std::optional<std::size_t> find(const std::string& output, const std::string& name) {
        const std::string where = "target '" + output + "'";
        std::vector<std::string> outputs;
        std::vector<std::string> metrics;
        for (const OutputPlan& known : plan_.outputs) {
            outputs.push_back(known.population);
        }
        if (std::find(outputs.begin(), outputs.end(), output) == outputs.end()) {
            report(where, "network '" + plan_.network + "' has no output population of this name",
                   "its output populations are: " + quoted_list(outputs));
            return std::nullopt;
        }
        for (std::size_t i = 0; i < plan_.metrics.size(); ++i) {
            const MetricPlan& metric = plan_.metrics[i];
            if (plan_.outputs[metric.output].population == output) {
                if (metric.metric == name) {
                    return i;
                }
                metrics.push_back(metric.metric);
            }
        }
        report(where, "metric '" + name + "' was not compiled for this output",
               "its compiled metrics are: " + quoted_list(metrics));
        return std::nullopt;
    }

    void check_targets(const MetricPlan& metric, const Array& targets) {
        const OutputPlan& output = plan_.outputs[metric.output];
        const std::string where = "target '" + output.population + "'";
        const Shape& found = targets.shape();
        const Shape per_example = metric.target_is_label ? Shape{} : output.shape;
        if (found.size() != per_example.size() + 1 ||
            !std::equal(per_example.begin(), per_example.end(), found.begin() + 1) ||
            (num_examples_ && found.front() != *num_examples_)) {
            report(where,
                   "shape " + to_string(found) + " found, but metric '" + metric.metric + "' expects " +
                       expected_shape(per_example),
                   metric.target_is_label ? "give one label per example"
                                          : "give values of shape (examples, population shape...)");
            return;
        }
        if (metric.target_is_label) {
            check_labels(targets, output, where);
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
};

std::vector<std::string> names_of(const Targets& targets) {
    std::vector<std::string> names;
    for (const auto& [name, array] : targets) {
        names.push_back(name);
    }
    return names;
}

}  // namespace

std::vector<ScoredOutput> choose_metrics(const ExecutionPlan& plan, const Targets& targets,
                                         const std::map<std::string, std::string>& metric_names,
                                         std::optional<std::size_t> num_examples, std::vector<Diagnostic>& problems) {
    std::vector<ScoredOutput> scored;
    MetricChoice choice(plan, num_examples, problems);
    if (targets.empty()) {
        problems.push_back({.where = "network '" + plan.network + "'",
                            .problem = "0 targets given, but an evaluation needs at least 1",
                            .notes = {},
                            .remedy = "give targets for an output population, or predict instead"});
    }
    for (const auto& [output, name] : metric_names) {
        if (!targets.contains(output)) {
            problems.push_back({.where = "metric '" + name + "' of '" + output + "'",
                                .problem = "there is no target of this name",
                                .notes = {},
                                .remedy = "targets were given for: " + quoted_list(names_of(targets))});
        }
    }
    for (const auto& [output, array] : targets) {
        const auto named = metric_names.find(output);
        if (named == metric_names.end() && !metric_names.empty()) {
            problems.push_back({.where = "target '" + output + "'",
                                .problem = "metrics were named, but none for this target",
                                .notes = {},
                                .remedy = "name a metric for every target, or none at all"});
            continue;
        }
        const std::optional<std::size_t> metric =
            choice.find(output, named == metric_names.end() ? default_metric : named->second);
        if (metric) {
            choice.check_targets(plan.metrics[*metric], array);
            scored.push_back({.metric = *metric, .targets = array});
        }
    }
    return scored;
}

Scoring::Scoring(const ExecutionPlan& plan, std::vector<ScoredOutput> scored, std::size_t num_examples,
                 unsigned num_workers) {
    for (ScoredOutput& entry : scored) {
        Channel& channel = channels_.emplace_back();
        channel.metric = entry.metric;
        channel.plan = plan.metrics[entry.metric];
        channel.output = plan.outputs[channel.plan.output].population;
        channel.scores.resize(num_examples);
        if (channel.plan.target_is_label) {
            for (const std::int64_t label : entry.targets.to_i64()) {
                channel.labels.push_back(static_cast<std::int32_t>(label));
            }
            channel.labels.resize(channel.labels.size() + readable_padding);
        } else {
            const std::size_t values_per_example = plan.outputs[channel.plan.output].num_neurons;
            channel.reader.emplace(DenseInput{.values = std::move(entry.targets)}, values_per_example);
            channel.values_of_worker.resize(num_workers);
            for (WorkerValues& values : channel.values_of_worker) {
                values.padded.resize(values_per_example + readable_padding);
            }
        }
    }
}

const std::byte* Scoring::target(std::size_t scored, std::size_t example, unsigned worker) {
    Channel& channel = channels_[scored];
    if (channel.plan.target_is_label) {
        return reinterpret_cast<const std::byte*>(&channel.labels[example]);
    }
    WorkerValues& values = channel.values_of_worker[worker];
    const std::span<const float> target = channel.reader->read(example, values.converted);
    std::copy(target.begin(), target.end(), values.padded.begin());
    return reinterpret_cast<const std::byte*>(values.padded.data());
}

std::byte* Scoring::score(std::size_t scored, std::size_t example) {
    return reinterpret_cast<std::byte*>(&channels_[scored].scores[example]);
}

std::vector<MetricResult> Scoring::results() const {
    std::vector<MetricResult> results;
    for (const Channel& channel : channels_) {
        MetricResult& result = results.emplace_back();
        result.output = channel.output;
        result.metric = channel.plan.metric;
        result.num_examples = channel.scores.size();
        double sum = 0.0;
        if (channel.plan.score_storage == Storage::u32) {
            for (const std::uint32_t score : channel.scores) {
                result.num_correct += score;
            }
            sum = static_cast<double>(result.num_correct);
        } else {
            for (const std::uint32_t score : channel.scores) {
                sum += static_cast<double>(std::bit_cast<float>(score));
            }
        }
        result.value = sum / (static_cast<double>(channel.scores.size()) * channel.plan.divisor);
    }
    return results;
}

}  // namespace mlgenn::runtime
