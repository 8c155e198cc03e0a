// SPDX-License-Identifier: Apache-2.0
#include "runtime/unwinding.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runtime/object.h"
#include "runtime/reporter.h"
#include "runtime/traced_process.h"

namespace sonde::runtime {

namespace {

using image::chunk_rows;
using image::UnwindChunk;
using image::UnwindRange;
using image::UnwindRanges;

// For files that are mapped later: of a command that is everything but its own file. A chunk takes
// 64 KiB.
constexpr std::size_t spare_chunks = 128;

std::size_t chunks_of(std::size_t rows) { return (rows + chunk_rows - 1) / chunk_rows; }

bool same(const std::vector<UnwindRange>& a, const std::vector<UnwindRange>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(UnwindRange)) == 0);
}

void set_entries(bpf_object* object, std::string_view map, std::size_t count) {
  if (bpf_map* found = bpf_object__find_map_by_name(object, std::string(map).c_str()))
    bpf_map__set_max_entries(found, static_cast<std::uint32_t>(count));
}

}  // namespace

Unwinding::Unwinding(const image::Image& image, Reporter& reporter) : reporter_(reporter) {
  if (!image.unwinds) return;
  const auto add = [&](pid_t pid) {
    const auto tgid = static_cast<std::uint32_t>(pid);
    if (std::ranges::find(processes_, tgid, &Process::tgid) != processes_.end()) return;
    processes_.push_back({.tgid = tgid});
    processes_.back().published.index = static_cast<std::uint32_t>(processes_.size() - 1);
  };
  const RunOptions& options = reporter.options();
  const TracedProcess* process = options.process;
  if (process) add(process->pid());
  for (const pid_t pid : options.unwound) add(pid);
  for (Process& each : processes_) {
    // Until it executes something else the child is a copy of ourselves.
    const bool waits =
        process && process->is_child() && each.tgid == static_cast<std::uint32_t>(process->pid());
    each.has_changed = !waits;
    if (waits)
      tables_.read_ahead(process->file());
    else if (tables_.find_ranges(each.tgid).empty())
      reporter.warning({}, "there is nothing to unwind in process " + std::to_string(each.tgid));
  }
  say_problems();
}

void Unwinding::set_sizes(bpf_object* object) const {
  if (!is_wanted()) return;
  set_entries(object, image::unwound_map, processes_.size());
  set_entries(object, image::unwind_ranges_map, processes_.size() * 2);
  set_entries(object, image::unwind_rows_map, chunks_of(tables_.rows().size()) + spare_chunks);
}

void Unwinding::begin(const Object& object) {
  if (!is_wanted()) return;
  object_ = &object;
  tables_.limit_rows(object.map_sizes(image::unwind_rows_map).max_entries * chunk_rows);
  follow();
}

void Unwinding::say_problems() {
  for (const std::string& problem : tables_.take_problems()) reporter_.warning({}, problem);
}

void Unwinding::mapped(std::uint32_t tgid) {
  for (Process& process : processes_)
    if (process.tgid == tgid) process.has_changed = true;
}

void Unwinding::follow() {
  if (!object_) return;
  for (Process& process : processes_)
    if (process.has_changed) update(process);
}

void Unwinding::missed() {
  for (Process& process : processes_) process.has_changed = true;
}

// First rows, then what leads to them.
void Unwinding::update(Process& process) {
  process.has_changed = false;
  std::vector<UnwindRange> ranges = tables_.find_ranges(process.tgid);
  say_problems();
  // A process that has ended has none, and stacks of it may still be taken.
  if (ranges.empty() || (process.published.version != 0 && same(ranges, process.ranges))) return;
  write_rows();
  process.ranges = std::move(ranges);
  image::UnwoundProcess next = process.published;
  ++next.version;
  UnwindRanges value;
  value.fill({});
  std::ranges::copy(process.ranges, value.begin());
  const auto at = static_cast<std::uint32_t>(next.index * 2 + next.version % 2);
  if (bpf_map_update_elem(object_->map_fd(image::unwind_ranges_map), &at, &value, BPF_ANY) != 0 ||
      bpf_map_update_elem(object_->map_fd(image::unwound_map), &process.tgid, &next, BPF_ANY) != 0)
    return reporter_.warning({},
                             std::string("cannot write unwinding tables: ") + std::strerror(errno));
  process.published = next;
}

// What was in a chunk before is written as it was.
void Unwinding::write_rows() {
  const std::vector<image::UnwindRow>& rows = tables_.rows();
  UnwindChunk chunk;
  for (std::size_t at = written_rows_ / chunk_rows; at < chunks_of(rows.size()); ++at) {
    const std::size_t begin = at * chunk_rows, end = std::min(rows.size(), begin + chunk_rows);
    if (end <= written_rows_) continue;
    std::copy(rows.begin() + static_cast<std::ptrdiff_t>(begin),
              rows.begin() + static_cast<std::ptrdiff_t>(end), chunk.begin());
    const auto key = static_cast<std::uint32_t>(at);
    if (bpf_map_update_elem(object_->map_fd(image::unwind_rows_map), &key, &chunk, BPF_ANY) != 0)
      return reporter_.warning(
          {}, std::string("cannot write unwinding tables: ") + std::strerror(errno));
  }
  written_rows_ = rows.size();
}

}  // namespace sonde::runtime
