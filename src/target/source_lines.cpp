// SPDX-License-Identifier: Apache-2.0
// Lines of source files, from the tables of lines that each unit has.
#include <algorithm>
#include <map>

#include "base/elf_symbols.h"
#include "target/dwarf.h"

namespace sonde::target {

namespace {

// `main.c` and `src/main.c` mean `/home/me/src/main.c`.
bool is_same_file(std::string_view wanted, std::string_view path) {
  if (!path.ends_with(wanted)) return false;
  return path.size() == wanted.size() || wanted.starts_with('/') ||
         path[path.size() - wanted.size() - 1] == '/';
}

std::string_view without_dot(std::string_view file) {
  while (file.starts_with("./")) file.remove_prefix(2);
  return file;
}

}  // namespace

std::vector<SourceRow> DwarfFile::source_rows(std::string_view file) const {
  std::vector<SourceRow> rows;
  file = without_dot(file);
  if (file.empty()) return rows;
  for_each_unit([&](Dwarf_Die, Dwarf_Die top) {
    Dwarf_Lines* lines = nullptr;
    std::size_t count = 0;
    if (library_.dwarf_getsrclines(&top, &lines, &count) != 0) return;
    // Rows of one file share its name.
    const char* last = nullptr;
    bool is_wanted = false;
    for (std::size_t i = 0; i < count; ++i) {
      Dwarf_Line* line = library_.dwarf_onesrcline(lines, i);
      const char* source = library_.dwarf_linesrc(line, nullptr, nullptr);
      if (!source) continue;
      if (source != last) is_wanted = is_same_file(file, source);
      last = source;
      bool begins = false, ends = false;
      if (!is_wanted || library_.dwarf_linebeginstatement(line, &begins) != 0 || !begins) continue;
      if (library_.dwarf_lineendsequence(line, &ends) != 0 || ends) continue;
      SourceRow row;
      Dwarf_Addr address = 0;
      int number = 0, column = 0;
      if (library_.dwarf_lineaddr(line, &address) != 0) continue;
      if (library_.dwarf_lineno(line, &number) != 0 || number <= 0) continue;
      if (library_.dwarf_linecol(line, &column) == 0)
        row.column = static_cast<std::uint32_t>(column);
      row.address = address;
      row.line = static_cast<std::uint32_t>(number);
      rows.push_back(row);
    }
  });
  std::ranges::sort(rows);
  const auto extra = std::ranges::unique(rows);
  rows.erase(extra.begin(), extra.end());
  return rows;
}

// The first row in each function: a line of a loop has several.
std::vector<std::uint64_t> DwarfFile::line_addresses(std::string_view file, std::uint32_t line,
                                                     std::uint32_t column) const {
  const auto symbols = read_elf_symbols(path_);
  const auto start_of_function = [&](std::uint64_t address) -> std::uint64_t {
    if (!symbols) return 0;
    const auto next =
        std::ranges::upper_bound(symbols->functions, address, {}, &ElfSymbol::address);
    return next == symbols->functions.begin() ? 0 : std::prev(next)->address;
  };
  std::map<std::uint64_t, std::uint64_t> first;  // by the function's start
  for (const SourceRow& row : source_rows(file))
    if (row.line == line && (column == 0 || row.column == column))
      first.emplace(start_of_function(row.address), row.address);
  std::vector<std::uint64_t> addresses;
  for (const auto& [function, address] : first) addresses.push_back(address);
  return addresses;
}

}  // namespace sonde::target
