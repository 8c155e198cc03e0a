// SPDX-License-Identifier: Apache-2.0
// The library of macros as it was when the program was built. Private to this folder.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sonde::modules {

struct LibraryFile {
  std::string_view name;  // "stdlib/assert.bt"
  std::string_view text;
};
struct LibraryMacro {
  std::string_view name;
  std::size_t file;  // index in library_files()
};

std::span<const LibraryFile> library_files();
std::span<const LibraryMacro> library_macros();

}  // namespace sonde::modules
