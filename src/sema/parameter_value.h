// SPDX-License-Identifier: Apache-2.0
// What the text of a parameter on the command line stands for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sonde::sema {

struct ParameterInteger {
  std::uint64_t magnitude = 0;
  bool negative = false;
  // Why it is none: "invalid integer", "invalid trailing bytes" or "value is out of range".
  std::string_view problem;
};
// An integer in any form that literals have, also binary (`0b101`) and negative.
ParameterInteger parse_parameter_integer(std::string_view text);

}  // namespace sonde::sema
