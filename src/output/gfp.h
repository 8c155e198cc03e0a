// SPDX-License-Identifier: Apache-2.0
// Private to this folder.
#pragma once

#include <cstdint>
#include <string>

namespace sonde::output {

// The kernel's names for the flags of an allocation (`%gr`), with `|` between them.
void append_gfp_flags(std::string& out, std::uint64_t flags);

}  // namespace sonde::output
