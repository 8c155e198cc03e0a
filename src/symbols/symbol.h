// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sonde::symbols {

// A line of a source file, in a function that was inlined there, or, without a name, in the one
// that the symbol names.
struct SourcePlace {
  std::string function;
  std::string file;
  std::uint32_t line = 0;
};

// What lies at an address. The texts are valid until the next look-up in the same object.
struct Symbol {
  std::string_view name;
  std::uint64_t offset = 0;  // of the address behind the symbol's
  std::string_view module;   // kernel: the module's name, or empty; processes: path of the file
  // Processes: from debug information, if there is any. The innermost first, the symbol's own last.
  std::span<const SourcePlace> places;
};

}  // namespace sonde::symbols
