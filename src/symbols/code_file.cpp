// SPDX-License-Identifier: Apache-2.0
#include "symbols/code_file.h"

#include "base/demangle.h"
#include "base/elf_symbols.h"

namespace sonde::symbols {

namespace {

// Places of stacks are few, and asked for again and again; beyond this many all are forgotten.
constexpr std::size_t most_known = 1U << 16;

// What an open session and its units take, about.
constexpr std::size_t lines_bytes = 1U << 20;

}  // namespace

CodeFile::CodeFile(const std::string& path, const CodeOptions& options)
    : demangle_(options.demangle) {
  auto file = ElfFile::open(path);
  if (!file) return;
  is_readable_ = true;
  ElfSymbols symbols = read_elf_symbols(*file);
  const bool is_stripped = !file->find_section(".symtab");
  if (is_stripped || options.source_lines) {
    auto session = DwarfSession::open(path, options.debug_folders);
    if (session && is_stripped)
      for (ElfSymbol& symbol : read_separate_symbols(**session, *file))
        symbols.functions.push_back(std::move(symbol));
    if (session && options.source_lines && (*session)->dwarf()) {
      lines_.emplace(*std::move(session), demangle_);
      file_.emplace(*std::move(file));
    }
  }
  functions_ = FileSymbols(symbols);
  size_bytes_ = functions_.size_bytes() + (lines_ ? lines_bytes : 0);
}

CodeFile::Place CodeFile::look_up(std::uint64_t file_offset) {
  Place place;
  const std::optional<Symbol> symbol = functions_.find(file_offset);
  if (!symbol) return place;
  place.name = symbol->name;
  place.offset = symbol->offset;
  if (demangle_) place.name = demangle(place.name);
  if (!lines_) return place;
  if (const auto address = file_->address_of(file_offset)) place.places = lines_->find(*address);
  return place;
}

std::optional<Symbol> CodeFile::find(std::uint64_t file_offset) {
  auto known = known_.find(file_offset);
  if (known == known_.end()) {
    if (known_.size() >= most_known) known_.clear();
    known = known_.emplace(file_offset, look_up(file_offset)).first;
  }
  const Place& place = known->second;
  if (place.name.empty()) return std::nullopt;
  return Symbol{place.name, place.offset, {}, place.places};
}

}  // namespace sonde::symbols
