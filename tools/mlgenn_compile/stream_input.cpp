// SPDX-License-Identifier: Apache-2.0
#include "tools/mlgenn_compile/stream_input.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <variant>
#include <vector>

#include "mlgenn/errors.h"
#include "tools/mlgenn_compile/data_arguments.h"

namespace mlgenn::cli {
namespace {

using Json = nlohmann::json;

void push_values(Session& session, const std::string& name, const DenseInput& input, std::uint64_t example,
                 std::uint64_t first_step) {
    const Array row = input.values.rows(example, example + 1);
    std::vector<float> values(row.size());
    for (std::size_t k = 0; k < values.size(); ++k) {
        values[k] = static_cast<float>(row.value(k) * input.scale);
    }
    session.set_values(name, values, first_step);
}

void push_events(Session& session, const std::string& name, const SpikeInput& input, std::uint64_t example,
                 std::uint64_t first_step) {
    const auto begin = static_cast<std::size_t>(input.offsets.value(example));
    const auto end = static_cast<std::size_t>(input.offsets.value(example + 1));
    const std::vector<std::int64_t> ids = input.ids.rows(begin, end).to_i64();
    std::vector<std::uint64_t> steps;
    std::vector<std::uint32_t> due_ids;
    for (std::size_t k = begin; k < end; ++k) {
        const std::uint64_t step = session.step_of(input.times_ms.value(k));
        const std::int64_t id = ids[k - begin];
        if (id < 0 || id > std::numeric_limits<std::uint32_t>::max()) {
            throw DescriptionError(Diagnostic{"input '" + name + "'",
                                              "event " + std::to_string(k) + " has id " + std::to_string(id),
                                              {},
                                              "number neurons from 0"});
        }
        if (step < session.plan().num_timesteps) {
            steps.push_back(first_step + step);
            due_ids.push_back(static_cast<std::uint32_t>(id));
        }
    }
    session.push_events(name, steps, due_ids);
}

class LineReader {
public:
    LineReader(const std::string& line, std::size_t number) : where_("standard input, line " + std::to_string(number)) {
        json_ = Json::parse(line, nullptr, false);
        if (!json_.is_object()) {
            fail("it is no JSON object");
        }
    }

    [[nodiscard]] bool has(const char* key) const { return json_.contains(key); }
    /// Throws unless the keys are among `known`.
    void allow(const std::set<std::string>& known) const {
        for (const auto& [key, value] : json_.items()) {
            if (known.count(key) == 0) {
                fail("'" + key + "' is not understood here");
            }
        }
    }
    [[nodiscard]] std::uint64_t whole_number(const char* key, std::uint64_t most) const {
        const Json& value = json_.at(key);
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
            fail("'" + std::string(key) + "' is " + value.dump() + ", expected a whole number from 0 to " +
                 std::to_string(most));
        }
        return value.get<std::uint64_t>();
    }
    [[nodiscard]] double number(const char* key) const { return number(key, json_.at(key)); }
    [[nodiscard]] std::string text(const char* key) const {
        if (!has(key) || !json_.at(key).is_string()) {
            fail("'" + std::string(key) + "' is missing, or no text");
        }
        return json_.at(key).get<std::string>();
    }
    [[nodiscard]] std::vector<float> floats(const char* key) const {
        std::vector<float> values;
        for (const Json& item : list(key)) {
            values.push_back(static_cast<float>(number(key, item)));
        }
        return values;
    }
    [[nodiscard]] std::vector<std::uint32_t> ids(const char* key) const {
        std::vector<std::uint32_t> ids;
        for (const Json& item : list(key)) {
            if (!item.is_number_unsigned() || item.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
                fail("'" + std::string(key) + "' holds " + item.dump() + ", expected numbers of neurons");
            }
            ids.push_back(item.get<std::uint32_t>());
        }
        return ids;
    }
    [[noreturn]] void fail(const std::string& problem) const {
        throw DescriptionError(Diagnostic{where_, problem, {}, remedy});
    }

private:
    static constexpr const char* remedy =
        R"(write {"input": NAME, "ids": [0, 3], "step": 12}, {"input": NAME, "values": [0.5, 1]} or {"run": 10})";

    [[nodiscard]] const Json& list(const char* key) const {
        if (!json_.at(key).is_array()) {
            fail("'" + std::string(key) + "' is no list");
        }
        return json_.at(key);
    }
    [[nodiscard]] double number(const char* key, const Json& value) const {
        if (!value.is_number()) {
            fail("'" + std::string(key) + "' holds " + value.dump() + ", expected a number");
        }
        return value.get<double>();
    }

    std::string where_;
    Json json_;
};

void push_line(Session& session, const LineReader& line) {
    const std::string input = line.text("input");
    constexpr std::uint64_t last_step = std::numeric_limits<std::int64_t>::max();
    const std::uint64_t step = line.has("step")      ? line.whole_number("step", last_step)
                               : line.has("time_ms") ? session.step_of(line.number("time_ms"))
                                                     : session.position();
    if (line.has("ids")) {
        line.allow({"input", "ids", "step", "time_ms"});
        const std::vector<std::uint32_t> ids = line.ids("ids");
        session.push_events(input, std::vector<std::uint64_t>(ids.size(), step), ids);
    } else if (line.has("values")) {
        line.allow({"input", "values", "step", "time_ms"});
        session.set_values(input, line.floats("values"), step);
    } else {
        line.fail("it has neither 'ids' nor 'values'");
    }
}

}  // namespace

ExamplePlayer::ExamplePlayer(const Inputs& inputs, std::uint32_t example_steps, std::uint64_t position)
    : inputs_(inputs), example_steps_(example_steps), next_((position + example_steps - 1) / example_steps) {
    for (const auto& [name, input] : inputs_) {
        const std::size_t found = num_examples(input);
        if (&input != &inputs_.begin()->second && found != num_examples_) {
            throw DescriptionError(Diagnostic{"input '" + name + "'",
                                              std::to_string(found) + " examples found, but input '" +
                                                  inputs_.begin()->first + "' has " + std::to_string(num_examples_),
                                              {},
                                              "give all inputs the same number of examples, or use --first"});
        }
        num_examples_ = found;
    }
}

void ExamplePlayer::push(Session& session, std::uint64_t end) {
    for (; next_ < num_examples_ && next_ * example_steps_ < end; ++next_) {
        push_example(session, next_);
    }
}

void ExamplePlayer::push_example(Session& session, std::uint64_t example) const {
    const std::uint64_t first_step = example * example_steps_;
    for (const auto& [name, input] : inputs_) {
        if (const auto* dense = std::get_if<DenseInput>(&input)) {
            push_values(session, name, *dense, example, first_step);
        } else {
            push_events(session, name, std::get<SpikeInput>(input), example, first_step);
        }
    }
}

std::uint32_t follow_line(Session& session, const std::string& text, std::size_t number) {
    const LineReader line(text, number);
    if (line.has("run")) {
        line.allow({"run"});
        return static_cast<std::uint32_t>(line.whole_number("run", std::numeric_limits<std::uint32_t>::max()));
    }
    push_line(session, line);
    return 0;
}

}  // namespace mlgenn::cli
