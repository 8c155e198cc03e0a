// SPDX-License-Identifier: Apache-2.0
// What is mapped where in which process: read from /proc when it is asked for, and told by who
// follows the processes, so that it is known of those that have ended, too.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "symbols/process_maps.h"

namespace sonde::symbols {

struct ProcessLimits {
  // Beyond these one that has ended is forgotten, or the one that was not asked for longest.
  std::size_t processes = 8192;
  // How soon the maps of a process are read again for an address that is not in them. Stacks of
  // code without frame pointers are full of such addresses.
  std::chrono::milliseconds retry{10};
  // How old maps may get that nobody follows: exec() replaces them under the same process id.
  std::chrono::milliseconds greatest_age{1000};
};

class Processes {
 public:
  explicit Processes(ProcessLimits limits) : limits_(limits) {}

  // What was mapped there last; null when nothing is known. Valid until the next call.
  const Region* find(std::uint32_t tgid, std::uint64_t address);

  // --- from who follows them, which is said first ------------------------------------------------
  void follow() { is_followed_ = true; }
  void mapped(std::uint32_t tgid, Region region);
  void forked(std::uint32_t parent, std::uint32_t child);
  void ended(std::uint32_t tgid);
  void missed();  // something of this

  // Reads the maps of one process that already ran when it was first called, of all or of `only`.
  // False when none is left. Gives its number.
  std::optional<std::uint32_t> read_next(std::optional<std::uint32_t> only);
  // All that is mapped there, as far as it is known.
  const std::vector<Region>& regions(std::uint32_t tgid) { return *process(tgid).regions; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Process {
    using Regions = std::vector<Region>;
    // Shared with its parent and children until one of them maps something.
    std::shared_ptr<Regions> regions = std::make_shared<Regions>();
    // What was mapped when that happened: of most children the parent's, before they executed
    // something else. Null: nothing.
    std::shared_ptr<const Regions> before;
    Clock::time_point read_at = Clock::time_point::min();
    std::uint64_t last_use = 0;
    bool is_stale = false;  // something that was mapped was not told
    bool has_ended = false;
  };

  Process& process(std::uint32_t tgid);
  void make_room();
  void read(std::uint32_t tgid, Process& process, Clock::time_point now);
  static void add(Process& process, Region region);
  static const Region* find_in(const Process& process, std::uint64_t address);

  ProcessLimits limits_;
  bool is_followed_ = false;
  std::uint64_t uses_ = 0;
  std::unordered_map<std::uint32_t, Process> processes_;
  std::deque<std::uint32_t> ended_;  // the first one first
  std::optional<std::vector<std::uint32_t>> unread_;
};

}  // namespace sonde::symbols
