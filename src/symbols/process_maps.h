// SPDX-License-Identifier: Apache-2.0
// What is mapped where in a process: /proc/PID/maps.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sonde::symbols {

struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  auto operator<=>(const FileId&) const = default;
};

inline constexpr std::string_view vdso_path = "[vdso]";

// Executable memory that comes from a file or is the vDSO, or, without a path, any other memory.
struct Region {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t file_offset = 0;
  FileId file;
  std::string path;
};

// The path of what is mapped as the kernel writes it: empty for what is not code of a file.
std::string_view code_path(std::string_view path);

// Sorted by address.
std::vector<Region> parse_maps(std::string_view text);
Result<std::vector<Region>> read_maps(std::uint32_t tgid);

}  // namespace sonde::symbols
