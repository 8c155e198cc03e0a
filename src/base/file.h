// SPDX-License-Identifier: Apache-2.0
// Reading and writing whole files, and mapping them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sonde {

// The whole file, up to 1 GiB (EFBIG beyond it); works for files of unknown size, such as those of
// procfs and tracefs. A relative path is looked up below `directory_fd` when that is given.
Result<std::string> read_file(const std::string& path);
Result<std::string> read_file_at(int directory_fd, const std::string& path);

// Writes to a temporary neighbour and renames it, so that a reader sees all or nothing. What is
// no regular file (/dev/full, a pipe) is written to, not replaced.
Status write_file(const std::string& path, std::string_view content, unsigned mode = 0644);

// Replaces a file that exists in the same way, and keeps its mode and owner; what a symbolic link
// names is replaced, not the link.
Status rewrite_file(const std::string& path, std::string_view content);

// A private read-only view of a file, or of a copy of it where the file cannot be mapped
// (/sys/kernel/btf/vmlinux can be since Linux 6.15).
class Mapping {
 public:
  static Result<Mapping> open(const std::string& path);

  Mapping() = default;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_size_ = 0;  // 0 when `copy_` holds the bytes
  std::string copy_;
};

}  // namespace sonde
