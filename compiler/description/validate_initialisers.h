// SPDX-License-Identifier: Apache-2.0
// Initialisers: names and parameters against the catalogue.
#pragma once

#include <vector>

#include "compiler/description/report.h"
#include "compiler/language/initialiser.h"
#include "compiler/models/catalogue.h"

namespace mlgenn::description {

/// The name of initialisers that are written in code.
inline constexpr const char* code_initialiser = "code";

/// Reports what is wrong with an initialiser, whatever parameter it is for; code knows the names that go with
/// `elements`. Says whether it reported anything.
bool check_initialiser(const Initialiser& initialiser, language::ElementKind elements, const Place& place,
                       Report& report);

/// Numbers that a sound initialiser's draws lie between; empty: unbounded, or not known before they are drawn.
[[nodiscard]] std::vector<double> bounds_of(const Initialiser& initialiser);

/// The given parameters as the catalogue's reader takes them.
[[nodiscard]] Parameters parameters_of(const Initialiser& initialiser);

}  // namespace mlgenn::description
