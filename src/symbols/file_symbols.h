// SPDX-License-Identifier: Apache-2.0
// The functions of one ELF file, in little memory. Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/elf_symbols.h"
#include "symbols/symbol.h"

namespace sonde::symbols {

class FileSymbols {
 public:
  FileSymbols() = default;
  explicit FileSymbols(const ElfSymbols& symbols);

  // The function whose code lies there in the file; its `module` stays empty.
  std::optional<Symbol> find(std::uint64_t file_offset) const;

  std::size_t size_bytes() const { return entries_.size() * sizeof(Entry) + names_.size(); }

 private:
  struct Entry {
    std::uint64_t file_offset;
    std::uint32_t size_bytes;
    std::uint32_t name;  // offset in `names_`
  };
  std::vector<Entry> entries_;  // by offset, each offset once
  std::string names_;           // each with its NUL
};

}  // namespace sonde::symbols
