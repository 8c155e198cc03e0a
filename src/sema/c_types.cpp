// SPDX-License-Identifier: Apache-2.0
#include "sema/c_types.h"

#include <fmt/format.h>

namespace sonde::sema {

using lang::AddressSpace;
using target::Btf;
using target::BtfId;
using target::BtfKind;
using target::BtfMember;
using target::BtfType;

namespace {

// What a pointer points to; null where the language has only `void *` for it.
const Type* pointee(TypeTable& types, const Btf& btf, BtfId id, AddressSpace space) {
  const auto [described_in, known] = types.complete({&btf, btf.resolve(id)});
  const BtfType type = described_in->type(known);
  const bool opaque = type.kind == BtfKind::void_ || type.kind == BtfKind::func_proto ||
                      type.kind == BtfKind::fwd || type.kind == BtfKind::func;
  if (opaque) return nullptr;
  const Type* element = type_of_btf(types, *described_in, known, space);
  return element->is(TypeKind::none) ? nullptr : element;
}

std::string struct_name(TypeTable& types, const Btf& btf, const BtfType& type, BtfId id) {
  const std::string word = type.kind == BtfKind::union_ ? "union " : "struct ";
  if (!type.name.empty()) return word + std::string(type.name);
  std::string list;
  for (const BtfMember& member : btf.members(id))
    list += (list.empty() ? "" : ",") +
            type_name(type_of_btf(types, btf, member.type, AddressSpace::none));
  return word + "{" + list + "}";
}

const Type* struct_of(TypeTable& types, const Btf& btf, const BtfType& type, BtfId id) {
  return types.intern({.kind = TypeKind::c_struct,
                       .size_bytes = type.size,
                       .name = struct_name(types, btf, type, id),
                       .described_in = &btf.home(id),
                       .btf = id});
}

const Type* enum_of(TypeTable& types, const Btf& btf, BtfId id, std::uint32_t bytes) {
  const BtfType type = btf.type(id);
  return types.intern({.kind = TypeKind::integer,
                       .size_bytes = bytes,
                       .is_signed = type.is_signed,
                       .name = type.name.empty() ? "enum" : "enum " + std::string(type.name),
                       .described_in = &btf.home(id),
                       .btf = id});
}

// A mark between the pointer and what it points to. What is protected by RCU can be read.
std::string_view pointer_tag(const Btf& btf, BtfId id) {
  BtfType type = btf.type(btf.resolve(id));
  if (type.kind != BtfKind::pointer) return {};
  for (type = btf.type(type.type); btf.is_modifier(type.kind); type = btf.type(type.type))
    if (type.kind == BtfKind::type_tag && type.name != "rcu") return type.name;
  return {};
}

struct Places {
  TypeTable& types;
  const Btf& btf;
  AddressSpace space;

  StructMember describe(const BtfMember& member, std::uint32_t at_bit) const {
    StructMember result;
    result.name = member.name;
    result.type = type_of_btf(types, btf, member.type, space);
    result.pointer_tag = pointer_tag(btf, member.type);
    result.offset_bytes = at_bit / 8;
    if (member.bit_size == 0 || result.type->size_bytes == 0) return result;
    // The whole integer that the bits lie in, at its natural place.
    const std::uint32_t bits = result.type->size_bytes * 8;
    result.offset_bytes = at_bit / bits * result.type->size_bytes;
    result.bit_offset = static_cast<std::uint8_t>(at_bit % bits);
    result.bit_size = static_cast<std::uint8_t>(member.bit_size);
    return result;
  }

  // Calls `visit` with each named member until it says that it has seen enough.
  template <typename Visit>
  bool each(BtfId id, std::uint32_t base_bit, Visit visit) const {
    for (const BtfMember& member : btf.members(id)) {
      const std::uint32_t at = base_bit + member.bit_offset;
      if (!member.name.empty()) {
        if (visit(member, at)) return true;
        continue;
      }
      const BtfId inner = btf.resolve(member.type);
      const BtfKind kind = btf.type(inner).kind;
      const bool nested = kind == BtfKind::struct_ || kind == BtfKind::union_;
      if (nested && each(inner, at, visit)) return true;
    }
    return false;
  }
};

// Outside of the kernel only `char` is text: there programs tell it from numbers of one byte.
const Type* array_of_btf(TypeTable& types, const Btf& btf, const BtfType& array,
                         AddressSpace space) {
  const Type* element = type_of_btf(types, btf, array.type, space);
  const BtfId resolved = btf.resolve(array.type);
  const bool number =
      btf.home(resolved).origin() != target::BtfOrigin::kernel && btf.type(resolved).name != "char";
  if (number && element->is_integer()) return types.array(element, array.count);
  return array_of(types, element, array.count);
}

}  // namespace

const Type* wide_enum(TypeTable& types, const Btf& btf, BtfId id) {
  return enum_of(types, btf, id, 8);
}

// One-byte integers are text. A flexible array, of no declared length, is only the place where
// text begins.
const Type* array_of(TypeTable& types, const Type* element, std::uint32_t count) {
  if (element->is_integer() && element->size_bytes == 1 && count > 0) return types.string(count);
  if (element->is(TypeKind::none)) return element;
  return types.array(element, count);
}

const Type* type_of_btf(TypeTable& types, const Btf& btf, BtfId id, AddressSpace space) {
  const BtfId resolved = btf.resolve(id);
  const BtfType type = btf.type(resolved);
  switch (type.kind) {
    case BtfKind::integer:
      if (type.is_bool) return types.boolean();
      if (type.size > 8) return types.none();  // __int128
      return types.integer(type.size, type.is_signed);
    case BtfKind::enum_:
    case BtfKind::enum64: return enum_of(types, btf, resolved, type.size);
    case BtfKind::pointer: return types.pointer(pointee(types, btf, type.type, space), space);
    case BtfKind::struct_:
    case BtfKind::union_: return struct_of(types, btf, type, resolved);
    case BtfKind::array: return array_of_btf(types, btf, type, space);
    default: return types.none();  // float, function
  }
}

std::vector<StructMember> members_of(TypeTable& types, const Type& owner, AddressSpace space) {
  const Places places{types, *owner.described_in, space};
  std::vector<StructMember> members;
  places.each(owner.btf, 0, [&](const BtfMember& member, std::uint32_t at) {
    members.push_back(places.describe(member, at));
    return false;
  });
  return members;
}

std::optional<StructMember> find_member(TypeTable& types, const Type& owner, std::string_view name,
                                        AddressSpace space) {
  const Places places{types, *owner.described_in, space};
  std::optional<StructMember> found;
  places.each(owner.btf, 0, [&](const BtfMember& member, std::uint32_t at) {
    if (member.name != name) return false;
    found = places.describe(member, at);
    return true;
  });
  return found;
}

std::vector<std::string> member_names(const Type& owner) {
  TypeTable unused;
  const Places places{unused, *owner.described_in, AddressSpace::none};
  std::vector<std::string> names;
  places.each(owner.btf, 0, [&](const BtfMember& member, std::uint32_t) {
    names.emplace_back(member.name);
    return false;
  });
  return names;
}

}  // namespace sonde::sema
