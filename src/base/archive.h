// SPDX-License-Identifier: Apache-2.0
// Members of ZIP archives, as programs execute them where they lie: `/path/app.zip!/lib/a.so`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde {

struct ArchivePath {
  std::string archive;
  std::string member;
};

// Nothing: it is the path of a file.
std::optional<ArchivePath> split_archive_path(std::string_view path);

// The file that the kernel has: of a member its archive.
std::string file_of(std::string_view path);

struct ArchiveMember {
  std::uint64_t offset = 0;  // of its first byte in the archive
  std::uint64_t size_bytes = 0;
};

// Fails for what is no archive, has no such member, or has it compressed.
Result<ArchiveMember> find_archive_member(std::span<const std::byte> archive,
                                          std::string_view member);

}  // namespace sonde
