// SPDX-License-Identifier: Apache-2.0
// A network's own models: names, and what is wrong with their code.
#pragma once

#include "compiler/description/report.h"
#include "compiler/language/user_models.h"

namespace mlgenn::description {

/// Reports clashing and malformed names, and the findings of `models`, which are the network's.
void check_user_models(const Network& network, const language::ModelTable& models, Report& report);

}  // namespace mlgenn::description
