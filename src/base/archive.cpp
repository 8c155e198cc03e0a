// SPDX-License-Identifier: Apache-2.0
// The format is that of PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16. Numbers are
// little-endian. Archives of more than 4 GiB or 65535 members (ZIP64) are not read.
#include "base/archive.h"

#include <algorithm>

namespace sonde {

namespace {

constexpr std::uint32_t end_mark = 0x06054b50, central_mark = 0x02014b50, local_mark = 0x04034b50;
constexpr std::size_t end_bytes = 22, central_bytes = 46, local_bytes = 30;
constexpr std::size_t longest_comment = 0xffff;

// Bytes of an archive, of which nothing is trusted.
class Bytes {
 public:
  explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::size_t size() const { return bytes_.size(); }
  bool has(std::size_t at, std::size_t count) const {
    return at <= bytes_.size() && count <= bytes_.size() - at;
  }
  std::uint32_t number(std::size_t at, std::size_t count) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count && has(at + i, 1); ++i)
      value |= std::to_integer<std::uint32_t>(bytes_[at + i]) << (8 * i);
    return value;
  }
  std::string_view text(std::size_t at, std::size_t count) const {
    if (!has(at, count)) return {};
    return {reinterpret_cast<const char*>(bytes_.data() + at), count};
  }

 private:
  std::span<const std::byte> bytes_;
};

// The record behind the list of members; a comment may follow it.
std::optional<std::size_t> find_end(const Bytes& archive) {
  if (archive.size() < end_bytes) return std::nullopt;
  const std::size_t last = archive.size() - end_bytes;
  const std::size_t first = last - std::min(last, longest_comment);
  for (std::size_t at = last + 1; at-- > first;)
    if (archive.number(at, 4) == end_mark) return at;
  return std::nullopt;
}

}  // namespace

std::optional<ArchivePath> split_archive_path(std::string_view path) {
  const std::size_t mark = path.find("!/");
  if (mark == std::string_view::npos || mark == 0) return std::nullopt;
  return ArchivePath{std::string(path.substr(0, mark)), std::string(path.substr(mark + 2))};
}

std::string file_of(std::string_view path) {
  const auto parts = split_archive_path(path);
  return parts ? parts->archive : std::string(path);
}

Result<ArchiveMember> find_archive_member(std::span<const std::byte> bytes,
                                          std::string_view member) {
  const Bytes archive(bytes);
  const auto end = find_end(archive);
  if (!end) return fail("it is no ZIP archive");
  std::size_t at = archive.number(*end + 16, 4);
  for (std::uint32_t left = archive.number(*end + 10, 2); left > 0; --left) {
    if (!archive.has(at, central_bytes) || archive.number(at, 4) != central_mark) break;
    const std::size_t name_bytes = archive.number(at + 28, 2);
    const bool wanted = archive.text(at + central_bytes, name_bytes) == member;
    if (wanted && archive.number(at + 10, 2) != 0) return fail("the member is compressed");
    if (wanted) {
      const std::size_t local = archive.number(at + 42, 4);
      const std::uint64_t size = archive.number(at + 24, 4);
      if (!archive.has(local, local_bytes) || archive.number(local, 4) != local_mark) break;
      const std::uint64_t data =
          local + local_bytes + archive.number(local + 26, 2) + archive.number(local + 28, 2);
      if (!archive.has(data, size)) break;
      return ArchiveMember{data, size};
    }
    at += central_bytes + name_bytes + archive.number(at + 30, 2) + archive.number(at + 32, 2);
  }
  return fail("the archive has no such member");
}

}  // namespace sonde
