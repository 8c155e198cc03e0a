// SPDX-License-Identifier: Apache-2.0
// Source lines and inlined functions of addresses in one file, from its debug information. What a
// unit of it says is looked at when an address of it is asked for. Private to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/dwarf_session.h"
#include "symbols/symbol.h"

namespace sonde::symbols {

class SourceLines {
 public:
  // The session has debug information. `demangle`: names of functions that were inlined.
  SourceLines(std::unique_ptr<DwarfSession> session, bool demangle);

  // The innermost first, at last the function that stands there; empty when nothing is known.
  // The address is one of the file.
  std::vector<SourcePlace> find(std::uint64_t address);

 private:
  struct Unit {
    Dwarf_Die top;      // has the lines
    Dwarf_Die entries;  // the same, or in a file of their own
    bool has_functions = false;
  };
  // Addresses [begin, end): of a unit, by its number, or of a function.
  template <typename What>
  struct Range {
    Dwarf_Addr begin = 0, end = 0;
    What what{};
  };
  struct Line {
    std::string file;
    std::uint32_t line = 0;
  };

  void list_units();
  void list_functions(Dwarf_Die parent, int depth);
  Unit* unit_of(Dwarf_Addr address);
  Line line_of(Unit& unit, Dwarf_Addr address) const;
  Line call_of(Unit& unit, Dwarf_Die inlined) const;
  std::string name_of(Dwarf_Die die) const;
  void find_inlined(Dwarf_Die parent, Dwarf_Addr address, std::vector<Dwarf_Die>& found,
                    int depth) const;
  template <typename Visit>
  void for_each_range(Dwarf_Die die, Visit visit) const;
  template <typename Visit>
  void for_each_child(Dwarf_Die die, Visit visit) const;

  std::unique_ptr<DwarfSession> session_;
  DwarfLibrary library_;
  bool demangle_;
  std::vector<Unit> units_;
  std::vector<Range<std::size_t>> unit_ranges_;    // by begin
  std::vector<Range<Dwarf_Die>> function_ranges_;  // of the units that were asked for
};

}  // namespace sonde::symbols
