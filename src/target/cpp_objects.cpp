// SPDX-License-Identifier: Apache-2.0
// Itanium C++ ABI, 3.1.2.3 and 1.1: "non-trivial for the purposes of calls". Clang says of each
// type which it is; of what GCC writes it has to be concluded.
#include "target/cpp_objects.h"

#include <dwarf.h>

#include <algorithm>

namespace sonde::target {

namespace {

// Through typedefs, const and arrays. Nothing when it is no struct or class.
std::optional<Dwarf_Die> object_type(const DwarfFile& dwarf, Dwarf_Die entry, bool in_arrays) {
  auto type = dwarf.reference(entry, DW_AT_type);
  for (int i = 0; type && i < dwarf_depth_limit; ++i) {
    const int tag = dwarf.tag(*type);
    if (is_composite(tag)) return type;
    const bool leads_on = tag == DW_TAG_typedef || tag == DW_TAG_const_type ||
                          tag == DW_TAG_volatile_type || (in_arrays && tag == DW_TAG_array_type);
    if (!leads_on) return std::nullopt;
    type = dwarf.reference(*type, DW_AT_type);
  }
  return std::nullopt;
}

bool is_written_out(const DwarfFile& dwarf, Dwarf_Die method) {
  return !dwarf.has(method, DW_AT_artificial) &&
         dwarf.number(method, DW_AT_defaulted).value_or(DW_DEFAULTED_no) != DW_DEFAULTED_in_class;
}

// `T(const T&)` or `T(T&&)`
bool is_copy(const DwarfFile& dwarf, Dwarf_Die method, Dwarf_Die type) {
  std::optional<Dwarf_Die> first;
  dwarf.for_each_child(method, [&](Dwarf_Die child) {
    if (!first && dwarf.tag(child) == DW_TAG_formal_parameter &&
        !dwarf.has(child, DW_AT_artificial))
      first = child;
  });
  const auto reference = first ? dwarf.reference(*first, DW_AT_type) : std::nullopt;
  if (!reference) return false;
  const int tag = dwarf.tag(*reference);
  if (tag != DW_TAG_reference_type && tag != DW_TAG_rvalue_reference_type) return false;
  const auto of = object_type(dwarf, *reference, false);
  return of && of->addr == type.addr;
}

bool is_nontrivial(const DwarfFile& dwarf, Dwarf_Die type, int depth) {
  if (depth > dwarf_depth_limit) return false;
  if (const auto said = dwarf.number(type, DW_AT_calling_convention))
    return *said == DW_CC_pass_by_reference;
  std::string name = dwarf.name(type);
  name.resize(std::min(name.find('<'), name.size()));
  const auto part_is_nontrivial = [&](Dwarf_Die part) {
    const auto of = object_type(dwarf, part, true);
    return of && is_nontrivial(dwarf, *of, depth + 1);
  };
  bool found = false;
  dwarf.for_each_child(type, [&](Dwarf_Die child) {
    const int tag = dwarf.tag(child);
    const bool is_virtual = dwarf.number(child, DW_AT_virtuality).value_or(0) != 0;
    if (tag == DW_TAG_subprogram) {
      const std::string own = dwarf.name(child);
      const bool copies = own == name && is_copy(dwarf, child, type);
      const bool matters = copies || own.starts_with('~');
      found |= is_virtual || (matters && is_written_out(dwarf, child));
    } else if (tag == DW_TAG_inheritance) {
      found |= is_virtual || part_is_nontrivial(child);
    } else if (tag == DW_TAG_member && !dwarf.has(child, DW_AT_external) &&
               !dwarf.has(child, DW_AT_declaration)) {
      found |= part_is_nontrivial(child);
    }
  });
  return found;
}

}  // namespace

bool is_passed_by_reference(const DwarfFile& dwarf, Dwarf_Die entry) {
  auto type = object_type(dwarf, entry, false);
  return type && is_nontrivial(dwarf, *type, 0);
}

}  // namespace sonde::target
