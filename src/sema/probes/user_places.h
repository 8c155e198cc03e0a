// SPDX-License-Identifier: Apache-2.0
// Places in the code of programs that are no starts of functions: offsets, addresses, lines. What
// may not be the start of an instruction damages the program that is traced, so it is checked;
// with --unsafe an error becomes a warning.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sema/probes/resolution.h"

namespace sonde::sema {

struct SourceLine {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;  // 0: the whole line
};

// Both return whether it may be attached to; if not, it was reported.
bool check_offset(Resolution& r, const std::string& path, const std::string& function,
                  std::uint64_t offset);
bool check_address(Resolution& r, const std::string& path, std::uint64_t address);

// None: it was reported.
std::vector<std::uint64_t> addresses_of_line(Resolution& r, const std::string& path,
                                             const SourceLine& at);

}  // namespace sonde::sema
