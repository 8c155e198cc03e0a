// SPDX-License-Identifier: Apache-2.0
// Which maps the reader empties by putting an empty one in their place. Programs find such a map
// through a map of maps, which costs each use one more lookup.
#pragma once

#include <set>

#include "sema/script.h"

namespace sonde::codegen {

// Those that clear() or zero() is called for, without sums without key that no program reads: these
// go on counting, and the reader subtracts what it has taken.
std::set<const sema::Map*> find_swapped_maps(const sema::Script& script);

}  // namespace sonde::codegen
