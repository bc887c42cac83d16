// SPDX-License-Identifier: Apache-2.0
// `convert`: a network as one description and one archive, with a checkpoint's weights or drawn arrays if asked for.
#include <iostream>

#include "mlgenn/network_io.h"
#include "tools/mlgenn_compile/commands.h"
#include "tools/mlgenn_compile/network_setup.h"

namespace mlgenn::cli {

void run_convert(const ConvertCommand& command) {
    NetworkFile file = read_network_file(command.settings);
    if (command.draw) {
        file.network = drawn(std::move(file.network), command.settings.options.rng_seed, file.dt.value_or(1.0));
    }
    save_network(command.output, file);
    std::cout << "wrote " << command.output.string() << '\n';
}

}  // namespace mlgenn::cli
