// SPDX-License-Identifier: Apache-2.0
#include "symbols/user_symbols.h"

#include <algorithm>

#include "symbols/vdso.h"

namespace sonde::symbols {

namespace {

// Behind the call of a function that does not return may stand the next function.
template <typename Find>
std::optional<Symbol> find_at(std::uint64_t place, AddressKind kind, Find find) {
  if (kind == AddressKind::return_address)
    if (std::optional<Symbol> symbol = find(place - 1)) {
      ++symbol->offset;
      return symbol;
    }
  return find(place);
}

}  // namespace

void UserSymbols::mapped(std::uint32_t tgid, Region region) {
  mapped_files_.note(tgid, region);
  processes_.mapped(tgid, std::move(region));
}

bool UserSymbols::read_next(std::optional<std::uint32_t> only) {
  const auto tgid = processes_.read_next(only);
  if (!tgid) return false;
  for (const Region& region : processes_.regions(*tgid)) mapped_files_.note(*tgid, region);
  return true;
}

void UserSymbols::make_room() {
  while (file_bytes_ > limits_.file_bytes && !files_.empty()) {
    const auto oldest = std::ranges::min_element(
        files_, {}, [](const auto& entry) { return entry.second.last_use; });
    file_bytes_ -= oldest->second.code->size_bytes();
    files_.erase(oldest);
  }
}

CodeFile& UserSymbols::file(std::uint32_t tgid, const Region& region) {
  auto at = files_.find(region.file);
  const bool is_known = at != files_.end();
  const auto now = Clock::now();
  if (!is_known || (!at->second.code->is_readable() &&
                    // Another process may let us open what this one did not.
                    now - at->second.read_at >= limits_.processes.greatest_age)) {
    auto code = std::make_unique<CodeFile>(mapped_files_.find_path(tgid, region), options_);
    make_room();
    file_bytes_ += code->size_bytes();
    at = files_.insert_or_assign(region.file, File{std::move(code), now}).first;
  }
  at->second.last_use = ++uses_;
  return *at->second.code;
}

std::optional<Symbol> UserSymbols::find_in_file(std::uint32_t tgid, const Region& region,
                                                std::uint64_t address, AddressKind kind) {
  std::optional<Symbol> symbol;
  if (region.path == vdso_path) {
    if (region.start <= UINT32_MAX) return symbol;  // that of a process of 32 bits is another one
    if (!vdso_) vdso_ = read_vdso();
    symbol = find_at(address - region.start, kind, [&](auto place) { return vdso_->find(place); });
  } else {
    CodeFile& code = file(tgid, region);
    symbol = find_at(address - region.start + region.file_offset, kind,
                     [&](auto place) { return code.find(place); });
  }
  if (symbol) symbol->module = region.path;
  return symbol;
}

std::optional<Symbol> UserSymbols::find(std::uint32_t tgid, std::uint64_t address,
                                        AddressKind kind) {
  const Region* region = processes_.find(tgid, address);
  if (region && !region->path.empty())
    if (const auto symbol = find_in_file(tgid, *region, address, kind)) return symbol;
  // Also code in what is a file in memory, and that of processes of which nothing is known.
  return find_at(address, kind, [&](auto place) { return jit_maps_.find(tgid, place); });
}

}  // namespace sonde::symbols
