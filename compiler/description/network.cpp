// SPDX-License-Identifier: Apache-2.0
// Looking things up in a network.
#include "mlgenn/network.h"

#include <algorithm>

namespace mlgenn {

const Population* Network::find_population(const std::string& population_name) const {
    const auto found = std::find_if(populations.begin(), populations.end(),
                                    [&](const Population& population) { return population.name == population_name; });
    return found == populations.end() ? nullptr : &*found;
}

}  // namespace mlgenn
