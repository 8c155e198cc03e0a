// SPDX-License-Identifier: Apache-2.0
// Names of code that a process made while it runs: /tmp/perf-PID.map, a line `start size name` for
// each piece, as runtimes with a just-in-time compiler write it when they are told to. Private to
// this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "symbols/symbol.h"

namespace sonde::symbols {

class JitMap {
 public:
  JitMap() = default;
  explicit JitMap(std::string_view text);

  std::optional<Symbol> find(std::uint64_t address) const;  // its `module` stays empty

 private:
  struct Piece {
    std::uint64_t begin = 0, end = 0;
    std::string name;
  };
  std::vector<Piece> pieces_;  // by address; none overlaps another
};

class JitMaps {
 public:
  // Files are looked at again for an address that is not in them, not sooner than that.
  explicit JitMaps(std::chrono::milliseconds retry) : retry_(retry) {}

  std::optional<Symbol> find(std::uint32_t tgid, std::uint64_t address);

 private:
  using Clock = std::chrono::steady_clock;
  struct Process {
    JitMap map;
    std::string path;
    Clock::time_point looked_at = Clock::time_point::min();
    timespec changed{};
    std::int64_t size_bytes = -1;
  };
  static void read(std::uint32_t tgid, Process& process);

  std::chrono::milliseconds retry_;
  std::unordered_map<std::uint32_t, Process> processes_;
};

}  // namespace sonde::symbols
