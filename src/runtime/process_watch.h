// SPDX-License-Identifier: Apache-2.0
// What processes map, fork and end while the script runs, as the kernel tells it to profilers: so
// that addresses have names also in a process that lived for a millisecond. Opened only for scripts
// that show such names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "symbols/user_symbols.h"

namespace sonde::runtime {

class Unwinding;

class ProcessWatch {
 public:
  // The symbols are told, and outlive this.
  explicit ProcessWatch(symbols::UserSymbols& symbols) : symbols_(symbols) {}
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;
  ~ProcessWatch();

  // Who is told as well, at once; it outlives this. Before open().
  void tell_also(Unwinding& unwinding) { unwinding_ = &unwinding; }

  // On every CPU. Where the kernel does not let us, processes that end are not known.
  Status open();

  // Readable when there is something to read; what comes before is only told by read().
  std::vector<int> fds() const;

  // Takes what the kernel has told. Cheap when that is nothing.
  void read();

  // Reads the maps of processes that ran before, for a few milliseconds; of all or of `only`. False
  // when all are read.
  bool read_others(std::optional<std::uint32_t> only);

 private:
  // A ring that the kernel fills. UAPI: include/uapi/linux/perf_event.h, perf_event_mmap_page
  struct Ring {
    UniqueFd fd;
    std::byte* memory = nullptr;
  };
  struct Record {
    std::uint64_t time = 0;
    std::string bytes;
  };

  Status open_ring(int cpu);
  void take(Ring& ring);
  void tell(const Record& record);
  void tell_mapping(std::span<const char> body);

  symbols::UserSymbols& symbols_;
  Unwinding* unwinding_ = nullptr;
  std::vector<Ring> rings_;
  std::vector<Record> records_;
  bool others_are_read_ = false;
};

}  // namespace sonde::runtime
