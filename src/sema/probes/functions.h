// SPDX-License-Identifier: Apache-2.0
// How attach points name places in code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sema/probes/resolution.h"

namespace sonde::sema {

// `function`, `function+OFFSET` or `ADDRESS`.
struct CodePlace {
  std::string function;                  // empty: there is an address
  std::uint64_t offset = 0;              // bytes behind the function's start
  std::optional<std::uint64_t> address;  // as the file or the kernel counts
};

// Nothing: it was reported, as are offsets of what fires where the function returns.
std::optional<CodePlace> parse_code_place(Resolution& r, std::string_view text);

}  // namespace sonde::sema
