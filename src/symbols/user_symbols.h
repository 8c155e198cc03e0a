// SPDX-License-Identifier: Apache-2.0
// Names of addresses in processes: from what is mapped there, the symbols and debug information of
// the files, and what just-in-time compilers write down.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "symbols/code_file.h"
#include "symbols/jit_maps.h"
#include "symbols/mapped_files.h"
#include "symbols/processes.h"
#include "symbols/symbol.h"

namespace sonde::symbols {

struct UserSymbolLimits {
  ProcessLimits processes;
  // For the tables of files. Beyond it the ones that were not used for longest are read anew when
  // they are needed again.
  std::size_t file_bytes = 256 << 20;
};

// What an address is. A return address stands behind the call that it is asked for.
enum class AddressKind : std::uint8_t { place, return_address };

class UserSymbols {
 public:
  explicit UserSymbols(CodeOptions options = {}, UserSymbolLimits limits = {})
      : options_(std::move(options)),
        limits_(limits),
        processes_(limits.processes),
        jit_maps_(limits.processes.retry) {}

  // The function that holds `address` in the process. Nothing for addresses that are no code of
  // a file, and for processes that ended unseen.
  std::optional<Symbol> find(std::uint32_t tgid, std::uint64_t address,
                             AddressKind kind = AddressKind::place);

  // --- from who follows the processes while they run, which is said first ------------------------
  void follow() { processes_.follow(); }
  void mapped(std::uint32_t tgid, Region region);
  void forked(std::uint32_t parent, std::uint32_t child) { processes_.forked(parent, child); }
  void ended(std::uint32_t tgid) { processes_.ended(tgid); }
  void missed() { processes_.missed(); }
  // Reads the maps of one process that ran before, of all or of `only`. False when none is left.
  bool read_next(std::optional<std::uint32_t> only);

 private:
  using Clock = std::chrono::steady_clock;
  struct File {
    std::unique_ptr<CodeFile> code;
    Clock::time_point read_at;
    std::uint64_t last_use = 0;
  };

  CodeFile& file(std::uint32_t tgid, const Region& region);
  void make_room();
  std::optional<Symbol> find_in_file(std::uint32_t tgid, const Region& region,
                                     std::uint64_t address, AddressKind kind);

  CodeOptions options_;
  UserSymbolLimits limits_;
  Processes processes_;
  MappedFiles mapped_files_;
  JitMaps jit_maps_;
  std::optional<FileSymbols> vdso_;
  std::uint64_t uses_ = 0;
  std::size_t file_bytes_ = 0;
  std::map<FileId, File> files_;
};

}  // namespace sonde::symbols
