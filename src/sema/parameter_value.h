// SPDX-License-Identifier: Apache-2.0
// What the text of a parameter on the command line stands for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sonde::sema {

inline constexpr std::string_view out_of_range = "value is out of range";

struct ParameterInteger {
  std::uint64_t magnitude = 0;
  bool negative = false;
  bool is_duration = false;  // in nanoseconds: it has a unit
  // Why it is none: "invalid integer", "invalid trailing bytes" or `out_of_range`.
  std::string_view problem;
};
// An integer in any form that literals have, also binary (`0b101`) and negative.
ParameterInteger parse_parameter_integer(std::string_view text);
// One above 0 without a unit of time, or nothing.
std::optional<std::uint64_t> parse_count(std::string_view text);

}  // namespace sonde::sema
