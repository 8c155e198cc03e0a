// SPDX-License-Identifier: Apache-2.0
// The types of a piece of C text while they are read: their ids, sizes and alignments. Names that
// the text does not define come from the kernel's BTF.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "target/btf.h"
#include "target/btf_builder.h"

namespace sonde::ctext {

using target::BtfId;
using target::BtfKind;

struct CType {
  BtfId id = 0;  // 0 is void
  std::uint64_t bytes = 0;
  std::uint32_t alignment = 1;
  bool complete = true;
  bool is_integer = false;  // also enums and bool: may be a bit field
  bool is_signed = false;
};

// A member of a struct before it has its place.
struct CMember {
  std::string name;
  CType type;
  std::optional<std::uint32_t> bits;  // of a bit field; 0 ends the unit
  std::uint32_t aligned = 0;          // by an attribute; 0: none
  bool packed = false;
};

class CTypes {
 public:
  // `kernel` may be null.
  CTypes(const target::Btf* kernel, std::string_view architecture);

  // "unsigned int" and the like: the words of a base type in C's order of naming. Nothing when
  // C has no such type.
  std::optional<CType> base(std::string_view name);
  // A typedef of the text, a well-known one, one of the kernel.
  std::optional<CType> find_typedef(std::string_view name);
  // A struct, union or enum by its tag. Composites that nobody knows are declared.
  std::optional<CType> find_enum(std::string_view name);
  CType find_composite(BtfKind kind, std::string_view name);

  CType pointer(CType to);
  CType array(CType element, std::uint32_t count);
  CType function(CType result, std::span<const target::BtfParam> params);
  void define_typedef(std::string_view name, CType of);
  // The tag of what the text defines somewhere, so that the kernel's is not taken before.
  void expect_definition(std::string_view name) { expected_.emplace(name); }
  // False when it has been defined before.
  bool define_composite(CType& type, std::span<const CMember> members, bool packed,
                        std::uint32_t aligned);
  CType declare_composite(BtfKind kind, std::string_view name);
  CType define_enum(std::string_view name, std::span<const target::BtfEnumerator> values,
                    bool packed);
  bool has_enum(std::string_view name) const { return enums_.contains(name); }

  target::BtfBuilder& builder() { return builder_; }
  const target::Btf* kernel() const { return kernel_; }
  std::vector<std::string_view> typedef_names() const;

 private:
  CType of_kernel(BtfId id) const;

  const target::Btf* kernel_;
  bool char_is_signed_;
  target::BtfBuilder builder_;
  std::map<std::string, CType, std::less<>> typedefs_, enums_;
  std::map<std::pair<BtfKind, std::string>, CType> composites_;
  std::set<BtfId> defined_;
  std::set<std::string, std::less<>> expected_;
};

}  // namespace sonde::ctext
