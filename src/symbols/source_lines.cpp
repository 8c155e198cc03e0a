// SPDX-License-Identifier: Apache-2.0
#include "symbols/source_lines.h"

#include <dwarf.h>

#include <algorithm>
#include <ranges>

#include "base/demangle.h"

namespace sonde::symbols {

namespace {

// Blocks and namespaces may be nested; in damaged debug information for ever.
constexpr int most_nested = 100;

bool holds_functions(int tag) {
  return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_structure_type ||
         tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

// The last range that begins at or before the address, if it holds it. Ranges of functions that the
// linker threw away begin at 0 or so, and hold nothing that is asked for.
template <typename Ranges>
auto* find_range(Ranges& ranges, Dwarf_Addr address) {
  auto after = std::ranges::upper_bound(ranges, address, {}, [](const auto& r) { return r.begin; });
  using Pointer = decltype(&*after);
  if (after == ranges.begin()) return Pointer{};
  --after;
  return address < after->end ? &*after : Pointer{};
}

}  // namespace

SourceLines::SourceLines(std::unique_ptr<DwarfSession> session, bool demangle)
    : session_(std::move(session)), library_(session_->library()), demangle_(demangle) {
  list_units();
}

template <typename Visit>
void SourceLines::for_each_range(Dwarf_Die die, Visit visit) const {
  Dwarf_Addr base = 0, begin = 0, end = 0;
  std::ptrdiff_t at = 0;
  while ((at = library_.dwarf_ranges(&die, at, &base, &begin, &end)) > 0)
    if (begin < end) visit(begin, end);
}

template <typename Visit>
void SourceLines::for_each_child(Dwarf_Die die, Visit visit) const {
  Dwarf_Die child;
  if (library_.dwarf_child(&die, &child) != 0) return;
  do visit(child);
  while (library_.dwarf_siblingof(&child, &child) == 0);
}

void SourceLines::list_units() {
  Dwarf_CU *unit = nullptr, *next = nullptr;
  Dwarf_Die top, split;
  Dwarf_Half version = 0;
  std::uint8_t kind = 0;
  while (library_.dwarf_get_units(session_->dwarf(), unit, &next, &version, &kind, &top, &split) ==
         0) {
    for_each_range(top, [&](Dwarf_Addr begin, Dwarf_Addr end) {
      unit_ranges_.push_back({begin, end, units_.size()});
    });
    units_.push_back({top, kind == DW_UT_skeleton && split.addr ? split : top});
    unit = next;
  }
  std::ranges::sort(unit_ranges_, {}, &Range<std::size_t>::begin);
}

void SourceLines::list_functions(Dwarf_Die parent, int depth) {
  if (depth > most_nested) return;
  for_each_child(parent, [&](Dwarf_Die die) {
    const int tag = library_.dwarf_tag(&die);
    if (tag == DW_TAG_subprogram)
      for_each_range(die, [&](Dwarf_Addr begin, Dwarf_Addr end) {
        function_ranges_.push_back({begin, end, die});
      });
    else if (holds_functions(tag))
      list_functions(die, depth + 1);
  });
}

SourceLines::Unit* SourceLines::unit_of(Dwarf_Addr address) {
  const auto* range = find_range(unit_ranges_, address);
  if (!range) return nullptr;
  Unit& unit = units_[range->what];
  if (!unit.has_functions) {
    unit.has_functions = true;
    list_functions(unit.entries, 0);
    std::ranges::sort(function_ranges_, {}, &Range<Dwarf_Die>::begin);
  }
  return &unit;
}

SourceLines::Line SourceLines::line_of(Unit& unit, Dwarf_Addr address) const {
  Dwarf_Line* row = library_.dwarf_getsrc_die(&unit.top, address);
  int number = 0;
  if (!row || library_.dwarf_lineno(row, &number) != 0 || number <= 0) return {};
  const char* file = library_.dwarf_linesrc(row, nullptr, nullptr);
  return {file ? file : "", static_cast<std::uint32_t>(number)};
}

SourceLines::Line SourceLines::call_of(Unit& unit, Dwarf_Die inlined) const {
  const auto number = [&](unsigned name) -> Dwarf_Word {
    Dwarf_Attribute attribute;
    Dwarf_Word value = 0;
    if (!library_.dwarf_attr(&inlined, name, &attribute)) return 0;
    return library_.dwarf_formudata(&attribute, &value) == 0 ? value : 0;
  };
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  const Dwarf_Word index = number(DW_AT_call_file);
  const char* file = nullptr;
  if (library_.dwarf_getsrcfiles(&unit.top, &files, &count) == 0 && index < count)
    file = library_.dwarf_filesrc(files, index, nullptr, nullptr);
  return {file ? file : "", static_cast<std::uint32_t>(number(DW_AT_call_line))};
}

// The linker's name of a function says more than its own: the namespace, the parameters.
std::string SourceLines::name_of(Dwarf_Die die) const {
  Dwarf_Attribute attribute;
  const char* linked = nullptr;
  if (library_.dwarf_attr_integrate(&die, DW_AT_linkage_name, &attribute))
    linked = library_.dwarf_formstring(&attribute);
  if (linked) return demangle_ ? demangle(linked) : linked;
  const char* name = library_.dwarf_diename(&die);
  return name ? name : "";
}

// From the outside to the inside.
void SourceLines::find_inlined(Dwarf_Die parent, Dwarf_Addr address, std::vector<Dwarf_Die>& found,
                               int depth) const {
  if (depth > most_nested) return;
  for_each_child(parent, [&](Dwarf_Die die) {
    const int tag = library_.dwarf_tag(&die);
    const bool is_inlined = tag == DW_TAG_inlined_subroutine;
    if (!is_inlined && tag != DW_TAG_lexical_block) return;
    if (library_.dwarf_haspc(&die, address) != 1) return;
    if (is_inlined) found.push_back(die);
    find_inlined(die, address, found, depth + 1);
  });
}

std::vector<SourcePlace> SourceLines::find(std::uint64_t address) {
  std::vector<SourcePlace> places;
  const Dwarf_Addr place = address + session_->file_bias() - session_->dwarf_bias();
  Unit* unit = unit_of(place);
  if (!unit) return places;
  std::vector<Dwarf_Die> inlined;
  if (const auto* function = find_range(function_ranges_, place))
    find_inlined(function->what, place, inlined, 0);
  Line line = line_of(*unit, place);
  for (const Dwarf_Die& die : inlined | std::views::reverse) {
    places.push_back({name_of(die), std::move(line.file), line.line});
    line = call_of(*unit, die);
  }
  if (places.empty() && line.file.empty()) return places;
  places.push_back({{}, std::move(line.file), line.line});
  return places;
}

}  // namespace sonde::symbols
