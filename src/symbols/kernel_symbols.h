// SPDX-License-Identifier: Apache-2.0
// Names of kernel addresses, from /proc/kallsyms. Reading it takes tens of milliseconds, almost
// all of them in the kernel, so nothing is read before the first question.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "symbols/symbol.h"

namespace sonde::symbols {

class KernelSymbols {
 public:
  explicit KernelSymbols(std::string path = "/proc/kallsyms") : path_(std::move(path)) {}

  // The function that holds `address`. Nothing for addresses that are no code, and for all of
  // them where the kernel hides its addresses from us (kptr_restrict). Where several symbols
  // have one address the first in the file is taken, as the kernel itself does.
  std::optional<Symbol> find(std::uint64_t address);

 private:
  // A symbol, or, with an empty name, the start of something that is no code.
  struct Entry {
    std::uint64_t address;
    std::uint32_t name;  // offset in `names_`
    std::uint16_t name_size;
    std::uint16_t module;  // index in `modules_`
  };

  void load();
  void add_lines(std::string_view lines);
  void add_line(std::string_view line);
  void sort();
  std::uint16_t module_index(std::string_view name);

  std::string path_;
  bool is_loaded_ = false;
  std::vector<Entry> entries_;  // by address, each address once
  std::string names_;           // one behind the other
  std::vector<std::string> modules_ = {""};
};

}  // namespace sonde::symbols
