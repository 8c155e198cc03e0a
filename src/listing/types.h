// SPDX-License-Identifier: Apache-2.0
// Types of the kernel by name. Private to this folder.
#pragma once

#include <string_view>

#include "listing/providers.h"

namespace sonde::listing {

// `struct NAME`, `union NAME`, `enum NAME` with wildcards; false when the pattern is none of these.
bool list_types(std::string_view pattern, Context& context);

}  // namespace sonde::listing
