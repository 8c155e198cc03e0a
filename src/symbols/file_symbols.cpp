// SPDX-License-Identifier: Apache-2.0
#include "symbols/file_symbols.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace sonde::symbols {

namespace {

// The last function of a file, when it does not say its size, may reach this far.
constexpr std::uint32_t assumed_size_bytes = 4096;

// Functions may lie inside others (entry points of assembly); how far back to look for one that
// holds the address.
constexpr int most_nested = 8;

std::size_t leading_underscores(const std::string& name) {
  return std::min(name.find_first_not_of('_'), name.size());
}

// Of the names of one place `malloc` is better than `__libc_malloc`.
bool is_before(const ElfSymbol* a, const ElfSymbol* b) {
  const auto key = [](const ElfSymbol& symbol) {
    return std::tuple(symbol.file_offset, leading_underscores(symbol.name), symbol.name.size());
  };
  return key(*a) != key(*b) ? key(*a) < key(*b) : a->name < b->name;
}

std::uint32_t to_u32(std::uint64_t size) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(size, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

FileSymbols::FileSymbols(const ElfSymbols& symbols) {
  std::vector<const ElfSymbol*> sorted;
  sorted.reserve(symbols.functions.size());
  for (const ElfSymbol& symbol : symbols.functions) sorted.push_back(&symbol);
  std::ranges::sort(sorted, is_before);

  entries_.reserve(sorted.size());
  for (const ElfSymbol* symbol : sorted) {
    const std::uint32_t size = to_u32(symbol->size_bytes);
    if (!entries_.empty() && entries_.back().file_offset == symbol->file_offset) {
      entries_.back().size_bytes = std::max(entries_.back().size_bytes, size);
      continue;
    }
    entries_.push_back({symbol->file_offset, size, static_cast<std::uint32_t>(names_.size())});
    names_.append(symbol->name.c_str(), symbol->name.size() + 1);
  }
  entries_.shrink_to_fit();
  names_.shrink_to_fit();

  // Assembly often does not give sizes: it then reaches up to the next function.
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].size_bytes != 0) continue;
    const bool is_last = i + 1 == entries_.size();
    entries_[i].size_bytes = is_last
                                 ? assumed_size_bytes
                                 : to_u32(entries_[i + 1].file_offset - entries_[i].file_offset);
  }
}

std::optional<Symbol> FileSymbols::find(std::uint64_t file_offset) const {
  auto at = std::ranges::upper_bound(entries_, file_offset, {}, &Entry::file_offset);
  for (int i = 0; i < most_nested && at != entries_.begin(); ++i) {
    --at;
    const std::uint64_t offset = file_offset - at->file_offset;
    if (offset < at->size_bytes) return Symbol{names_.c_str() + at->name, offset, {}, {}};
  }
  return std::nullopt;
}

}  // namespace sonde::symbols
