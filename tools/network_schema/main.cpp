// SPDX-License-Identifier: Apache-2.0
// Prints schemas/network.schema.json.
#include <exception>
#include <iostream>

#include "compiler/description/schema.h"

int main() {
    try {
        std::cout << mlgenn::description::network_schema() << std::flush;
        return std::cout ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "network_schema: " << error.what() << "\n";
        return 1;
    }
}
