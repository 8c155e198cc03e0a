// SPDX-License-Identifier: Apache-2.0
// How many keys a map can come to have, where the script alone tells it. Such a map is made no
// larger: the kernel allocates the elements of most maps when it makes them.
#pragma once

#include <cstdint>
#include <map>

#include "sema/script.h"

namespace sonde::codegen {

// An upper bound for each map whose keys are all literals and `probe`, like `@[probe]`. Others,
// and those that functions of imported C see, are left out.
std::map<const sema::Map*, std::uint64_t> find_key_counts(const sema::Script& script);

}  // namespace sonde::codegen
