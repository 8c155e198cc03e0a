// SPDX-License-Identifier: Apache-2.0
// The debug information of one program, or of the separate file that goes with it: entries with
// their attributes, and those that have names.
#pragma once

#include <dwarf.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/dwarf_session.h"
#include "base/elf_symbols.h"
#include "base/result.h"
#include "target/user_types.h"

namespace sonde::target {

// References lead on; in damaged DWARF for ever.
inline constexpr int dwarf_depth_limit = 200;

bool is_composite(int tag);  // struct, class or union

class DwarfFile {
 public:
  // `folders` as DwarfSession wants them: where separate files are looked for first. Fails with a
  // reason when there is no debug information.
  static Result<std::unique_ptr<DwarfFile>> open(const std::string& path,
                                                 const std::string& folders);
  DwarfFile(const DwarfFile&) = delete;
  DwarfFile& operator=(const DwarfFile&) = delete;

  // --- an entry. Names and references are also those of what it is an instance of. ------------
  int tag(Dwarf_Die die) const { return library_.dwarf_tag(&die); }
  std::string name(Dwarf_Die die) const;  // may be empty
  bool has(Dwarf_Die die, unsigned attribute) const {
    return library_.dwarf_hasattr(&die, attribute) != 0;
  }
  std::optional<std::uint64_t> number(Dwarf_Die die, unsigned attribute) const;
  std::optional<std::int64_t> signed_number(Dwarf_Die die, unsigned attribute) const;
  // Bytes from the start of the object; nothing when it takes a running program to tell.
  std::optional<std::uint64_t> member_offset(Dwarf_Die member) const;
  std::optional<Dwarf_Die> reference(Dwarf_Die die, unsigned attribute) const;
  template <typename Visit>
  void for_each_child(Dwarf_Die die, Visit visit) const {
    Dwarf_Die child;
    if (library_.dwarf_child(&die, &child) != 0) return;
    do visit(child);
    while (library_.dwarf_siblingof(&child, &child) == 0);
  }

  // --- by name. The first of these walks over all units. --------------------------------------
  // The function behind a symbol.
  std::optional<Dwarf_Die> find_function(std::string_view symbol);
  // A whole struct, class or union.
  std::optional<Dwarf_Die> find_struct(std::string_view name);
  // A typedef, enum or base type.
  std::optional<Dwarf_Die> find_named_type(std::string_view name);
  // What is only declared, where it is defined.
  std::optional<Dwarf_Die> find_definition(Dwarf_Die declaration);
  std::vector<std::string_view> struct_names();

  // The statements of a source file, by address. `file` as the compiler was given it, or the last
  // parts of its path. In source_lines.cpp.
  std::vector<SourceRow> source_rows(std::string_view file) const;
  // Of these, where a line begins in each function that has code of it: the one of that line, those
  // that it was inlined into. `column` 0: the whole line.
  std::vector<std::uint64_t> line_addresses(std::string_view file, std::uint32_t line,
                                            std::uint32_t column) const;

 private:
  DwarfFile() = default;
  void index();
  void index_children(Dwarf_Die parent, const std::string& prefix, int depth);
  void index_function(Dwarf_Die die);
  void index_symbols();
  // Calls `visit(entries, top)` for each unit. Its entries may have been split off into a file of
  // their own; its lines are with `top`.
  template <typename Visit>
  void for_each_unit(Visit visit) const {
    Dwarf_CU *unit = nullptr, *next = nullptr;
    Dwarf_Die top, split;
    Dwarf_Half version = 0;
    std::uint8_t kind = 0;
    while (library_.dwarf_get_units(dwarf_, unit, &next, &version, &kind, &top, &split) == 0) {
      visit(kind == DW_UT_skeleton && split.addr ? split : top, top);
      unit = next;
    }
  }

  std::string path_;
  std::unique_ptr<DwarfSession> session_;
  DwarfLibrary library_;
  Dwarf* dwarf_ = nullptr;

  bool indexed_ = false;
  // The first of each name: what else has it is another unit's copy, in most programs.
  std::map<std::string, Dwarf_Die, std::less<>> structs_, named_types_, functions_;
  std::map<std::string, Dwarf_Die, std::less<>> definitions_;  // by qualified name
  std::unordered_map<const void*, std::string> declarations_;  // qualified names
  std::unordered_map<Dwarf_Addr, Dwarf_Die> functions_at_;
  std::optional<ElfSymbols> symbols_;  // read when a function is first asked for
  std::unordered_map<std::string_view, Dwarf_Die> functions_of_symbols_;
};

}  // namespace sonde::target
