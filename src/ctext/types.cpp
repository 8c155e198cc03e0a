// SPDX-License-Identifier: Apache-2.0
#include "ctext/types.h"

#include <algorithm>

#include "ctext/layout.h"

namespace sonde::ctext {

namespace {

using target::IntegerKind;

struct Base {
  std::string_view name;
  std::uint32_t bytes;
  bool is_signed;
};
// Of the LP64 machines that Linux's BPF runs on. `char` is looked at apart.
constexpr Base bases[] = {{"signed char", 1, true}, {"unsigned char", 1, false},
                          {"short", 2, true},       {"unsigned short", 2, false},
                          {"int", 4, true},         {"unsigned int", 4, false},
                          {"long", 8, true},        {"unsigned long", 8, false},
                          {"long long", 8, true},   {"unsigned long long", 8, false},
                          {"__int128", 16, true},   {"unsigned __int128", 16, false}};
constexpr Base floats[] = {{"float", 4, true}, {"double", 8, true}, {"long double", 16, true}};

// Names of C and of the kernel that scripts use without a header.
struct WellKnown {
  std::string_view name, base;
};
constexpr WellKnown well_known[] = {
    {"bool", "_Bool"},
    {"int8_t", "signed char"},
    {"int16_t", "short"},
    {"int32_t", "int"},
    {"int64_t", "long"},
    {"uint8_t", "unsigned char"},
    {"uint16_t", "unsigned short"},
    {"uint32_t", "unsigned int"},
    {"uint64_t", "unsigned long"},
    {"s8", "signed char"},
    {"s16", "short"},
    {"s32", "int"},
    {"s64", "long long"},
    {"u8", "unsigned char"},
    {"u16", "unsigned short"},
    {"u32", "unsigned int"},
    {"u64", "unsigned long long"},
    {"__s8", "signed char"},
    {"__s16", "short"},
    {"__s32", "int"},
    {"__s64", "long long"},
    {"__u8", "unsigned char"},
    {"__u16", "unsigned short"},
    {"__u32", "unsigned int"},
    {"__u64", "unsigned long long"},
    {"__le16", "unsigned short"},
    {"__le32", "unsigned int"},
    {"__le64", "unsigned long long"},
    {"__be16", "unsigned short"},
    {"__be32", "unsigned int"},
    {"__be64", "unsigned long long"},
    {"size_t", "unsigned long"},
    {"ssize_t", "long"},
    {"ptrdiff_t", "long"},
    {"intptr_t", "long"},
    {"uintptr_t", "unsigned long"},
    {"off_t", "long"},
    {"loff_t", "long long"},
    {"time_t", "long"},
    {"clock_t", "long"},
    {"pid_t", "int"},
    {"uid_t", "unsigned int"},
    {"gid_t", "unsigned int"},
    {"mode_t", "unsigned int"},
    {"dev_t", "unsigned int"},
    {"uint", "unsigned int"},
    {"ulong", "unsigned long"},
    {"ushort", "unsigned short"},
    {"in_addr_t", "unsigned int"},
    {"in_port_t", "unsigned short"},
    {"sa_family_t", "unsigned short"},
    {"socklen_t", "unsigned int"},
};

}  // namespace

// C leaves the sign of `char` to the machine: with a sign on x86, without on arm64.
CTypes::CTypes(const target::Btf* kernel, std::string_view architecture)
    : kernel_(kernel), char_is_signed_(architecture == "x86_64"), builder_(kernel) {}

std::optional<CType> CTypes::base(std::string_view name) {
  if (name == "void") return CType{.complete = false};
  const auto integer = [&](std::uint32_t bytes, IntegerKind kind) {
    return CType{.id = builder_.add_integer(name, bytes, kind),
                 .bytes = bytes,
                 .alignment = bytes,
                 .is_integer = true,
                 .is_signed = kind == IntegerKind::signed_};
  };
  if (name == "_Bool") return integer(1, IntegerKind::boolean);
  if (name == "char")
    return integer(1, char_is_signed_ ? IntegerKind::signed_ : IntegerKind::unsigned_);
  for (const Base& b : bases)
    if (b.name == name)
      return integer(b.bytes, b.is_signed ? IntegerKind::signed_ : IntegerKind::unsigned_);
  for (const Base& b : floats)
    if (b.name == name)
      return CType{.id = builder_.add_float(name, b.bytes), .bytes = b.bytes, .alignment = b.bytes};
  return std::nullopt;
}

std::optional<CType> CTypes::find_typedef(std::string_view name) {
  if (const auto known = typedefs_.find(name); known != typedefs_.end()) return known->second;
  for (const WellKnown& word : well_known) {
    if (word.name != name) continue;
    define_typedef(name, *base(word.base));
    return typedefs_.find(name)->second;
  }
  const auto id = kernel_ ? kernel_->find(BtfKind::typedef_, name) : std::nullopt;
  if (!id) return std::nullopt;
  return typedefs_.emplace(name, of_kernel(*id)).first->second;
}

std::optional<CType> CTypes::find_enum(std::string_view name) {
  if (const auto known = enums_.find(name); known != enums_.end()) return known->second;
  if (!kernel_) return std::nullopt;
  auto id = kernel_->find(BtfKind::enum_, name);
  if (!id) id = kernel_->find(BtfKind::enum64, name);
  return id ? std::optional(of_kernel(*id)) : std::nullopt;
}

CType CTypes::find_composite(BtfKind kind, std::string_view name) {
  const auto key = std::pair(kind, std::string(name));
  if (const auto known = composites_.find(key); known != composites_.end()) return known->second;
  if (kernel_ && !expected_.contains(name))
    if (const auto id = kernel_->find(kind, name))
      return composites_.emplace(key, of_kernel(*id)).first->second;
  return declare_composite(kind, name);
}

CType CTypes::declare_composite(BtfKind kind, std::string_view name) {
  const CType type{.id = builder_.declare_composite(kind, name), .complete = false};
  if (!name.empty()) composites_.insert_or_assign({kind, std::string(name)}, type);
  return type;
}

CType CTypes::of_kernel(BtfId id) const {
  const target::BtfType type = kernel_->type(kernel_->resolve(id));
  CType c{.id = id, .bytes = kernel_->size_of(id), .alignment = kernel_->alignment_of(id)};
  const bool is_enum = type.kind == BtfKind::enum_ || type.kind == BtfKind::enum64;
  c.is_integer = type.kind == BtfKind::integer || is_enum;
  c.is_signed = type.is_signed;
  c.complete =
      type.kind != BtfKind::void_ && type.kind != BtfKind::fwd && type.kind != BtfKind::func_proto;
  return c;
}

CType CTypes::pointer(CType to) {
  return {.id = builder_.add_pointer(to.id), .bytes = 8, .alignment = 8};
}

CType CTypes::array(CType element, std::uint32_t count) {
  return {.id = builder_.add_array(element.id, count),
          .bytes = element.bytes * count,
          .alignment = element.alignment};
}

CType CTypes::function(CType result, std::span<const target::BtfParam> params) {
  return {.id = builder_.add_proto(result.id, params), .complete = false};
}

void CTypes::define_typedef(std::string_view name, CType of) {
  CType type = of;
  type.id = builder_.add_typedef(name, of.id);
  typedefs_.insert_or_assign(std::string(name), type);
}

bool CTypes::define_composite(CType& type, std::span<const CMember> members, bool packed,
                              std::uint32_t aligned) {
  if (!defined_.insert(type.id).second) return false;
  const bool is_union = builder_.kind_of(type.id) == BtfKind::union_;
  const Layout layout = lay_out(members, is_union, packed, aligned);
  builder_.define_composite(type.id, static_cast<std::uint32_t>(layout.bytes), layout.members);
  type.bytes = layout.bytes;
  type.alignment = layout.alignment;
  type.complete = true;
  for (auto& [key, known] : composites_)
    if (known.id == type.id) known = type;
  return true;
}

CType CTypes::define_enum(std::string_view name, std::span<const target::BtfEnumerator> values,
                          bool packed) {
  const auto negative = [](const target::BtfEnumerator& e) { return e.value > INT64_MAX; };
  const bool is_signed = std::ranges::any_of(values, negative);
  const auto fits = [&](unsigned bits) {
    return std::ranges::all_of(values, [&](const target::BtfEnumerator& e) {
      const auto value = static_cast<std::int64_t>(e.value);
      if (is_signed)
        return value >= -(INT64_C(1) << (bits - 1)) && value < INT64_C(1) << (bits - 1);
      return e.value >> bits == 0;
    });
  };
  std::uint32_t bytes = 8;
  for (const std::uint32_t candidate : {4U, 2U, 1U})
    if (fits(candidate * 8) && (candidate == 4 || packed)) bytes = candidate;
  const CType type{.id = builder_.add_enum(name, bytes, is_signed, values),
                   .bytes = bytes,
                   .alignment = bytes,
                   .is_integer = true,
                   .is_signed = is_signed};
  if (!name.empty()) enums_.insert_or_assign(std::string(name), type);
  return type;
}

std::vector<std::string_view> CTypes::typedef_names() const {
  std::vector<std::string_view> names;
  if (kernel_) names = kernel_->names(BtfKind::typedef_);
  for (const auto& [name, type] : typedefs_) names.push_back(name);
  for (const WellKnown& word : well_known) names.push_back(word.name);
  for (const Base& b : bases) names.push_back(b.name);
  return names;
}

}  // namespace sonde::ctext
