// SPDX-License-Identifier: Apache-2.0
// Types of C, described by BTF, as types of the language.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sema/type.h"

namespace sonde::sema {

// One-byte integers in an array are text: `char comm[16]`, `u8 mac[6]`. Of kind `none` for what
// the language has no type for: floating-point numbers, functions. `btf` outlives the type, and
// `space` is where pointers of the type point to.
const Type* type_of_btf(TypeTable& types, const target::Btf& btf, target::BtfId id,
                        lang::AddressSpace space);

// An enum of 64 bits, which its enumerators have wherever they are not fields.
const Type* wide_enum(TypeTable& types, const target::Btf& btf, target::BtfId id);

// `count` of these as C has them; 0 for the last member of a struct, of no declared size.
const Type* array_of(TypeTable& types, const Type* element, std::uint32_t count);

struct StructMember {
  std::string name;
  const Type* type = nullptr;      // of kind `none` for what the language has no type for
  std::string pointer_tag;         // of a pointer that may not be followed: "user", "percpu"
  std::uint32_t offset_bytes = 0;  // from the start of the outermost struct
  std::uint8_t bit_offset = 0;     // of a bit field, inside the integer at offset_bytes
  std::uint8_t bit_size = 0;       // 0: not a bit field
};

// Of a struct or union that C has declared; those of anonymous members as its own. In the order of
// the declaration.
std::vector<StructMember> members_of(TypeTable& types, const Type& owner, lang::AddressSpace space);
std::optional<StructMember> find_member(TypeTable& types, const Type& owner, std::string_view name,
                                        lang::AddressSpace space);
// For suggestions.
std::vector<std::string> member_names(const Type& owner);

}  // namespace sonde::sema
