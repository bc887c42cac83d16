// SPDX-License-Identifier: Apache-2.0
// Targets in, results out.
#include "runtime/src/scoring.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "mlgenn/errors.h"
#include "runtime/src/example_feeder.h"
#include "runtime/src/score_sums.h"
#include "runtime/src/spike_events.h"

namespace mlgenn {

MetricFunction mean_over_examples(MetricFunction score) {
    return [score = std::move(score)](const Array& outputs, const Array& targets) {
        const auto one_of = [](const Array& array, std::size_t example) {
            if (array.empty()) {
                return array;
            }
            const Shape& shape = array.shape();
            return array.rows(example, example + 1).reshaped(Shape(shape.begin() + 1, shape.end()));
        };
        const std::size_t num_examples = outputs.shape().front();
        double sum = 0.0;
        for (std::size_t example = 0; example < num_examples; ++example) {
            sum += score(one_of(outputs, example), one_of(targets, example));
        }
        return sum / static_cast<double>(num_examples);
    };
}

}  // namespace mlgenn

namespace mlgenn::runtime {

Scoring::Scoring(const ExecutionPlan& plan, std::vector<ChosenMetric> chosen, std::size_t num_examples,
                 unsigned num_workers) {
    for (ChosenMetric& metric : chosen) {
        Channel& channel = channels_.emplace_back();
        channel.chosen = std::move(metric);
        channel.output = plan.outputs[channel.chosen.output].population;
        if (channel.chosen.compiled) {
            scored_.push_back(channels_.size() - 1);
            channel.plan = plan.metrics[*channel.chosen.compiled];
            prepare(channel, plan, num_examples, num_workers);
        }
    }
}

void Scoring::prepare(Channel& channel, const ExecutionPlan& plan, std::size_t num_examples,
                      unsigned num_workers) const {
    channel.words.resize(num_score_words(channel.plan));
    switch (channel.plan.target) {
        case TargetKind::label:
            channel.labels.reserve(num_examples + readable_padding);
            for (const std::int64_t label : channel.chosen.targets.to_i64()) {
                channel.labels.push_back(static_cast<std::int32_t>(label));
            }
            channel.labels.resize(channel.labels.size() + readable_padding);
            break;
        case TargetKind::values: {
            const std::size_t values_per_example = plan.outputs[channel.plan.output].num_neurons;
            channel.reader.emplace(DenseInput{.values = channel.chosen.targets}, values_per_example);
            channel.values_of_worker.resize(num_workers);
            for (WorkerValues& values : channel.values_of_worker) {
                values.padded.resize(values_per_example + readable_padding);
            }
            break;
        }
        case TargetKind::none:
            channel.labels.resize(1 + readable_padding);
            break;
    }
}

const std::byte* Scoring::target(std::size_t scored, std::size_t example, unsigned worker) {
    Channel& channel = channels_[scored_[scored]];
    if (channel.plan.target != TargetKind::values) {
        return reinterpret_cast<const std::byte*>(
            &channel.labels[channel.plan.target == TargetKind::label ? example : 0]);
    }
    WorkerValues& values = channel.values_of_worker[worker];
    const std::span<const float> target = channel.reader->read(example, values.converted);
    std::copy(target.begin(), target.end(), values.padded.begin());
    return reinterpret_cast<const std::byte*>(values.padded.data());
}

std::vector<bool> Scoring::outputs_for_functions() const {
    std::vector<bool> wanted;
    for (const Channel& channel : channels_) {
        if (channel.chosen.function) {
            wanted.resize(std::max(wanted.size(), channel.chosen.output + 1));
            wanted[channel.chosen.output] = true;
        }
    }
    return wanted;
}

void Scoring::collect(Executor& executor) {
    for (const std::size_t index : scored_) {
        Channel& channel = channels_[index];
        executor.take_scores(*channel.chosen.compiled, channel.words);
    }
}

std::vector<MetricResult> Scoring::results(std::size_t num_examples, const ReadoutStore& predictions) const {
    std::vector<MetricResult> results;
    for (const Channel& channel : channels_) {
        MetricResult& result = results.emplace_back();
        result.output = channel.output;
        result.metric = channel.chosen.name;
        result.num_examples = num_examples;
        if (num_examples == 0) {
            result.value = std::numeric_limits<double>::quiet_NaN();
        }
        if (channel.chosen.compiled) {
            add_score(channel, result);
        } else if (num_examples != 0) {
            add_function(channel, predictions, result);
        }
    }
    return results;
}

void Scoring::add_score(const Channel& channel, MetricResult& result) {
    result.model = channel.plan.metric;
    const double examples = static_cast<double>(result.num_examples);
    switch (channel.plan.score) {
        case ScoreKind::count:
            result.is_count = channel.plan.divisor == 1.0;
            result.num_correct = channel.words[0];
            result.value = static_cast<double>(channel.words[0]) / (examples * channel.plan.divisor);
            break;
        case ScoreKind::sum:
            result.value = rounded_sum(channel.words) / (examples * channel.plan.divisor);
            break;
        case ScoreKind::histogram: {
            result.values = Array::from(channel.words, channel.plan.bins);
            result.is_count = true;
            for (std::size_t k = 0; k < channel.plan.bins.front(); ++k) {
                result.num_correct += channel.words[k * (channel.plan.bins.front() + 1)];
            }
            result.value = static_cast<double>(result.num_correct) / examples;
            break;
        }
    }
}

void Scoring::add_function(const Channel& channel, const ReadoutStore& predictions, MetricResult& result) {
    const Array& outputs = predictions.values(channel.chosen.output);
    const Array& targets = channel.chosen.targets;
    const bool all = outputs.shape().front() == result.num_examples;
    const auto so_far = [&](const Array& array) {
        return all || array.empty() ? array : array.rows(0, result.num_examples);
    };
    result.value = channel.chosen.function(so_far(outputs), so_far(targets));
}

}  // namespace mlgenn::runtime
