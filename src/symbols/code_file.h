// SPDX-License-Identifier: Apache-2.0
// The code of one program or library: what is at an offset of it. Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/elf_file.h"
#include "symbols/file_symbols.h"
#include "symbols/source_lines.h"
#include "symbols/symbol.h"

namespace sonde::symbols {

struct CodeOptions {
  std::string debug_folders;  // where separate debug information is looked for first: A:B
  bool demangle = true;
  bool source_lines = false;
};

class CodeFile {
 public:
  CodeFile(const std::string& path, const CodeOptions& options);

  // False when it is none, or may not be read: nothing is found then.
  bool is_readable() const { return is_readable_; }

  // The function whose code lies there; its `module` stays empty. Valid until the next one.
  std::optional<Symbol> find(std::uint64_t file_offset);

  // About what it takes.
  std::size_t size_bytes() const { return size_bytes_; }

 private:
  struct Place {
    std::string name;  // empty: no function
    std::uint64_t offset = 0;
    std::vector<SourcePlace> places;
  };
  Place look_up(std::uint64_t file_offset);

  bool demangle_;
  bool is_readable_ = false;
  std::size_t size_bytes_ = 0;
  FileSymbols functions_;
  std::optional<ElfFile> file_;  // where there are lines
  std::optional<SourceLines> lines_;
  std::unordered_map<std::uint64_t, Place> known_;
};

}  // namespace sonde::symbols
