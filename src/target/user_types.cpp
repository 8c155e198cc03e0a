// SPDX-License-Identifier: Apache-2.0
#include "target/user_types.h"

#include <dwarf.h>

#include <deque>
#include <map>
#include <unordered_map>

#include "target/btf_builder.h"
#include "target/calling_convention.h"
#include "target/cpp_objects.h"
#include "target/dwarf.h"

namespace sonde::target {

struct UserTypes::State {
  std::unique_ptr<DwarfFile> dwarf;
  std::string architecture;

  BtfBuilder builder;
  std::deque<std::vector<std::byte>> images;  // names that were handed out look into older ones
  Btf btf;
  std::unordered_map<const void*, BtfId> ids;  // by where the entry stands
  std::map<std::string, BtfId> composites;     // by what tells them apart
  std::map<BtfId, Dwarf_Die> declared;         // without members so far
  std::deque<std::string> names;               // what the builder's input looks into
  std::map<std::string, Result<std::vector<UserParam>>> functions;

  // The object's bytes with all that was added.
  void refresh() {
    images.push_back(builder.bytes());
    if (auto opened = Btf::open(images.back())) btf = *std::move(opened);
    btf.set_origin(BtfOrigin::program);
  }

  std::uint32_t bytes_of(Dwarf_Die die) const {
    return static_cast<std::uint32_t>(dwarf->number(die, DW_AT_byte_size).value_or(0));
  }
  std::string_view kept_name(Dwarf_Die die) { return names.emplace_back(dwarf->name(die)); }

  // --- types -----------------------------------------------------------------------------

  BtfId type_of(Dwarf_Die die, int depth) {
    const auto type = dwarf->reference(die, DW_AT_type);
    return type ? convert(*type, depth + 1) : 0;
  }

  // Structs are declared; who needs their members completes them.
  BtfId convert(Dwarf_Die die, int depth) {
    if (depth > dwarf_depth_limit) return 0;
    if (const auto known = ids.find(die.addr); known != ids.end()) return known->second;
    const int tag = dwarf->tag(die);
    const BtfId id = is_composite(tag) ? declare(die) : convert_other(die, tag, depth);
    ids.emplace(die.addr, id);
    return id;
  }

  BtfId convert_other(Dwarf_Die die, int tag, int depth) {
    switch (tag) {
      case DW_TAG_base_type: return base(die);
      case DW_TAG_pointer_type:
      case DW_TAG_reference_type:
      case DW_TAG_rvalue_reference_type: return builder.add_pointer(pointee(die, depth));
      case DW_TAG_array_type: return array(die, depth);
      case DW_TAG_enumeration_type: return enumeration(die);
      case DW_TAG_subroutine_type: return builder.add_proto(0, {});
      case DW_TAG_typedef: return builder.add_typedef(dwarf->name(die), type_of(die, depth));
      case DW_TAG_const_type: return builder.add_qualifier(BtfKind::const_, type_of(die, depth));
      case DW_TAG_volatile_type:
        return builder.add_qualifier(BtfKind::volatile_, type_of(die, depth));
      case DW_TAG_restrict_type:
        return builder.add_qualifier(BtfKind::restrict_, type_of(die, depth));
      case DW_TAG_atomic_type: return type_of(die, depth);
      default: return unreadable(bytes_of(die));
    }
  }

  // As many bytes that the language has no type for: pointers to members, vectors.
  BtfId unreadable(std::uint32_t bytes) {
    return bytes == 0 ? 0 : builder.add_float("unreadable", bytes);
  }

  // What has no name cannot be asked for later.
  BtfId pointee(Dwarf_Die die, int depth) {
    const BtfId id = type_of(die, depth);
    const BtfId named = unqualified(id);
    if (declared.contains(named) && builder.name_of(named).empty()) define(named, depth + 1);
    return id;
  }

  BtfId base(Dwarf_Die die) {
    const std::string name = dwarf->name(die);
    const std::uint32_t bytes = bytes_of(die);
    switch (dwarf->number(die, DW_AT_encoding).value_or(0)) {
      case DW_ATE_boolean: return builder.add_integer(name, bytes, IntegerKind::boolean);
      case DW_ATE_signed:
      case DW_ATE_signed_char: return builder.add_integer(name, bytes, IntegerKind::signed_);
      case DW_ATE_unsigned:
      case DW_ATE_address:
      case DW_ATE_UTF:
      case DW_ATE_unsigned_char: return builder.add_integer(name, bytes, IntegerKind::unsigned_);
      default: return builder.add_float(name, bytes);
    }
  }

  BtfId array(Dwarf_Die die, int depth) {
    BtfId element = complete(type_of(die, depth), depth);
    std::vector<std::uint32_t> counts;
    dwarf->for_each_child(die, [&](Dwarf_Die range) {
      if (dwarf->tag(range) != DW_TAG_subrange_type) return;
      auto count = dwarf->number(range, DW_AT_count);
      if (!count)
        if (const auto last = dwarf->number(range, DW_AT_upper_bound)) count = *last + 1;
      counts.push_back(static_cast<std::uint32_t>(count.value_or(0)));
    });
    for (auto count = counts.rbegin(); count != counts.rend(); ++count)
      element = builder.add_array(element, *count);
    if (!dwarf->has(die, DW_AT_GNU_vector)) return element;
    refresh();
    return unreadable(static_cast<std::uint32_t>(btf.size_of(element)));
  }

  BtfId enumeration(Dwarf_Die die) {
    std::vector<BtfEnumerator> values;
    bool is_signed = false;
    dwarf->for_each_child(die, [&](Dwarf_Die child) {
      const auto value = dwarf->signed_number(child, DW_AT_const_value);
      if (dwarf->tag(child) != DW_TAG_enumerator || !value) return;
      is_signed |= *value < 0;
      values.push_back({kept_name(child), static_cast<std::uint64_t>(*value)});
    });
    const std::uint32_t bytes = bytes_of(die);
    return builder.add_enum(dwarf->name(die), bytes == 0 ? 4 : bytes, is_signed, values);
  }

  // --- structs ---------------------------------------------------------------------------

  bool is_qualifier(BtfId id) const {
    const BtfKind kind = builder.kind_of(id);
    return kind == BtfKind::const_ || kind == BtfKind::volatile_ || kind == BtfKind::restrict_;
  }

  // Whether an argument itself is const is a matter of the function.
  BtfId without_qualifiers(BtfId id) const {
    while (is_qualifier(id)) id = builder.referred_by(id);
    return id;
  }

  // What stands behind typedefs and qualifiers.
  BtfId unqualified(BtfId id) const {
    const auto leads_on = [&] {
      return is_qualifier(id) || builder.kind_of(id) == BtfKind::typedef_;
    };
    for (int i = 0; i < 2 * dwarf_depth_limit && leads_on(); ++i) id = builder.referred_by(id);
    return id;
  }

  // Each unit that uses a header has the structs of it. The file is not part of it:
  // dwarf_decl_file() of libdw 0.188 ends the process for split DWARF.
  std::string identity(Dwarf_Die die) const {
    const auto line = dwarf->number(die, DW_AT_decl_line);
    std::string text = dwarf->name(die);
    if (!line) return text + ' ' + std::to_string(reinterpret_cast<std::uintptr_t>(die.addr));
    for (const std::uint64_t part : {std::uint64_t(dwarf->tag(die)), std::uint64_t{bytes_of(die)},
                                     *line, dwarf->number(die, DW_AT_decl_column).value_or(0)})
      text += ' ' + std::to_string(part);
    dwarf->for_each_child(die, [&](Dwarf_Die child) { text += ' ' + dwarf->name(child); });
    return text;
  }

  BtfId declare(Dwarf_Die die) {
    if (dwarf->has(die, DW_AT_declaration) || dwarf->has(die, DW_AT_signature))
      if (const auto whole = dwarf->find_definition(die)) die = *whole;
    const auto [known, is_new] = composites.emplace(identity(die), 0);
    if (!is_new) return known->second;
    const bool is_union = dwarf->tag(die) == DW_TAG_union_type;
    known->second =
        builder.declare_composite(is_union ? BtfKind::union_ : BtfKind::struct_, dwarf->name(die));
    declared.emplace(known->second, die);
    return known->second;
  }

  // The same type, with its members if it is a struct.
  BtfId complete(BtfId id, int depth) {
    define(unqualified(id), depth + 1);
    return id;
  }

  void define(BtfId id, int depth) {
    const auto known = declared.find(id);
    if (known == declared.end() || depth > dwarf_depth_limit) return;
    const Dwarf_Die die = known->second;
    if (dwarf->has(die, DW_AT_declaration)) return;
    declared.erase(known);
    std::vector<BtfMember> members;
    dwarf->for_each_child(die, [&](Dwarf_Die child) {
      const int tag = dwarf->tag(child);
      // Members of a base class are reached like those of an anonymous struct.
      if (tag != DW_TAG_member && tag != DW_TAG_inheritance) return;
      // Static members are no part of the object.
      if (dwarf->has(child, DW_AT_external) || dwarf->has(child, DW_AT_declaration)) return;
      BtfMember member;
      if (tag == DW_TAG_member) member.name = kept_name(child);
      member.type = complete(type_of(child, depth), depth);
      if (place(child, member)) members.push_back(member);
    });
    builder.define_composite(id, bytes_of(die), members);
  }

  // Where a member lies. False for what only a running program can tell (virtual bases).
  bool place(Dwarf_Die die, BtfMember& member) const {
    const auto bits = dwarf->number(die, DW_AT_bit_size);
    const auto bytes = dwarf->member_offset(die);
    if (!bytes) return false;
    member.bit_offset = static_cast<std::uint32_t>(*bytes * 8);
    if (!bits) return true;
    member.bit_size = static_cast<std::uint32_t>(*bits);
    if (const auto at = dwarf->number(die, DW_AT_data_bit_offset)) {
      member.bit_offset = static_cast<std::uint32_t>(*at);
    } else if (const auto from_top = dwarf->number(die, DW_AT_bit_offset)) {
      // DWARF 2 and 3 count from the highest bit of the unit.
      const auto type = dwarf->reference(die, DW_AT_type);
      auto unit = dwarf->number(die, DW_AT_byte_size);
      if (!unit && type) unit = dwarf->number(*type, DW_AT_byte_size);
      member.bit_offset += static_cast<std::uint32_t>(unit.value_or(4) * 8 - *from_top - *bits);
    }
    return true;
  }

  // --- functions -------------------------------------------------------------------------

  // The arguments of a function before their types can be asked for their sizes.
  struct Signature {
    Result<std::vector<UserParam>> params;
    std::vector<ArgumentType> types = {};
    ArgumentType result = {};
  };

  Signature read_signature(const std::string& symbol) {
    const std::string changed = "the compiler has changed the arguments of `" + symbol + "`";
    // GCC names what it made of a function after it.
    for (const std::string_view mark : {".isra", ".constprop", ".part", ".cold"})
      if (symbol.find(mark) != std::string::npos) return {fail(changed)};
    auto found = dwarf->find_function(symbol);
    if (!found) return {fail("the debug information does not know the function `" + symbol + "`")};
    if (dwarf->number(*found, DW_AT_calling_convention) == DW_CC_nocall) return {fail(changed)};
    // The copy of an inlined function may lack arguments that it does not use.
    if (const auto origin = dwarf->reference(*found, DW_AT_abstract_origin)) found = origin;

    std::vector<UserParam> params;
    Signature signature{std::vector<UserParam>()};
    dwarf->for_each_child(*found, [&](Dwarf_Die child) {
      if (dwarf->tag(child) != DW_TAG_formal_parameter) return;
      const BtfId type = without_qualifiers(complete(type_of(child, 0), 0));
      signature.types.push_back({type, is_passed_by_reference(*dwarf, child)});
      const BtfId shown = signature.types.back().by_reference ? builder.add_pointer(type) : type;
      params.push_back({.name = dwarf->name(child), .type = shown});
    });
    signature.result = {complete(type_of(*found, 0), 0), is_passed_by_reference(*dwarf, *found)};
    signature.params = std::move(params);
    return signature;
  }

  // All at once, since BTF is made anew for what has come to it.
  void read_params(std::span<const std::string> symbols) {
    std::vector<std::pair<const std::string*, Signature>> signatures;
    for (const std::string& symbol : symbols)
      if (!functions.contains(symbol)) signatures.emplace_back(&symbol, read_signature(symbol));
    refresh();
    for (auto& [symbol, signature] : signatures) {
      if (signature.params) place(*signature.params, signature);
      functions.emplace(*symbol, std::move(signature.params));
    }
  }

  void place(std::vector<UserParam>& params, const Signature& signature) const {
    const auto places = argument_places(btf, signature.types, signature.result, architecture);
    for (std::size_t i = 0; i < params.size(); ++i) {
      params[i].integer_register = places[i].integer_register;
      params[i].elsewhere = places[i].elsewhere;
    }
  }

  BtfId whole(Dwarf_Die die) {
    const BtfId id = complete(convert(die, 0), 0);
    refresh();
    return id;
  }
};

UserTypes::UserTypes(std::unique_ptr<State> state) : state_(std::move(state)) {}
UserTypes::~UserTypes() = default;

Result<std::unique_ptr<UserTypes>> UserTypes::open(const std::string& path,
                                                   std::string_view architecture,
                                                   const std::string& folders) {
  auto state = std::make_unique<State>();
  SONDE_TRY(state->dwarf, DwarfFile::open(path, folders));
  state->architecture = architecture;
  state->refresh();
  return std::unique_ptr<UserTypes>(new UserTypes(std::move(state)));
}

const Btf& UserTypes::btf() const { return state_->btf; }

void UserTypes::define(BtfId id) {
  if (!state_->declared.contains(id)) return;
  state_->define(id, 0);
  state_->refresh();
}

const Result<std::vector<UserParam>>& UserTypes::params(const std::string& symbol) {
  if (!state_->functions.contains(symbol)) state_->read_params({&symbol, 1});
  return state_->functions.at(symbol);
}

void UserTypes::read_params(std::span<const std::string> symbols) { state_->read_params(symbols); }

std::optional<BtfId> UserTypes::find_struct(std::string_view name) {
  const auto found = state_->dwarf->find_struct(name);
  if (!found) return std::nullopt;
  return state_->whole(*found);
}

std::optional<BtfId> UserTypes::find_type(std::string_view name) {
  if (const auto id = find_struct(name)) return id;
  const auto found = state_->dwarf->find_named_type(name);
  if (!found) return std::nullopt;
  return state_->whole(*found);
}

std::vector<std::string_view> UserTypes::struct_names() { return state_->dwarf->struct_names(); }

std::vector<SourceRow> UserTypes::source_rows(std::string_view file) const {
  return state_->dwarf->source_rows(file);
}

std::vector<std::uint64_t> UserTypes::line_addresses(std::string_view file, std::uint32_t line,
                                                     std::uint32_t column) const {
  return state_->dwarf->line_addresses(file, line, column);
}

}  // namespace sonde::target
