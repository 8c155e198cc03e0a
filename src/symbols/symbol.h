// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace sonde::symbols {

// What lies at an address. The texts are valid until the next look-up in the same object.
struct Symbol {
  std::string_view name;
  std::uint64_t offset = 0;  // of the address behind the symbol's
  std::string_view module;   // kernel: the module's name, or empty; processes: path of the file
};

}  // namespace sonde::symbols
