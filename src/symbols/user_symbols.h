// SPDX-License-Identifier: Apache-2.0
// Names of addresses in processes: from what is mapped there and the symbols of the files.
// Not for code that has no file (just-in-time compilers, the vDSO).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "symbols/file_symbols.h"
#include "symbols/process_maps.h"
#include "symbols/symbol.h"

namespace sonde::symbols {

struct UserSymbolLimits {
  // Beyond these the ones that were not used for longest are forgotten.
  std::size_t processes = 128;
  std::size_t files = 64;
  // How soon the maps of a process are read again for an address that is not in them. Stacks of
  // code without frame pointers are full of such addresses.
  std::chrono::milliseconds retry{10};
  // How old maps may get. Later look-ups read them again, since exec() replaces them under the
  // same process id.
  std::chrono::milliseconds greatest_age{1000};
};

class UserSymbols {
 public:
  explicit UserSymbols(UserSymbolLimits limits = {}) : limits_(limits) {}

  // The function that holds `address` in the process. Nothing for addresses that are no code of
  // a file, and for processes that were gone before their first look-up; those that end later
  // keep what was known of them.
  std::optional<Symbol> find(std::uint32_t tgid, std::uint64_t address);

 private:
  using Clock = std::chrono::steady_clock;

  struct Process {
    std::vector<Region> regions;
    Clock::time_point read_at;
    std::uint64_t last_use = 0;
  };
  struct File {
    FileSymbols symbols;
    bool is_readable = false;
    Clock::time_point read_at;
    std::uint64_t last_use = 0;
  };

  Process& process(std::uint32_t tgid);
  const File& file(std::uint32_t tgid, const Region& region, Clock::time_point now);

  UserSymbolLimits limits_;
  std::uint64_t uses_ = 0;
  std::unordered_map<std::uint32_t, Process> processes_;
  std::map<FileId, File> files_;
};

}  // namespace sonde::symbols
