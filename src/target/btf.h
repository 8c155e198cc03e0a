// SPDX-License-Identifier: Apache-2.0
// A reader of raw BTF (UAPI: include/uapi/linux/btf.h). Looks at a mapping without copying:
// one walk over the type records finds where they are, names are compared where they lie. libbpf's
// parser would take 9 to 11 ms and 11 MB for the kernel's BTF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sonde::target {

using BtfId = std::uint32_t;  // 0 is void

// The values of BTF_KIND_*.
enum class BtfKind : std::uint8_t {
  void_ = 0,
  integer = 1,
  pointer = 2,
  array = 3,
  struct_ = 4,
  union_ = 5,
  enum_ = 6,
  fwd = 7,
  typedef_ = 8,
  volatile_ = 9,
  const_ = 10,
  restrict_ = 11,
  func = 12,
  func_proto = 13,
  var = 14,
  datasec = 15,
  float_ = 16,
  decl_tag = 17,
  type_tag = 18,
  enum64 = 19,
};

struct BtfMember {
  std::string_view name;  // empty for anonymous members
  BtfId type = 0;
  std::uint32_t bit_offset = 0;
  std::uint32_t bit_size = 0;  // 0: not a bit field
};

struct BtfParam {
  std::string_view name;
  BtfId type = 0;
};

struct BtfEnumerator {
  std::string_view name;
  std::uint64_t value = 0;  // two's complement when the enum is signed
};

// A type record. The bytes that it was read from must outlive it.
struct BtfType {
  BtfKind kind{};
  std::string_view name;
  std::uint32_t size = 0;   // integer, struct, union, enum, float: bytes
  BtfId type = 0;           // pointer, typedef, modifiers, func, array element, proto's result
  std::uint32_t count = 0;  // array: elements
  bool is_signed = false;   // integer, enum
  bool is_bool = false;     // integer
  std::uint32_t vlen = 0;
};

// Whose types they are: what `char` means in an array differs.
enum class BtfOrigin : std::uint8_t { kernel, c_text, program };

// One may build on another, its base: then ids and string offsets go on where the base's end, and
// what its own types refer to may be the base's. The kernel's modules are such.
class Btf {
 public:
  // `bytes` and `base` must outlive the object. Fails when they are not BTF of this machine's
  // byte order.
  static Result<Btf> open(std::span<const std::byte> bytes, const Btf* base = nullptr);
  // The same, but type records are looked at when something asks for them: the walk over all of
  // the kernel's takes 1 ms, and what scripts ask for mostly is in the first tenth. Types end
  // where a record is damaged or of a kind that is newer than this program; then `problem()`
  // tells it.
  static Result<Btf> open_unread(std::span<const std::byte> bytes, const Btf* base = nullptr);
  const std::string& problem() const { return problem_; }  // empty as long as there is none

  std::size_t type_count() const;  // with void and base
  BtfOrigin origin() const { return origin_; }
  void set_origin(BtfOrigin origin) { origin_ = origin; }
  // What has the record of that type: this or its base.
  const Btf& home(BtfId id) const { return id < first_id_ && base_ ? base_->home(id) : *this; }
  BtfType type(BtfId id) const;
  std::vector<BtfMember> members(BtfId id) const;          // of a struct or union
  std::vector<BtfParam> params(BtfId id) const;            // of a func_proto
  std::vector<BtfEnumerator> enumerators(BtfId id) const;  // of an enum

  // These look at the own types only, not at those of the base.
  // The id of the type of that kind and name; the first when there are several.
  std::optional<BtfId> find(BtfKind kind, std::string_view name) const;
  // Struct or union, then typedef, integer or enum of that name.
  std::optional<BtfId> find_type(std::string_view name) const;
  // The enum that has an enumerator of that name, and its value.
  struct FoundEnumerator {
    BtfId enumeration = 0;
    std::uint64_t value = 0;
  };
  std::optional<FoundEnumerator> find_enumerator(std::string_view name) const;
  // All names of a kind.
  std::vector<std::string_view> names(BtfKind kind) const;
  // Calls `visit(id, name)` for each type of that kind that has a name.
  template <typename Visit>
  void for_each(BtfKind kind, Visit visit) const {
    for (BtfId id = first_id_; id < type_count(); ++id)
      if (own_kind(id) == kind)
        if (const std::string_view name = own_name(id); !name.empty()) visit(id, name);
  }

  static bool is_modifier(BtfKind kind);
  // Through typedefs, const, volatile, restrict and type tags.
  BtfId resolve(BtfId id) const;
  // Bytes of a complete type, arrays included; 0 for void, functions, forward declarations.
  std::uint64_t size_of(BtfId id) const;
  // As C aligns the type; 1 for void and for packed structs.
  std::uint32_t alignment_of(BtfId id) const;

  // For who writes BTF again: all bytes, those of a type record (none for void), and the text
  // at an offset of the string section.
  std::span<const std::byte> bytes() const { return bytes_; }
  std::span<const std::byte> record(BtfId id) const;
  std::string_view string(std::uint32_t offset) const;
  std::uint32_t string_end() const {  // where the strings of what builds on this begin
    return first_string_ + static_cast<std::uint32_t>(strings_.size());
  }

 private:
  template <typename Visit>
  void for_each_named(std::string_view name, Visit visit) const;
  template <typename Visit>
  void for_each_indexed(std::string_view name, Visit visit) const;
  void index_names() const;
  template <typename Visit>
  bool for_each_string(std::string_view text, Visit visit) const;
  // Looks at records until there are `count` own types, with void where it is one.
  void read_records(std::size_t count) const;
  void end_at_damage(std::string problem) const;
  bool reaches(std::size_t own) const;  // whether there is an own type of that place
  std::optional<std::size_t> enumerator_named(std::size_t own, std::uint32_t name) const;
  std::span<const std::byte> own_record(std::size_t index) const;
  BtfKind own_kind(BtfId own) const;  // void has the kind void
  std::string_view own_name(BtfId own) const;

  const Btf* base_ = nullptr;
  BtfOrigin origin_ = BtfOrigin::kernel;
  BtfId first_id_ = 0;              // of the own types; without a base void is the first
  std::uint32_t first_string_ = 0;  // offset of the own strings
  std::span<const std::byte> bytes_;
  std::span<const std::byte> types_;  // the type section
  std::string_view strings_;
  // Of each own type record in the type section, as far as they were looked at.
  mutable std::vector<std::uint32_t> offsets_;
  mutable std::size_t read_to_ = 0;  // of the type section
  mutable std::string problem_;

  // Own types by name, made for who asks often: half of the name's hash above the place in
  // `offsets_`, sorted.
  mutable std::vector<std::uint64_t> by_hash_;
  mutable int lookups_ = 0;
};

}  // namespace sonde::target
