// SPDX-License-Identifier: Apache-2.0
#include "target/btf_builder.h"

#include <linux/btf.h>

#include <algorithm>
#include <cstring>

namespace sonde::target {

BtfSections::BtfSections(const Btf* base)
    : next_id_(base ? static_cast<BtfId>(base->type_count()) : 1),
      first_string_(base ? base->string_end() : 0),
      strings_(1, '\0') {}

std::uint32_t BtfSections::add_string(std::string_view text) {
  if (text.empty()) return 0;
  const auto known = string_offsets_.find(text);
  if (known != string_offsets_.end()) return known->second;
  const auto offset = first_string_ + static_cast<std::uint32_t>(strings_.size());
  strings_.append(text).append(1, '\0');
  string_offsets_.emplace(text, offset);
  return offset;
}

BtfId BtfSections::add_record(std::uint32_t name, std::uint32_t info, std::uint32_t size_or_type,
                              std::span<const std::uint32_t> tail) {
  types_.insert(types_.end(), {name, info, size_or_type});
  types_.insert(types_.end(), tail.begin(), tail.end());
  return next_id_++;
}

std::vector<std::byte> BtfSections::bytes() const {
  const auto type_bytes = static_cast<std::uint32_t>(types_.size() * sizeof(std::uint32_t));
  const btf_header header{.magic = BTF_MAGIC,
                          .version = BTF_VERSION,
                          .hdr_len = sizeof(btf_header),
                          .type_len = type_bytes,
                          .str_off = type_bytes,
                          .str_len = static_cast<std::uint32_t>(strings_.size())};
  std::vector<std::byte> out(sizeof header + type_bytes + strings_.size());
  std::memcpy(out.data(), &header, sizeof header);
  if (type_bytes != 0) std::memcpy(out.data() + sizeof header, types_.data(), type_bytes);
  std::memcpy(out.data() + sizeof header + type_bytes, strings_.data(), strings_.size());
  return out;
}

BtfId BtfBuilder::append(Record record) {
  records_.push_back(std::move(record));
  return first_id_ + static_cast<BtfId>(records_.size()) - 1;
}

// One record for all that say the same; the key has every part that tells two apart.
BtfId BtfBuilder::append_shared(Record record) {
  std::string key = std::to_string(static_cast<unsigned>(record.kind)) + ' ' + record.name + ' ' +
                    std::to_string(record.size_or_type);
  for (const std::uint32_t word : record.tail) key += ' ' + std::to_string(word);
  for (const std::string& name : record.names) key += ' ' + name;
  const auto known = shared_.find(key);
  if (known != shared_.end()) return known->second;
  return shared_[key] = append(std::move(record));
}

BtfId BtfBuilder::add_integer(std::string_view name, std::uint32_t bytes, IntegerKind kind) {
  const std::uint32_t encoding = kind == IntegerKind::signed_   ? BTF_INT_SIGNED
                                 : kind == IntegerKind::boolean ? BTF_INT_BOOL
                                                                : 0;
  return append_shared({.kind = BtfKind::integer,
                        .name = std::string(name),
                        .size_or_type = bytes,
                        .tail = {encoding << 24 | bytes * 8}});
}

BtfId BtfBuilder::add_float(std::string_view name, std::uint32_t bytes) {
  return append_shared({.kind = BtfKind::float_, .name = std::string(name), .size_or_type = bytes});
}

BtfId BtfBuilder::add_pointer(BtfId to) {
  return append_shared({.kind = BtfKind::pointer, .size_or_type = to});
}

// The format wants a type for the index.
BtfId BtfBuilder::array_index() { return add_integer("unsigned int", 4, IntegerKind::unsigned_); }

BtfId BtfBuilder::add_array(BtfId element, std::uint32_t count) {
  const BtfId index = array_index();
  return append_shared({.kind = BtfKind::array, .tail = {element, index, count}});
}

BtfId BtfBuilder::add_typedef(std::string_view name, BtfId of) {
  return append_shared({.kind = BtfKind::typedef_, .name = std::string(name), .size_or_type = of});
}

BtfId BtfBuilder::add_qualifier(BtfKind kind, BtfId of) {
  return append_shared({.kind = kind, .size_or_type = of});
}

BtfId BtfBuilder::add_proto(BtfId result, std::span<const BtfParam> params) {
  Record record{.kind = BtfKind::func_proto, .size_or_type = result, .step = 2};
  for (const BtfParam& param : params) {
    record.names.emplace_back(param.name);
    record.tail.insert(record.tail.end(), {0, param.type});
  }
  return append_shared(std::move(record));
}

BtfId BtfBuilder::declare_composite(BtfKind kind, std::string_view name) {
  return append({.kind = kind, .name = std::string(name), .declared_only = true});
}

void BtfBuilder::define_composite(BtfId id, std::uint32_t bytes,
                                  std::span<const BtfMember> members) {
  Record& record = records_[id - first_id_];
  record.declared_only = false;
  record.size_or_type = bytes;
  record.step = 3;
  const bool has_bit_fields =
      std::ranges::any_of(members, [](const BtfMember& m) { return m.bit_size != 0; });
  record.flag = has_bit_fields ? 1 : 0;
  for (const BtfMember& member : members) {
    record.names.emplace_back(member.name);
    record.tail.insert(record.tail.end(),
                       {0, member.type, member.bit_size << 24 | member.bit_offset});
  }
}

BtfId BtfBuilder::add_enum(std::string_view name, std::uint32_t bytes, bool is_signed,
                           std::span<const BtfEnumerator> enumerators) {
  const bool wide = bytes > sizeof(std::uint32_t);
  Record record{.kind = wide ? BtfKind::enum64 : BtfKind::enum_,
                .name = std::string(name),
                .size_or_type = bytes,
                .flag = is_signed ? 1U : 0U,
                .step = wide ? 3U : 2U};
  for (const BtfEnumerator& enumerator : enumerators) {
    record.names.emplace_back(enumerator.name);
    record.tail.insert(record.tail.end(), {0, static_cast<std::uint32_t>(enumerator.value)});
    if (wide) record.tail.push_back(static_cast<std::uint32_t>(enumerator.value >> 32));
  }
  return append(std::move(record));
}

BtfKind BtfBuilder::kind_of(BtfId id) const {
  if (id >= first_id_) return records_[id - first_id_].kind;
  return base_ ? base_->type(id).kind : BtfKind::void_;
}

std::string_view BtfBuilder::name_of(BtfId id) const {
  if (id >= first_id_) return records_[id - first_id_].name;
  return base_ ? base_->type(id).name : std::string_view();
}

BtfId BtfBuilder::referred_by(BtfId id) const {
  return id >= first_id_ ? records_[id - first_id_].size_or_type : 0;
}

std::vector<std::byte> BtfBuilder::bytes() const {
  BtfSections sections(base_);
  for (const Record& record : records_) {
    BtfKind kind = record.kind;
    std::uint32_t flag = record.flag;
    if (record.declared_only) {  // the flag tells unions from structs
      flag = kind == BtfKind::union_ ? 1 : 0;
      kind = BtfKind::fwd;
    }
    std::vector<std::uint32_t> tail = record.tail;
    for (std::size_t i = 0; i < record.names.size(); ++i)
      tail[i * record.step] = sections.add_string(record.names[i]);
    const auto elements = static_cast<std::uint32_t>(record.names.size());
    sections.add_record(sections.add_string(record.name),
                        static_cast<std::uint32_t>(kind) << 24 | flag << 31 | elements,
                        record.size_or_type, tail);
  }
  return sections.bytes();
}

}  // namespace sonde::target
