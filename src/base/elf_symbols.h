// SPDX-License-Identifier: Apache-2.0
// The function symbols of an ELF file, read through libelf: by name for attaching, by
// address for printing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/elf_file.h"
#include "base/result.h"

namespace sonde {

struct ElfSymbol {
  std::string name;
  std::uint64_t address = 0;      // virtual address in the file
  std::uint64_t file_offset = 0;  // where the code lies in the file: what uprobes want
  std::uint64_t size_bytes = 0;   // 0 when the symbol does not say
};

struct ElfSymbols {
  std::vector<ElfSymbol> functions;  // .symtab and .dynsym, without duplicates, by address
};

// Fails when the file cannot be opened or is not ELF.
Result<ElfSymbols> read_elf_symbols(const std::string& path);
ElfSymbols read_elf_symbols(const ElfFile& file);

class DwarfSession;

// The functions of a stripped file: from the separate file that goes with it, or what is packed
// into it (.gnu_debugdata). None where there is neither.
std::vector<ElfSymbol> read_separate_symbols(const DwarfSession& session, const ElfFile& file);

// `memcpy@@GLIBC_2.14` in .symtab is the default version of what .dynsym calls `memcpy`.
std::string_view without_default_version(std::string_view name);

// A function or variable. Nothing when the file has none of that name.
Result<std::optional<ElfSymbol>> find_elf_symbol(const std::string& path, std::string_view name);

// The file offset of a virtual address, through the loadable segments.
Result<std::uint64_t> elf_offset_of_address(const std::string& path, std::uint64_t address);

// The function that holds a virtual address of the file.
Result<std::optional<ElfSymbol>> find_elf_function(const std::string& path, std::uint64_t address);

}  // namespace sonde
