// SPDX-License-Identifier: Apache-2.0
// A reader of raw BTF (UAPI: include/uapi/linux/btf.h). Looks at a mapping without copying:
// one walk over the type records indexes them, names are compared where they lie. libbpf's
// parser would take 9 to 11 ms and 11 MB for the kernel's BTF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
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

class Btf {
 public:
  // `bytes` must outlive the object. Fails when they are not BTF of this machine's byte order.
  static Result<Btf> open(std::span<const std::byte> bytes);

  std::size_t type_count() const { return offsets_.size(); }  // with void
  BtfType type(BtfId id) const;
  std::vector<BtfMember> members(BtfId id) const;  // of a struct or union
  std::vector<BtfParam> params(BtfId id) const;    // of a func_proto

  // The id of the type of that kind and name; the first when there are several.
  std::optional<BtfId> find(BtfKind kind, std::string_view name) const;
  // Struct or union, then typedef, integer or enum of that name.
  std::optional<BtfId> find_type(std::string_view name) const;
  // All names of a kind, for suggestions.
  std::vector<std::string_view> names(BtfKind kind) const;

  // Through typedefs, const, volatile, restrict and type tags.
  BtfId resolve(BtfId id) const;
  // Bytes of a complete type, arrays included; 0 for void, functions, forward declarations.
  std::uint64_t size_of(BtfId id) const;

  // For who writes BTF again: all bytes, those of a type record (none for void), and the text
  // at an offset of the string section.
  std::span<const std::byte> bytes() const { return bytes_; }
  std::span<const std::byte> record(BtfId id) const;
  std::string_view string(std::uint32_t offset) const;

 private:
  template <typename Visit>
  void for_each_named(std::string_view name, Visit visit) const;

  std::span<const std::byte> bytes_;
  std::size_t types_at_ = 0;  // offset of the type section in `bytes_`
  std::string_view strings_;
  std::vector<std::uint32_t> offsets_;  // of each type record in the type section
};

}  // namespace sonde::target
