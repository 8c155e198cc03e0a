// SPDX-License-Identifier: Apache-2.0
#include "target/btf.h"

#include <linux/btf.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <string>

namespace sonde::target {

namespace {

// What is followed through typedefs and arrays before the BTF counts as circular; real chains
// are a handful long.
constexpr int chain_limit = 64;

template <typename T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

BtfKind kind_of(const btf_type& record) { return BtfKind(BTF_INFO_KIND(record.info)); }

// Bytes that follow the 12 common ones. UAPI: include/uapi/linux/btf.h.
struct TailSize {
  std::uint8_t fixed;
  std::uint8_t per_element;  // times vlen
};
constexpr TailSize tail_sizes[] = {
    {0, 0},                          // void
    {sizeof(std::uint32_t), 0},      // integer
    {0, 0},                          // pointer
    {sizeof(btf_array), 0},          // array
    {0, sizeof(btf_member)},         // struct
    {0, sizeof(btf_member)},         // union
    {0, sizeof(btf_enum)},           // enum
    {0, 0},                          // fwd
    {0, 0},                          // typedef
    {0, 0},                          // volatile
    {0, 0},                          // const
    {0, 0},                          // restrict
    {0, 0},                          // func
    {0, sizeof(btf_param)},          // func_proto
    {sizeof(btf_var), 0},            // var
    {0, sizeof(btf_var_secinfo)},    // datasec
    {0, 0},                          // float
    {sizeof(btf_decl_tag), 0},       // decl_tag
    {0, 0},                          // type_tag
    {0, 3 * sizeof(std::uint32_t)},  // enum64: struct btf_enum64, Linux 6.0
};

Result<btf_header> read_header(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(btf_header)) return fail("not BTF: shorter than its header");
  const auto header = load<btf_header>(bytes.data());
  if (header.magic == __builtin_bswap16(BTF_MAGIC))
    return fail("this BTF has the other byte order than this machine");
  if (header.magic != BTF_MAGIC) return fail("not BTF: does not start with its magic number");
  if (header.version != BTF_VERSION)
    return fail("BTF version " + std::to_string(header.version) + ", expected 1");
  const auto within = [&](std::uint64_t offset, std::uint64_t size) {
    return header.hdr_len + offset + size <= bytes.size();
  };
  if (header.hdr_len < sizeof(btf_header) || !within(header.type_off, header.type_len) ||
      !within(header.str_off, header.str_len))
    return fail("the BTF is cut off: its sections reach beyond its end");
  return header;
}

// The offset of the next string that equals `name`, at or after `from`. In the kernel's BTF a
// string stands once; other makers may repeat one, none shares the tail of a longer string.
std::optional<std::uint32_t> find_string(std::string_view strings, std::string_view name,
                                         std::uint32_t from) {
  const auto wanted = std::string(1, '\0').append(name).append(1, '\0');
  const void* hit =
      ::memmem(strings.data() + from, strings.size() - from, wanted.data(), wanted.size());
  if (!hit) return std::nullopt;
  return static_cast<std::uint32_t>(static_cast<const char*>(hit) - strings.data()) + 1;
}

// A lookup without index reads strings and records as far as the name and its type are: half of
// the kernel's BTF in the mean, 0.4 ms; an index of the names takes 10 ms.
constexpr int lookups_without_index = 24;

constexpr std::size_t records_at_once = 1024;
constexpr std::size_t all_records = std::numeric_limits<std::size_t>::max();

constexpr std::uint64_t hash_bits = 0xffffffff00000000;

std::uint64_t hash_of(std::string_view name) {
  return std::hash<std::string_view>()(name) & hash_bits;
}

// How well a kind answers `find_type`; 0: not at all.
int type_name_rank(BtfKind kind) {
  switch (kind) {
    case BtfKind::struct_:
    case BtfKind::union_: return 5;
    case BtfKind::typedef_: return 4;
    case BtfKind::integer: return 3;
    case BtfKind::enum_:
    case BtfKind::enum64: return 2;
    case BtfKind::float_: return 1;
    default: return 0;
  }
}

bool refers_to_type(BtfKind kind) {
  return Btf::is_modifier(kind) || kind == BtfKind::pointer || kind == BtfKind::func ||
         kind == BtfKind::func_proto || kind == BtfKind::var || kind == BtfKind::decl_tag;
}

}  // namespace

bool Btf::is_modifier(BtfKind kind) {
  return kind == BtfKind::typedef_ || kind == BtfKind::const_ || kind == BtfKind::volatile_ ||
         kind == BtfKind::restrict_ || kind == BtfKind::type_tag;
}

Result<Btf> Btf::open(std::span<const std::byte> bytes, const Btf* base) {
  SONDE_TRY(Btf btf, open_unread(bytes, base));
  btf.read_records(all_records);
  if (!btf.problem_.empty()) return fail(btf.problem_);
  return btf;
}

Result<Btf> Btf::open_unread(std::span<const std::byte> bytes, const Btf* base) {
  SONDE_TRY(const btf_header header, read_header(bytes));
  Btf btf;
  btf.bytes_ = bytes;
  btf.base_ = base;
  if (base) {
    btf.first_id_ = static_cast<BtfId>(base->type_count());
    btf.first_string_ = base->string_end();
  }
  btf.types_ = bytes.subspan(header.hdr_len + header.type_off, header.type_len);
  btf.strings_ = {reinterpret_cast<const char*>(bytes.data()) + header.hdr_len + header.str_off,
                  header.str_len};
  // The end of the last string is then the end of all: names need no bound of their own.
  const bool sound = base ? btf.strings_.empty() || btf.strings_.back() == '\0'
                          : btf.strings_.starts_with('\0') && btf.strings_.ends_with('\0');
  if (!sound) return fail("the BTF's string section does not start and end with an empty string");
  // The kernel's records have 25 bytes and more on average: with this the vector never grows.
  btf.offsets_.reserve(header.type_len / 24 + 2);
  if (!base) btf.offsets_.push_back(0);  // void, which has no record
  return btf;
}

void Btf::read_records(std::size_t count) const {
  while (read_to_ < types_.size() && offsets_.size() < count) {
    const std::size_t left = types_.size() - read_to_;
    if (left < sizeof(btf_type)) return end_at_damage("the BTF is cut off inside a type record");
    const auto info = load<std::uint32_t>(types_.data() + read_to_ + offsetof(btf_type, info));
    const std::uint32_t kind = BTF_INFO_KIND(info);
    if (kind == 0 || kind >= std::size(tail_sizes))
      return end_at_damage("the BTF has a type record of unknown kind " + std::to_string(kind));
    std::size_t size = sizeof(btf_type);
    // Half of the kernel's records are pointers, functions and typedefs: with a branch the
    // processor goes on to the next record before it has read this one's length.
    if (tail_sizes[kind].fixed + tail_sizes[kind].per_element != 0)
      size += tail_sizes[kind].fixed + tail_sizes[kind].per_element * BTF_INFO_VLEN(info);
    if (size > left) return end_at_damage("the BTF is cut off inside a type record");
    offsets_.push_back(static_cast<std::uint32_t>(read_to_));
    read_to_ += size;
  }
}

void Btf::end_at_damage(std::string problem) const {
  problem_ = std::move(problem);
  read_to_ = types_.size();
}

bool Btf::reaches(std::size_t index) const {
  if (index >= offsets_.size()) read_records(index + records_at_once);
  return index < offsets_.size();
}

std::size_t Btf::type_count() const {
  read_records(all_records);
  return first_id_ + offsets_.size();
}

std::string_view Btf::string(std::uint32_t offset) const {
  if (offset < first_string_) return base_->string(offset);
  offset -= first_string_;
  if (offset >= strings_.size()) return {};
  return strings_.data() + offset;
}

std::span<const std::byte> Btf::own_record(std::size_t index) const {
  const std::byte* start = types_.data() + offsets_[index];
  const auto common = load<btf_type>(start);
  const TailSize tail = tail_sizes[BTF_INFO_KIND(common.info)];
  return {start, sizeof(btf_type) + tail.fixed + tail.per_element * BTF_INFO_VLEN(common.info)};
}

std::span<const std::byte> Btf::record(BtfId id) const {
  if (id == 0) return {};
  if (id < first_id_) return base_->record(id);
  return reaches(id - first_id_) ? own_record(id - first_id_) : std::span<const std::byte>();
}

BtfType Btf::type(BtfId id) const {
  BtfType type;
  const auto bytes = record(id);
  if (bytes.empty()) return type;
  const auto common = load<btf_type>(bytes.data());
  const std::byte* tail = bytes.data() + sizeof(btf_type);
  type.kind = kind_of(common);
  type.name = string(common.name_off);
  type.vlen = BTF_INFO_VLEN(common.info);
  if (refers_to_type(type.kind)) {
    type.type = common.type;
  } else if (type.kind == BtfKind::array) {
    const auto array = load<btf_array>(tail);
    type.type = array.type;
    type.count = array.nelems;
  } else {
    type.size = common.size;
  }
  if (type.kind == BtfKind::integer) {
    const auto encoding = BTF_INT_ENCODING(load<std::uint32_t>(tail));
    type.is_signed = (encoding & BTF_INT_SIGNED) != 0;
    type.is_bool = (encoding & BTF_INT_BOOL) != 0;
  }
  // Since Linux 6.0 the flag tells of an enum's sign; older makers leave it clear.
  if (type.kind == BtfKind::enum_ || type.kind == BtfKind::enum64)
    type.is_signed = BTF_INFO_KFLAG(common.info) != 0;
  return type;
}

std::vector<BtfMember> Btf::members(BtfId id) const {
  std::vector<BtfMember> members;
  const auto bytes = record(id);
  if (bytes.empty()) return members;
  const auto common = load<btf_type>(bytes.data());
  if (kind_of(common) != BtfKind::struct_ && kind_of(common) != BtfKind::union_) return members;
  const bool has_bit_sizes = BTF_INFO_KFLAG(common.info) != 0;
  members.reserve(BTF_INFO_VLEN(common.info));
  for (std::uint32_t i = 0; i < BTF_INFO_VLEN(common.info); ++i) {
    const auto member = load<btf_member>(bytes.data() + sizeof(btf_type) + i * sizeof(btf_member));
    members.push_back({string(member.name_off), member.type,
                       has_bit_sizes ? BTF_MEMBER_BIT_OFFSET(member.offset) : member.offset,
                       has_bit_sizes ? BTF_MEMBER_BITFIELD_SIZE(member.offset) : 0});
  }
  return members;
}

std::vector<BtfParam> Btf::params(BtfId id) const {
  std::vector<BtfParam> params;
  const auto bytes = record(id);
  if (bytes.empty()) return params;
  const auto common = load<btf_type>(bytes.data());
  if (kind_of(common) != BtfKind::func_proto) return params;
  params.reserve(BTF_INFO_VLEN(common.info));
  for (std::uint32_t i = 0; i < BTF_INFO_VLEN(common.info); ++i) {
    const auto param = load<btf_param>(bytes.data() + sizeof(btf_type) + i * sizeof(btf_param));
    params.push_back({string(param.name_off), param.type});
  }
  return params;
}

std::vector<BtfEnumerator> Btf::enumerators(BtfId id) const {
  std::vector<BtfEnumerator> enumerators;
  const auto bytes = record(id);
  if (bytes.empty()) return enumerators;
  const auto common = load<btf_type>(bytes.data());
  const bool wide = kind_of(common) == BtfKind::enum64;
  if (!wide && kind_of(common) != BtfKind::enum_) return enumerators;
  const bool is_signed = BTF_INFO_KFLAG(common.info) != 0;
  const std::byte* at = bytes.data() + sizeof(btf_type);
  for (std::uint32_t i = 0; i < BTF_INFO_VLEN(common.info); ++i) {
    const auto low = load<std::uint32_t>(at + sizeof(std::uint32_t));
    std::uint64_t value = low;
    if (wide)
      value |= std::uint64_t{load<std::uint32_t>(at + 2 * sizeof(std::uint32_t))} << 32;
    else if (is_signed)
      value = static_cast<std::uint64_t>(static_cast<std::int32_t>(low));
    enumerators.push_back({string(load<std::uint32_t>(at)), value});
    at += wide ? 3 * sizeof(std::uint32_t) : sizeof(btf_enum);
  }
  return enumerators;
}

// Calls `visit(place)` for each place of that text, until it returns true; what builds on a base
// may use the base's.
template <typename Visit>
bool Btf::for_each_string(std::string_view text, Visit visit) const {
  if (base_ && base_->for_each_string(text, visit)) return true;
  // The string that begins the section of what has a base has no other before it.
  if (base_ && strings_.size() > text.size() && strings_.starts_with(text) &&
      strings_[text.size()] == '\0' && visit(first_string_))
    return true;
  for (auto at = find_string(strings_, text, 0); at; at = find_string(strings_, text, *at))
    if (visit(first_string_ + *at)) return true;
  return false;
}

// Calls `visit(id, kind)` for each own type of that name, until it returns true. Looks for the
// string first: then the walk compares numbers only.
template <typename Visit>
void Btf::for_each_named(std::string_view name, Visit visit) const {
  if (name.empty()) return;  // anonymous types share the empty name
  if (lookups_ == lookups_without_index) return for_each_indexed(name, visit);
  ++lookups_;
  for_each_string(name, [&](std::uint32_t wanted) {
    for (std::size_t i = base_ ? 0 : 1; reaches(i); ++i) {
      const std::byte* record = types_.data() + offsets_[i];
      if (load<std::uint32_t>(record + offsetof(btf_type, name_off)) == wanted &&
          visit(static_cast<BtfId>(first_id_ + i), kind_of(load<btf_type>(record))))
        return true;
    }
    return false;
  });
}

void Btf::index_names() const {
  read_records(all_records);
  by_hash_.reserve(offsets_.size());
  for (std::size_t i = base_ ? 0 : 1; i < offsets_.size(); ++i)
    if (const std::string_view name = own_name(static_cast<BtfId>(first_id_ + i)); !name.empty())
      by_hash_.push_back(hash_of(name) | i);
  std::ranges::sort(by_hash_);
}

template <typename Visit>
void Btf::for_each_indexed(std::string_view name, Visit visit) const {
  if (by_hash_.empty()) index_names();
  const std::uint64_t hash = hash_of(name);
  for (auto at = std::ranges::lower_bound(by_hash_, hash); at != by_hash_.end(); ++at) {
    if ((*at & hash_bits) != hash) return;
    const auto id = static_cast<BtfId>(first_id_ + (*at & ~hash_bits));
    if (own_name(id) == name && visit(id, own_kind(id))) return;
  }
}

std::optional<Btf::FoundEnumerator> Btf::find_enumerator(std::string_view name) const {
  std::optional<FoundEnumerator> found;
  if (name.empty()) return found;
  for_each_string(name, [&](std::uint32_t wanted) {
    for (std::size_t i = base_ ? 0 : 1; !found && reaches(i); ++i)
      if (const auto index = enumerator_named(i, wanted)) {
        const auto id = static_cast<BtfId>(first_id_ + i);
        found = FoundEnumerator{id, enumerators(id)[*index].value};
      }
    return found.has_value();
  });
  return found;
}

// The place of the enumerator whose name is that string in an enum; nothing in other types.
std::optional<std::size_t> Btf::enumerator_named(std::size_t own, std::uint32_t name) const {
  const BtfKind kind = kind_of(load<btf_type>(types_.data() + offsets_[own]));
  if (kind != BtfKind::enum64 && kind != BtfKind::enum_) return std::nullopt;
  const auto record = own_record(own);
  const std::size_t step = tail_sizes[static_cast<std::size_t>(kind)].per_element;
  for (std::size_t at = sizeof(btf_type); at < record.size(); at += step)
    if (load<std::uint32_t>(record.data() + at) == name) return (at - sizeof(btf_type)) / step;
  return std::nullopt;
}

std::optional<BtfId> Btf::find(BtfKind kind, std::string_view name) const {
  std::optional<BtfId> found;
  for_each_named(name, [&](BtfId id, BtfKind seen) {
    if (seen == kind) found = id;
    return seen == kind;
  });
  return found;
}

std::optional<BtfId> Btf::find_type(std::string_view name) const {
  std::optional<BtfId> best;
  int best_rank = 0;
  for_each_named(name, [&](BtfId id, BtfKind kind) {
    const int rank = type_name_rank(kind);
    if (rank > best_rank) {
      best = id;
      best_rank = rank;
    }
    return rank == type_name_rank(BtfKind::struct_);
  });
  return best;
}

BtfKind Btf::own_kind(BtfId own) const {
  if (own == 0) return BtfKind::void_;
  const std::byte* record = types_.data() + offsets_[own - first_id_];
  return kind_of(load<btf_type>(record));
}

std::string_view Btf::own_name(BtfId own) const {
  const std::byte* record = types_.data() + offsets_[own - first_id_];
  return string(load<std::uint32_t>(record + offsetof(btf_type, name_off)));
}

std::vector<std::string_view> Btf::names(BtfKind kind) const {
  std::vector<std::string_view> names;
  for_each(kind, [&](BtfId, std::string_view name) { names.push_back(name); });
  return names;
}

BtfId Btf::resolve(BtfId id) const {
  for (int i = 0; i < chain_limit; ++i) {
    const BtfType seen = type(id);
    if (!is_modifier(seen.kind)) return id;
    id = seen.type;
  }
  return 0;
}

std::uint64_t Btf::size_of(BtfId id) const {
  std::uint64_t count = 1;
  for (int i = 0; i < chain_limit; ++i) {
    const BtfType seen = type(resolve(id));
    if (seen.kind == BtfKind::pointer) return count * sizeof(void*);
    if (seen.kind == BtfKind::datasec || seen.kind == BtfKind::fwd) return 0;
    if (seen.kind != BtfKind::array) return count * seen.size;
    count *= seen.count;
    id = seen.type;
  }
  return 0;
}

namespace {

// Structs whose members lead back to themselves by value are damaged BTF.
constexpr int nesting_limit = 64;

std::uint32_t find_alignment(const Btf& btf, BtfId id, int depth) {
  constexpr std::uint32_t largest = 16;  // of the C types that BTF has: __int128
  id = btf.resolve(id);
  const BtfType type = btf.type(id);
  if (depth > nesting_limit) return 1;
  switch (type.kind) {
    case BtfKind::pointer: return sizeof(void*);
    case BtfKind::array: return find_alignment(btf, type.type, depth + 1);
    case BtfKind::integer:
    case BtfKind::float_:
    case BtfKind::enum_:
    case BtfKind::enum64: return std::clamp(type.size, 1U, largest);
    case BtfKind::struct_:
    case BtfKind::union_: break;
    default: return 1;
  }
  std::uint32_t alignment = 1;
  for (const BtfMember& member : btf.members(id)) {
    const std::uint32_t own = find_alignment(btf, member.type, depth + 1);
    // Only a packed struct has a member elsewhere than at its natural place.
    if (member.bit_size == 0 && member.bit_offset % (own * 8) != 0) return 1;
    alignment = std::max(alignment, own);
  }
  return type.size % alignment == 0 ? alignment : 1;
}

}  // namespace

std::uint32_t Btf::alignment_of(BtfId id) const { return find_alignment(*this, id, 0); }

}  // namespace sonde::target
