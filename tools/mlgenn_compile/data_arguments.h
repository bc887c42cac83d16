// SPDX-License-Identifier: Apache-2.0
// Inputs and targets from the files that the command line names.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "mlgenn/inputs.h"
#include "mlgenn/network.h"
#include "tools/mlgenn_compile/commands.h"

namespace mlgenn::cli {

/// Splits "NAME=TEXT"; a text whose part before the first '=' is no population name has no name.
[[nodiscard]] NamedText parse_named(const std::string& option, const std::string& text);

/// Gives every entry its population: a left-out name stands for the only candidate. Throws DescriptionError for names
/// that are not among `candidates`, names given twice, and left-out names when there are several; `kind` is "input"
/// or "output".
[[nodiscard]] std::map<std::string, NamedText> by_population(std::span<const NamedText> entries,
                                                             std::span<const std::string> candidates,
                                                             const std::string& kind);

/// Names of the populations with a readout.
[[nodiscard]] std::vector<std::string> output_names(const Network& network);

/// Reads all inputs. `input_names` are the input populations of the network. Throws DescriptionError with all findings
/// about the command line; array problems are reported by the readers.
[[nodiscard]] Inputs read_inputs(const DataSettings& data, std::span<const std::string> input_names);

/// Reads the targets of `names`, cut to the first examples if asked for.
[[nodiscard]] Targets read_targets(std::span<const NamedText> targets, std::span<const std::string> names,
                                   const std::optional<std::uint64_t>& first);

/// Number of examples of an input.
[[nodiscard]] std::size_t num_examples(const Input& input);
/// The first `count` examples of every input; throws DescriptionError when there are fewer.
[[nodiscard]] Inputs first_examples(const Inputs& inputs, std::size_t count);
/// The first `count` rows; throws DescriptionError when there are fewer. `where` stands in the message.
[[nodiscard]] Array first_rows(const Array& array, std::size_t count, const std::string& where);

}  // namespace mlgenn::cli
