// SPDX-License-Identifier: Apache-2.0
// The checks behind validated(), for readers that have findings of their own.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/description/report.h"
#include "mlgenn/network.h"

namespace mlgenn::description {

/// The longest delay of a connection or synapse.
inline constexpr std::uint32_t max_delay_steps = 65535;

/// Checks the network, names its connections and infers its shapes; findings go into the report.
/// `report` is about `network`.
void complete(Network& network, Report& report);

/// Gives connections without a name "<source>_to_<target>", numbered from the second on.
void name_connections(Network& network);

/// The part that infers shapes. A connection takes part unless `is_sound` says that something is wrong with it;
/// `source` and `target` are population indices.
struct ConnectionEnds {
    std::size_t source = 0;
    std::size_t target = 0;
    bool is_sound = false;
};
/// No zero dimension, at most eight dimensions and 2^31 - 1 neurons.
[[nodiscard]] bool is_valid_shape(const Shape& shape);
void infer_shapes(Network& network, const std::vector<ConnectionEnds>& ends, Report& report);

}  // namespace mlgenn::description
