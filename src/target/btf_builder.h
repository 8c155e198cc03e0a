// SPDX-License-Identifier: Apache-2.0
// Writing BTF: for types that come from elsewhere (C text, DWARF), so that everything behind them
// knows one form of a type. Ids are good at once; bytes are made at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "target/btf.h"

namespace sonde::target {

// The sections of BTF, record by record, as UAPI include/uapi/linux/btf.h has them.
class BtfSections {
 public:
  // What builds on a base counts ids and strings on from it.
  explicit BtfSections(const Btf* base = nullptr);

  BtfId next_id() const { return next_id_; }
  // The offset of that text; equal texts share one.
  std::uint32_t add_string(std::string_view text);
  // `info` is kind, flag and number of elements; `tail` the words behind the common three.
  BtfId add_record(std::uint32_t name, std::uint32_t info, std::uint32_t size_or_type,
                   std::span<const std::uint32_t> tail = {});
  std::vector<std::byte> bytes() const;

 private:
  BtfId next_id_;
  std::uint32_t first_string_;
  std::vector<std::uint32_t> types_;
  std::string strings_;
  std::map<std::string, std::uint32_t, std::less<>> string_offsets_;
};

enum class IntegerKind : std::uint8_t { unsigned_, signed_, boolean };

class BtfBuilder {
 public:
  // `base` must outlive what is built.
  explicit BtfBuilder(const Btf* base = nullptr) : base_(base), first_id_(first_id(base)) {}

  // Equal ones of these share one id.
  BtfId add_integer(std::string_view name, std::uint32_t bytes, IntegerKind kind);
  BtfId add_float(std::string_view name, std::uint32_t bytes);
  BtfId add_pointer(BtfId to);
  BtfId add_array(BtfId element, std::uint32_t count);
  BtfId add_typedef(std::string_view name, BtfId of);
  BtfId add_qualifier(BtfKind kind, BtfId of);  // const_, volatile_, restrict_
  BtfId add_proto(BtfId result, std::span<const BtfParam> params);

  // A struct or union: first its id, so that its members can refer to it. One that is never
  // defined becomes a forward declaration.
  BtfId declare_composite(BtfKind kind, std::string_view name);
  void define_composite(BtfId id, std::uint32_t bytes, std::span<const BtfMember> members);
  BtfId add_enum(std::string_view name, std::uint32_t bytes, bool is_signed,
                 std::span<const BtfEnumerator> enumerators);

  BtfKind kind_of(BtfId id) const;
  std::string_view name_of(BtfId id) const;
  BtfId referred_by(BtfId id) const;  // of a typedef, qualifier or pointer

  // All that was added up to now; more may follow.
  std::vector<std::byte> bytes() const;

 private:
  struct Record {
    BtfKind kind{};
    std::string name;
    std::uint32_t size_or_type = 0;
    std::uint32_t flag = 0;  // the top bit of `info`
    std::uint32_t step = 0;  // words of an element of `tail`; 0: it has no elements
    // The first word of each element is the place of its name, which is known at the end.
    std::vector<std::uint32_t> tail;
    std::vector<std::string> names;
    bool declared_only = false;
  };
  static BtfId first_id(const Btf* base) {
    return base ? static_cast<BtfId>(base->type_count()) : 1;
  }
  BtfId append(Record record);
  BtfId append_shared(Record record);
  BtfId array_index();

  const Btf* base_;
  BtfId first_id_;
  std::vector<Record> records_;
  std::map<std::string, BtfId> shared_;
};

}  // namespace sonde::target
