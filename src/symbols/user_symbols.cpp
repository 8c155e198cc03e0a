// SPDX-License-Identifier: Apache-2.0
#include "symbols/user_symbols.h"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace sonde::symbols {

namespace {

// Makes room for one more.
template <typename Cache>
void forget_oldest(Cache& cache, std::size_t limit) {
  if (cache.size() < limit || cache.empty()) return;
  cache.erase(
      std::ranges::min_element(cache, {}, [](const auto& entry) { return entry.second.last_use; }));
}

// Whole ticks are precise enough here and cost a tenth of the exact time.
std::chrono::steady_clock::time_point coarse_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::chrono::steady_clock::time_point(std::chrono::seconds(now.tv_sec) +
                                               std::chrono::nanoseconds(now.tv_nsec));
}

const Region* find_region(const std::vector<Region>& regions, std::uint64_t address) {
  const auto after = std::ranges::upper_bound(regions, address, {}, &Region::start);
  if (after == regions.begin()) return nullptr;
  const Region& region = *std::prev(after);
  return address < region.end ? &region : nullptr;
}

std::string hex(std::uint64_t value) {
  char text[17];
  return {text, std::to_chars(text, text + sizeof text, value, 16).ptr};
}

// Opening something else, a pipe for example, could wait for ever.
bool is_regular_file(const std::string& path, struct stat& info) {
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// A path under which we can open the file of a region; empty when there is none.
std::string find_path(std::uint32_t tgid, const Region& region) {
  const std::string process = "/proc/" + std::to_string(tgid);
  struct stat info {};
  // The mapped file itself, even when it was deleted or replaced. Needs CAP_CHECKPOINT_RESTORE
  // (since Linux 5.9) or CAP_SYS_ADMIN.
  std::string path = process + "/map_files/" + hex(region.start) + '-' + hex(region.end);
  if (is_regular_file(path, info)) return path;
  if (region.path.ends_with(" (deleted)")) return {};
  // The process may have another root directory than we.
  path = process + "/root" + region.path;
  if (is_regular_file(path, info)) return path;
  // The process is gone; if its file is ours then the name is good.
  if (is_regular_file(region.path, info) && info.st_ino == region.file.inode) return region.path;
  return {};
}

}  // namespace

UserSymbols::Process& UserSymbols::process(std::uint32_t tgid) {
  auto at = processes_.find(tgid);
  if (at == processes_.end()) {
    forget_oldest(processes_, limits_.processes);
    at = processes_.try_emplace(tgid).first;
    at->second.read_at = Clock::time_point::min();
  }
  at->second.last_use = ++uses_;
  return at->second;
}

const UserSymbols::File& UserSymbols::file(std::uint32_t tgid, const Region& region,
                                           Clock::time_point now) {
  auto at = files_.find(region.file);
  const bool is_known = at != files_.end();
  if (!is_known) {
    forget_oldest(files_, limits_.files);
    at = files_.try_emplace(region.file).first;
  }
  File& file = at->second;
  file.last_use = ++uses_;
  // Another process may let us open what this one did not.
  if (is_known && (file.is_readable || now - file.read_at < limits_.greatest_age)) return file;
  file.read_at = now;
  const std::string path = find_path(tgid, region);
  if (path.empty()) return file;
  if (const Result<ElfSymbols> symbols = read_elf_symbols(path)) {
    file.symbols = FileSymbols(*symbols);
    file.is_readable = true;
  }
  return file;
}

std::optional<Symbol> UserSymbols::find(std::uint32_t tgid, std::uint64_t address) {
  const Clock::time_point now = coarse_now();
  Process& process = this->process(tgid);
  const Region* region = find_region(process.regions, address);
  const auto age =
      process.read_at == Clock::time_point::min() ? Clock::duration::max() : now - process.read_at;
  if (age >= (region ? limits_.greatest_age : limits_.retry)) {
    process.read_at = now;
    // The maps of a process that ended are empty or gone; the old ones are still right then.
    if (auto regions = read_maps(tgid); regions && !regions->empty())
      process.regions = *std::move(regions);
    region = find_region(process.regions, address);
  }
  if (region == nullptr || region->path.empty()) return std::nullopt;
  const std::uint64_t file_offset = address - region->start + region->file_offset;
  std::optional<Symbol> symbol = file(tgid, *region, now).symbols.find(file_offset);
  if (symbol) symbol->module = region->path;
  return symbol;
}

}  // namespace sonde::symbols
