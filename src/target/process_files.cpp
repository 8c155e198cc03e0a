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

struct ExecutedMapping {
  std::string_view range;  // as the folder map_files calls it
  std::string_view path;
};

// Of a line `7f00-7f10 r-xp 00000000 fe:00 123    /lib/libc.so.6`; nothing for what may not be
// executed or is no file. Man page: proc(5).
std::optional<ExecutedMapping> executed_mapping(std::string_view line) {
  const std::size_t modes = line.find(' ');
  if (modes == std::string_view::npos || line.size() < modes + 4 || line[modes + 3] != 'x')
    return std::nullopt;
  const std::size_t path = line.find('/');
  if (path == std::string_view::npos) return std::nullopt;
  return ExecutedMapping{line.substr(0, modes), line.substr(path)};
}

using FileIdentity = std::pair<dev_t, ino_t>;

std::optional<FileIdentity> identity(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return FileIdentity(info.st_dev, info.st_ino);
}

// Whether the process has other mounts, or another root, than we do: these are told apart by what
// they are on disk.
bool has_other(const char* place, int pid) {
  struct stat own {
  }, other{};
  return ::stat((std::string("/proc/self/") + place).c_str(), &own) == 0 &&
         ::stat((process_folder(pid) + '/' + place).c_str(), &other) == 0 &&
         std::pair(own.st_dev, own.st_ino) != std::pair(other.st_dev, other.st_ino);
}

// In front of a path that /proc tells of the process. These begin at our root, also for a process
// whose root is another folder, as long as it has our mounts.
std::string mounts_of_process(int pid) {
  return has_other("ns/mnt", pid) ? process_folder(pid) + "/root" : "";
}

// Each file once, by what it is and not by its name.
class Files {
 public:
  void add_process(int pid) {
    const auto maps = read_file(process_folder(pid) + "/maps");
    if (!maps) return;
    const std::string mounts = mounts_of_process(pid);
    const std::string links = process_folder(pid) + "/map_files/";
    std::set<std::string_view> seen;
    for (const std::string_view line : split(*maps, '\n'))
      if (const auto mapping = executed_mapping(line); mapping && seen.insert(mapping->path).second)
        // A file that was deleted, or lies where nobody reaches it, is still behind a link.
        if (!add(mounts + std::string(mapping->path))) add(links + std::string(mapping->range));
  }

  std::vector<std::string> paths() const {
    std::vector<std::string> all;
    for (const auto& [identity, path] : files_) all.push_back(path);
    std::ranges::sort(all);
    return all;
  }

 private:
  // Whether there is such a file.
  bool add(const std::string& path) {
    if (known_.contains(path)) return true;  // most processes execute the same libraries
    const auto file = identity(path);
    if (!file) return false;
    known_.insert(path);
    files_.emplace(*file, path);
    return true;
  }

  std::set<std::string> known_;
  std::map<FileIdentity, std::string> files_;
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
  const std::string seen = mounts_of_process(pid) + path;
  const auto file = identity(seen);
  return file && file == identity(link) ? seen : link;
}

std::string root_of_process(int pid) {
  return has_other("ns/mnt", pid) || has_other("root", pid) ? process_folder(pid) + "/root" : "";
}

}  // namespace sonde::target
