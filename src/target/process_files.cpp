// SPDX-License-Identifier: Apache-2.0
#include "target/process_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/text.h"

namespace sonde::target {

namespace {

std::string process_folder(int pid) { return "/proc/" + std::to_string(pid); }

std::vector<int> running_processes() {
  std::vector<int> pids;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored))
    if (const auto pid = parse_u64(entry.path().filename().native()))
      pids.push_back(static_cast<int>(*pid));
  return pids;
}

// The path of a line `7f00-7f10 r-xp 00000000 fe:00 123    /lib/libc.so.6`; empty for what may not
// be executed or is no file any more. Man page: proc(5).
std::string_view executed_path(std::string_view line) {
  const std::size_t modes = line.find(' ');
  if (modes == std::string_view::npos || line.size() < modes + 4 || line[modes + 3] != 'x')
    return {};
  const std::size_t path = line.find('/');
  if (path == std::string_view::npos || line.ends_with(" (deleted)")) return {};
  return line.substr(path);
}

// Each file once, by what it is and not by its name.
class Files {
 public:
  void add_process(int pid) {
    const auto maps = read_file(process_folder(pid) + "/maps");
    if (!maps) return;
    const std::string root = root_of_process(pid);
    std::set<std::string_view> seen;
    for (const std::string_view line : split(*maps, '\n'))
      if (const std::string_view path = executed_path(line);
          !path.empty() && seen.insert(path).second)
        add(root + std::string(path));
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> all;
    for (const auto& [identity, path] : files_) all.push_back(path);
    std::ranges::sort(all);
    return all;
  }

 private:
  void add(const std::string& path) {
    if (!known_.insert(path).second) return;  // most processes execute the same libraries
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode))
      files_.emplace(std::pair(info.st_dev, info.st_ino), path);
  }

  std::set<std::string> known_;
  std::map<std::pair<dev_t, ino_t>, std::string> files_;
};

}  // namespace

std::vector<std::string> executed_files(std::optional<int> pid) {
  Files files;
  for (const int each : pid ? std::vector{*pid} : running_processes()) files.add_process(each);
  return files.paths();
}

std::optional<std::string> executable_of_process(int pid) {
  const std::string link = process_folder(pid) + "/exe";
  std::error_code error;
  const std::string path = std::filesystem::read_symlink(link, error).native();
  if (error) return std::nullopt;
  const std::string seen = root_of_process(pid) + path;
  // A file that was deleted, or lies where nobody reaches it, is still behind the link.
  struct stat behind_link {
  }, there{};
  const bool same =
      ::stat(link.c_str(), &behind_link) == 0 && ::stat(seen.c_str(), &there) == 0 &&
      std::pair(behind_link.st_dev, behind_link.st_ino) == std::pair(there.st_dev, there.st_ino);
  return same ? seen : link;
}

// Mount namespaces, and roots, are told apart by what they are on disk.
std::string root_of_process(int pid) {
  const std::string folder = process_folder(pid);
  struct stat own {
  }, other{};
  for (const std::string place : {"/ns/mnt", "/root"})
    if (::stat(("/proc/self" + place).c_str(), &own) == 0 &&
        ::stat((folder + place).c_str(), &other) == 0 &&
        std::pair(own.st_dev, own.st_ino) != std::pair(other.st_dev, other.st_ino))
      return folder + "/root";
  return "";
}

}  // namespace sonde::target
