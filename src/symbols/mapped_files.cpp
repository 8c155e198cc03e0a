// SPDX-License-Identifier: Apache-2.0
#include "symbols/mapped_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <charconv>

namespace sonde::symbols {

namespace {

constexpr std::size_t most_held = 64;
// Beyond this many they are noted anew.
constexpr std::size_t most_noted = 1U << 16;

std::string hex(std::uint64_t value) {
  char text[17];
  return {text, std::to_chars(text, text + sizeof text, value, 16).ptr};
}

// Opening something else, a pipe for example, could wait for ever.
bool is_regular_file(const std::string& path, struct stat& info) {
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// Whether the file of that name is the one that was mapped.
bool is_file_of(const std::string& path, const Region& region) {
  struct stat info {};
  const std::uint64_t major = region.file.device >> 32, minor = region.file.device & UINT32_MAX;
  return is_regular_file(path, info) && info.st_ino == region.file.inode &&
         info.st_dev == makedev(major, minor);
}

std::string folder_of(std::uint32_t tgid) { return "/proc/" + std::to_string(tgid); }

// By way of the process, which may have other files under the same names.
std::string find_in_process(std::uint32_t tgid, const Region& region) {
  std::string path = folder_of(tgid) + "/root" + region.path;
  if (is_file_of(path, region)) return path;
  // The mapped file itself, even when it was deleted or replaced. Needs CAP_CHECKPOINT_RESTORE
  // (since Linux 5.9) or CAP_SYS_ADMIN.
  path = folder_of(tgid) + "/map_files/" + hex(region.start) + '-' + hex(region.end);
  struct stat info {};
  return is_regular_file(path, info) ? path : std::string();
}

}  // namespace

void MappedFiles::note(std::uint32_t tgid, const Region& region) {
  if (!region.path.starts_with('/')) return;
  if (noted_.size() >= most_noted) noted_.clear();
  if (!noted_.insert(region.file).second || held_.contains(region.file)) return;
  if (is_file_of(region.path, region)) return;
  const std::string path = find_in_process(tgid, region);
  UniqueFd fd(path.empty() ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    noted_.erase(region.file);  // another process may let us
    return;
  }
  if (held_.size() >= most_held) {
    held_.erase(held_since_.front());
    noted_.erase(held_since_.front());
    held_since_.pop_front();
  }
  held_.emplace(region.file, std::move(fd));
  held_since_.push_back(region.file);
}

std::string MappedFiles::find_path(std::uint32_t tgid, const Region& region) const {
  // Where its name leads to it separate debug information is found beside it.
  if (is_file_of(region.path, region)) return region.path;
  if (std::string path = find_in_process(tgid, region); !path.empty()) return path;
  if (const auto held = held_.find(region.file); held != held_.end())
    return "/proc/self/fd/" + std::to_string(held->second.get());
  // Some file systems show other numbers of devices in maps than in stat(). The inode is good.
  struct stat info {};
  for (const std::string& path : {folder_of(tgid) + "/root" + region.path, region.path})
    if (is_regular_file(path, info) && info.st_ino == region.file.inode) return path;
  return {};
}

}  // namespace sonde::symbols
