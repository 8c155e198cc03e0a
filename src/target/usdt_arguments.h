// SPDX-License-Identifier: Apache-2.0
// Where a USDT probe's arguments lie, as the assembler wrote it into the note: `-4@%edi` is a
// signed number of 4 bytes in a register, `8@-16(%rbp)` one of 8 bytes in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::target {

struct UsdtArgument {
  enum class Kind : std::uint8_t { constant, in_register, in_memory, unreadable };
  Kind kind = Kind::unreadable;
  std::uint8_t size_bytes = 8;  // 1, 2, 4 or 8
  bool is_signed = false;
  // The constant, or what is added to the sum of the registers.
  std::int64_t number = 0;
  // Names without `%`; in memory both may be empty.
  std::string base, index;
  std::uint8_t scale = 1;   // what `index` is multiplied by
  std::string symbol;       // in memory: its address is added, too
  bool from_probe = false;  // in memory: the probe's own address is added, too
  std::string problem;      // unreadable: "it is a floating-point number"

  bool operator==(const UsdtArgument&) const = default;
};

// As x86-64 has them. One element for each argument, also for those that nobody can read.
std::vector<UsdtArgument> parse_usdt_arguments(std::string_view text);

}  // namespace sonde::target
