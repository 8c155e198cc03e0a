// SPDX-License-Identifier: Apache-2.0
#include "ctext/layout.h"

#include <algorithm>

namespace sonde::ctext {

namespace {

std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

}  // namespace

// Psabi of x86-64 and arm64, "Bit-fields": one lies within a unit of its own declared type, as far
// as its type is not packed; one of no width ends the unit.
Layout lay_out(std::span<const CMember> members, bool is_union, bool packed,
               std::uint32_t aligned) {
  Layout layout;
  std::uint64_t at = 0, end = 0;  // bits
  for (const CMember& member : members) {
    if (is_union) at = 0;
    const bool tight = packed || member.packed;
    const std::uint32_t natural = tight ? 1 : member.type.alignment;
    const std::uint32_t alignment = std::max(natural, member.aligned);
    if (member.bits) {
      const std::uint64_t unit = member.type.bytes * 8;
      const bool crosses = unit != 0 && at % unit + *member.bits > unit;
      if (*member.bits == 0)
        at = round_up(at, std::uint64_t{member.type.alignment} * 8);
      else if (member.aligned != 0 || (!tight && crosses))
        at = round_up(at, std::uint64_t{alignment} * 8);
      if (!member.name.empty()) {
        layout.alignment = std::max(layout.alignment, alignment);
        layout.members.push_back(
            {member.name, member.type.id, static_cast<std::uint32_t>(at), *member.bits});
      }
      at += *member.bits;
    } else {
      at = round_up(at, std::uint64_t{alignment} * 8);
      layout.alignment = std::max(layout.alignment, alignment);
      layout.members.push_back({member.name, member.type.id, static_cast<std::uint32_t>(at), 0});
      at += member.type.bytes * 8;
    }
    end = std::max(end, at);
  }
  layout.alignment = std::max(layout.alignment, aligned);
  layout.bytes = round_up(round_up(end, 8) / 8, layout.alignment);
  return layout;
}

}  // namespace sonde::ctext
