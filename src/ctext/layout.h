// SPDX-License-Identifier: Apache-2.0
// Where the members of a struct lie, as the C compilers of Linux place them.
#pragma once

#include "ctext/types.h"

namespace sonde::ctext {

struct Layout {
  std::uint64_t bytes = 0;
  std::uint32_t alignment = 1;
  std::vector<target::BtfMember> members;  // names look into those given
};

// `packed` and `aligned` (0: none) are attributes of the whole.
Layout lay_out(std::span<const CMember> members, bool is_union, bool packed, std::uint32_t aligned);

}  // namespace sonde::ctext
