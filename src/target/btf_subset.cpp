// SPDX-License-Identifier: Apache-2.0
#include "target/btf_subset.h"

#include <linux/btf.h>

#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "target/btf_builder.h"

namespace sonde::target {

namespace {

bool is_composite(BtfKind kind) { return kind == BtfKind::struct_ || kind == BtfKind::union_; }

// Finds out which structs keep their members: the selected ones and what they contain by value.
// All others that are reached become forward declarations.
class Closure {
 public:
  explicit Closure(const Btf& from) : from_(from) {}

  void add(BtfId id) { visit(id, Use::by_value); }
  bool is_complete(BtfId id) const { return complete_.contains(id); }

 private:
  enum class Use : std::uint8_t { behind_pointer, by_value };

  void visit(BtfId id, Use use) {
    const BtfType type = from_.type(id);
    // Without this a list's link to its own struct would never end.
    if (!seen_.insert(id * 2ULL + (use == Use::by_value ? 1 : 0)).second) return;
    switch (type.kind) {
      case BtfKind::struct_:
      case BtfKind::union_: return visit_composite(id, type, use);
      case BtfKind::array: return visit(type.type, Use::by_value);
      case BtfKind::func_proto:
        for (const BtfParam& param : from_.params(id)) visit(param.type, Use::behind_pointer);
        return visit(type.type, Use::behind_pointer);
      case BtfKind::pointer: return visit(type.type, Use::behind_pointer);
      default: return visit_modified(type, use);
    }
  }

  void visit_modified(const BtfType& type, Use use) {
    if (type.type != 0) visit(type.type, use);  // integers and enums have none
  }

  void visit_composite(BtfId id, const BtfType& type, Use use) {
    // A forward declaration needs a name.
    if (use == Use::behind_pointer && !type.name.empty()) return;
    complete_.insert(id);
    for (const BtfMember& member : from_.members(id)) visit(member.type, Use::by_value);
  }

  const Btf& from_;
  std::unordered_set<std::uint64_t> seen_;
  std::unordered_set<BtfId> complete_;
};

// Writes records under new ids, in the order in which they are first referred to.
class Writer {
 public:
  Writer(const Btf& from, const Closure& closure) : from_(from), closure_(closure) {}

  BtfId add(BtfId old_id) {
    if (from_.record(old_id).empty()) return 0;  // void, and ids that damaged BTF leads to
    const auto [place, is_new] = new_ids_.emplace(old_id, old_ids_.size() + 1);
    if (is_new) old_ids_.push_back(old_id);
    return place->second;
  }

  std::vector<std::byte> finish() {
    for (std::size_t i = 0; i < old_ids_.size(); ++i) write_record(old_ids_[i]);
    return sections_.bytes();
  }

 private:
  std::uint32_t add_string(std::uint32_t old_offset) {
    return sections_.add_string(from_.string(old_offset));
  }

  void write_record(BtfId old_id) {
    const auto record = from_.record(old_id);
    btf_type common;
    std::memcpy(&common, record.data(), sizeof common);
    const BtfType type = from_.type(old_id);
    common.name_off = add_string(common.name_off);
    if (is_composite(type.kind) && !closure_.is_complete(old_id))
      return write_forward(common, type.kind);
    if (type.type != 0 && type.kind != BtfKind::array) common.type = add(type.type);
    sections_.add_record(common.name_off, common.info, common.type,
                         renumbered(type.kind, record.subspan(sizeof common)));
  }

  void write_forward(const btf_type& common, BtfKind kind) {
    // The flag tells unions from structs. UAPI: include/uapi/linux/btf.h.
    sections_.add_record(common.name_off,
                         BTF_KIND_FWD << 24 | (kind == BtfKind::union_ ? 1U << 31 : 0U), 0);
  }

  // Elements are numbers of 32 bits, some of which are names or types.
  std::vector<std::uint32_t> renumbered(BtfKind kind, std::span<const std::byte> tail) {
    enum Word : char { name, type_id, number };
    std::vector<std::uint32_t> words;
    const auto write = [&](std::initializer_list<Word> element) {
      while (tail.size() >= element.size() * sizeof(std::uint32_t)) {
        for (const Word word : element) {
          std::uint32_t value;
          std::memcpy(&value, tail.data(), sizeof value);
          words.push_back(word == name ? add_string(value) : word == type_id ? add(value) : value);
          tail = tail.subspan(sizeof value);
        }
      }
    };
    switch (kind) {
      case BtfKind::array: write({type_id, type_id, number}); break;
      case BtfKind::struct_:
      case BtfKind::union_: write({name, type_id, number}); break;
      case BtfKind::enum_: write({name, number}); break;
      case BtfKind::enum64: write({name, number, number}); break;
      case BtfKind::func_proto: write({name, type_id}); break;
      case BtfKind::datasec: write({type_id, number, number}); break;
      default: write({number});
    }
    return words;
  }

  const Btf& from_;
  const Closure& closure_;
  std::unordered_map<BtfId, BtfId> new_ids_;
  std::vector<BtfId> old_ids_;  // by new id, less one
  BtfSections sections_;
};

}  // namespace

Result<std::vector<std::byte>> cut_btf(const Btf& from, const BtfSelection& selection) {
  std::vector<BtfId> wanted;
  for (const std::string& name : selection.types) {
    const auto id = from.find_type(name);
    if (!id) return fail("the BTF has no type `" + name + "`");
    wanted.push_back(*id);
  }
  for (const std::string& name : selection.functions) {
    const auto id = from.find(BtfKind::func, name);
    if (!id) return fail("the BTF has no function `" + name + "`");
    wanted.push_back(*id);
  }
  Closure closure(from);
  for (const BtfId id : wanted) closure.add(id);
  Writer writer(from, closure);
  for (const BtfId id : wanted) writer.add(id);
  return writer.finish();
}

}  // namespace sonde::target
