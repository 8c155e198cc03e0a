// SPDX-License-Identifier: Apache-2.0
#include "base/elf_symbols.h"

#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/elf_file.h"

namespace sonde {

namespace {

void add_functions(const ElfFile& file, Elf_Scn* section, const GElf_Shdr& header,
                   std::vector<ElfSymbol>& functions) {
  Elf_Data* data = ::elf_getdata(section, nullptr);
  if (!data || header.sh_entsize == 0) return;
  const std::size_t count = data->d_size / header.sh_entsize;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Sym symbol;
    if (!::gelf_getsym(data, static_cast<int>(i), &symbol)) return;
    const unsigned type = GELF_ST_TYPE(symbol.st_info);
    if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF) continue;
    const char* name = ::elf_strptr(file.handle(), header.sh_link, symbol.st_name);
    const auto offset = file.file_offset(symbol.st_value);
    if (!name || !*name || !offset) continue;
    functions.push_back(
        {std::string(without_default_version(name)), symbol.st_value, *offset, symbol.st_size});
  }
}

// Of variables no place in the file is known: they may have none.
std::optional<ElfSymbol> find_symbol(Elf* elf, Elf_Scn* section, const GElf_Shdr& header,
                                     std::string_view wanted) {
  Elf_Data* data = ::elf_getdata(section, nullptr);
  if (!data || header.sh_entsize == 0) return std::nullopt;
  const std::size_t count = data->d_size / header.sh_entsize;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Sym symbol;
    if (!::gelf_getsym(data, static_cast<int>(i), &symbol)) break;
    const unsigned type = GELF_ST_TYPE(symbol.st_info);
    const bool has_place = type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE;
    if (!has_place || symbol.st_shndx == SHN_UNDEF) continue;
    const char* name = ::elf_strptr(elf, header.sh_link, symbol.st_name);
    if (name && without_default_version(name) == wanted)
      return ElfSymbol{std::string(wanted), symbol.st_value, 0, symbol.st_size};
  }
  return std::nullopt;
}

void sort_and_deduplicate(std::vector<ElfSymbol>& functions) {
  const auto key = [](const ElfSymbol& s) { return std::tie(s.address, s.name); };
  // A symbol that knows its size goes before its duplicate that does not.
  std::ranges::sort(functions, [&](const ElfSymbol& a, const ElfSymbol& b) {
    return key(a) != key(b) ? key(a) < key(b) : a.size_bytes > b.size_bytes;
  });
  const auto extra = std::ranges::unique(
      functions, [&](const ElfSymbol& a, const ElfSymbol& b) { return key(a) == key(b); });
  functions.erase(extra.begin(), extra.end());
}

}  // namespace

std::string_view without_default_version(std::string_view name) {
  return name.substr(0, name.find("@@"));
}

Result<ElfSymbols> read_elf_symbols(const std::string& path) {
  SONDE_TRY(const ElfFile file, ElfFile::open(path));
  return read_elf_symbols(file);
}

ElfSymbols read_elf_symbols(const ElfFile& file) {
  ElfSymbols symbols;
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(file.handle(), section));) {
    GElf_Shdr header;
    if (!::gelf_getshdr(section, &header)) continue;
    if (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM)
      add_functions(file, section, header, symbols.functions);
  }
  sort_and_deduplicate(symbols.functions);
  return symbols;
}

Result<std::optional<ElfSymbol>> find_elf_symbol(const std::string& path, std::string_view name) {
  SONDE_TRY(const ElfFile file, ElfFile::open(path));
  Elf* elf = file.handle();
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section));) {
    GElf_Shdr header;
    if (!::gelf_getshdr(section, &header)) continue;
    if (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM) continue;
    if (auto symbol = find_symbol(elf, section, header, name)) return symbol;
  }
  return std::nullopt;
}

Result<std::uint64_t> elf_offset_of_address(const std::string& path, std::uint64_t address) {
  SONDE_TRY(const ElfFile file, ElfFile::open(path));
  if (const auto offset = file.file_offset(address)) return *offset;
  return fail("no loadable segment of " + path + " holds that address");
}

// One without size holds its first address only.
Result<std::optional<ElfSymbol>> find_elf_function(const std::string& path, std::uint64_t address) {
  SONDE_TRY(const ElfSymbols symbols, read_elf_symbols(path));
  const auto found = std::ranges::find_if(symbols.functions, [&](const ElfSymbol& symbol) {
    return address == symbol.address ||
           (address > symbol.address && address - symbol.address < symbol.size_bytes);
  });
  return found == symbols.functions.end() ? std::nullopt : std::optional(*found);
}

}  // namespace sonde
