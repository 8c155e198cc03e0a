// SPDX-License-Identifier: Apache-2.0
#include "symbols/processes.h"

#include <time.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"

namespace sonde::symbols {

namespace {

// A process that goes on loading and unloading, or executing other programs, begins anew here.
constexpr std::size_t most_regions = 4096;

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

std::vector<std::uint32_t> running_processes() {
  std::vector<std::uint32_t> tgids;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored))
    if (const auto tgid = parse_u64(entry.path().filename().native()))
      tgids.push_back(static_cast<std::uint32_t>(*tgid));
  return tgids;
}

}  // namespace

void Processes::make_room() {
  while (processes_.size() >= limits_.processes && !ended_.empty()) {
    // Another may have its number by now.
    const auto at = processes_.find(ended_.front());
    if (at != processes_.end() && at->second.has_ended) processes_.erase(at);
    ended_.pop_front();
  }
  if (processes_.size() >= limits_.processes && !processes_.empty())
    processes_.erase(std::ranges::min_element(
        processes_, {}, [](const auto& each) { return each.second.last_use; }));
}

Processes::Process& Processes::process(std::uint32_t tgid) {
  auto at = processes_.find(tgid);
  if (at == processes_.end()) {
    make_room();
    at = processes_.try_emplace(tgid).first;
  }
  at->second.last_use = ++uses_;
  return at->second;
}

// Puts it in the place of all that it covers. What was unmapped stays until something else is
// mapped there: a stack may have been taken before.
void Processes::add(Process& process, Region region) {
  if (process.regions.use_count() > 1) {
    const bool is_first = process.before == nullptr;
    if (is_first) process.before = process.regions;
    process.regions = is_first ? std::make_shared<Process::Regions>()
                               : std::make_shared<Process::Regions>(*process.regions);
  }
  Process::Regions& regions = *process.regions;
  if (regions.size() >= most_regions) regions.clear();
  auto at = std::ranges::lower_bound(regions, region.start, {}, &Region::start);
  if (at != regions.begin() && std::prev(at)->end > region.start) {
    const auto before = std::prev(at);
    if (before->end > region.end) {
      Region rest = *before;
      rest.file_offset += region.end - rest.start;
      rest.start = region.end;
      before->end = region.start;
      at = regions.insert(at, std::move(rest));
    } else {
      before->end = region.start;
    }
  }
  auto last = at;
  while (last != regions.end() && last->end <= region.end) ++last;
  if (last != regions.end() && last->start < region.end) {
    last->file_offset += region.end - last->start;
    last->start = region.end;
  }
  at = regions.erase(at, last);
  regions.insert(at, std::move(region));
}

// The maps of a process that has ended are empty or gone; the old ones are still right then.
void Processes::read(std::uint32_t tgid, Process& process, Clock::time_point now) {
  process.read_at = now;
  process.is_stale = false;
  auto regions = read_maps(tgid);
  if (!regions || regions->empty()) return;
  for (Region& region : *regions) add(process, std::move(region));
}

const Region* Processes::find_in(const Process& process, std::uint64_t address) {
  const Region* region = find_region(*process.regions, address);
  return region || !process.before ? region : find_region(*process.before, address);
}

const Region* Processes::find(std::uint32_t tgid, std::uint64_t address) {
  Process& process = this->process(tgid);
  const Region* region = find_in(process, address);
  if (process.has_ended || (region && is_followed_ && !process.is_stale)) return region;
  const Clock::time_point now = coarse_now();
  const bool is_unread = process.is_stale || process.read_at == Clock::time_point::min();
  const auto age = is_unread ? Clock::duration::max() : now - process.read_at;
  if (age < (region ? limits_.greatest_age : limits_.retry)) return region;
  read(tgid, process, now);
  return find_in(process, address);
}

void Processes::mapped(std::uint32_t tgid, Region region) { add(process(tgid), std::move(region)); }

void Processes::forked(std::uint32_t parent, std::uint32_t child) {
  Process& from = process(parent);
  if (from.read_at == Clock::time_point::min() && !from.has_ended) read(parent, from, coarse_now());
  Process copy;
  copy.regions = from.regions;
  copy.before = from.before;
  copy.read_at = from.read_at;
  Process& to = process(child);  // `from` may be forgotten for it
  copy.last_use = to.last_use;
  to = std::move(copy);
}

void Processes::ended(std::uint32_t tgid) {
  const auto at = processes_.find(tgid);
  if (at == processes_.end() || at->second.has_ended) return;
  at->second.has_ended = true;
  ended_.push_back(tgid);
}

void Processes::missed() {
  for (auto& [tgid, process] : processes_) process.is_stale = true;
}

std::optional<std::uint32_t> Processes::read_next(std::optional<std::uint32_t> only) {
  if (!unread_) unread_ = only ? std::vector{*only} : running_processes();
  if (unread_->empty()) return std::nullopt;
  const std::uint32_t tgid = unread_->back();
  unread_->pop_back();
  Process& process = this->process(tgid);
  if (process.read_at == Clock::time_point::min()) read(tgid, process, coarse_now());
  return tgid;
}

}  // namespace sonde::symbols
