// SPDX-License-Identifier: Apache-2.0
#include "codegen/kernel_structs.h"

namespace sonde::codegen {

namespace {

// In a kernel with a random layout most members of a task are those of a struct without name.
constexpr int deepest_without_name = 8;

std::optional<target::BtfMember> find_member(const target::Btf& btf, target::BtfId structure,
                                             std::string_view name, int depth = 0) {
  for (const target::BtfMember& member : btf.members(btf.resolve(structure))) {
    if (member.name == name) return member;
    if (!member.name.empty() || depth == deepest_without_name) continue;
    if (auto inner = find_member(btf, member.type, name, depth + 1)) {
      inner->bit_offset += member.bit_offset;
      return inner;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> offset_of(const target::Btf& btf, std::string_view structure,
                                       std::initializer_list<std::string_view> members) {
  auto owner = btf.find(target::BtfKind::struct_, structure);
  std::uint32_t bits = 0;
  for (const std::string_view name : members) {
    const auto member = owner ? find_member(btf, *owner, name) : std::nullopt;
    if (!member) return std::nullopt;
    bits += member->bit_offset;
    owner = member->type;
  }
  return bits / 8;
}

}  // namespace sonde::codegen
