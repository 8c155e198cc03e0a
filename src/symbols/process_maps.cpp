// SPDX-License-Identifier: Apache-2.0
#include "symbols/process_maps.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/file.h"

namespace sonde::symbols {

namespace {

// Takes a number and the character behind it off the text.
bool take(std::string_view& text, std::uint64_t& number, int base, char separator) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(separator)) return false;
  text.remove_prefix(1);
  return true;
}

// `start-end rwxp offset major:minor inode    path` (proc(5)).
std::optional<Region> parse_line(std::string_view line) {
  Region region;
  std::uint64_t major = 0, minor = 0;
  if (!take(line, region.start, 16, '-') || !take(line, region.end, 16, ' ')) return std::nullopt;
  if (line.size() < 5) return std::nullopt;
  const bool is_executable = line[2] == 'x';
  line.remove_prefix(5);
  if (!take(line, region.file_offset, 16, ' ') || !take(line, major, 16, ':') ||
      !take(line, minor, 16, ' ') || !take(line, region.file.inode, 10, ' '))
    return std::nullopt;
  region.file.device = major << 32 | minor;
  const std::size_t path = line.find_first_not_of(' ');
  if (is_executable && path != std::string_view::npos) region.path = code_path(line.substr(path));
  return region;
}

}  // namespace

// What is below /dev is no file with symbols, and opening a device may have effects.
std::string_view code_path(std::string_view path) {
  if (path == vdso_path) return path;
  const bool is_file = path.starts_with('/') && !path.starts_with("//");
  return is_file && !path.starts_with("/dev/") ? path : std::string_view();
}

std::vector<Region> parse_maps(std::string_view text) {
  std::vector<Region> regions;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    std::optional<Region> region = parse_line(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
    if (!region) continue;
    const bool extends_last = region->path.empty() && !regions.empty() &&
                              regions.back().path.empty() && regions.back().end == region->start;
    if (extends_last)
      regions.back().end = region->end;
    else
      regions.push_back(*std::move(region));
  }
  return regions;
}

Result<std::vector<Region>> read_maps(std::uint32_t tgid) {
  SONDE_TRY(const std::string text, read_file("/proc/" + std::to_string(tgid) + "/maps"));
  return parse_maps(text);
}

}  // namespace sonde::symbols
