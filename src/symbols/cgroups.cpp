// SPDX-License-Identifier: Apache-2.0
#include "symbols/cgroups.h"

#include <fnmatch.h>
#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace sonde::symbols {

namespace {

// The id is the number of the folder's inode (fs/kernfs/dir.c). Empty when there is none of it.
std::string find_folder(const std::string& top, std::uint64_t id) {
  namespace fs = std::filesystem;
  const auto has_id = [&](const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && info.st_ino == id;
  };
  if (has_id(top)) return "/";
  std::error_code error;
  fs::recursive_directory_iterator folder(top, fs::directory_options::skip_permission_denied,
                                          error);
  for (; !error && folder != fs::recursive_directory_iterator(); folder.increment(error)) {
    if (!folder->is_directory(error)) continue;
    const std::string& path = folder->path().native();
    if (has_id(path)) return path.substr(top.size());
  }
  return {};
}

}  // namespace

// "cgroup2 /sys/fs/cgroup cgroup2 rw,… 0 0"
std::vector<CgroupHierarchy> parse_cgroup_mounts(std::string_view mounts) {
  std::vector<CgroupHierarchy> hierarchies;
  for (const std::string_view line : split(mounts, '\n')) {
    const auto fields = split(line, ' ');
    if (fields.size() < 3 || (fields[2] != "cgroup" && fields[2] != "cgroup2")) continue;
    const std::string_view folder = fields[1];
    const bool is_second = fields[2] == "cgroup2";
    const std::string_view name = is_second ? "unified" : folder.substr(folder.rfind('/') + 1);
    hierarchies.push_back({std::string(name), std::string(folder)});
  }
  return hierarchies;
}

void Cgroups::load() {
  is_loaded_ = true;
  if (const auto mounts = read_file("/proc/mounts")) hierarchies_ = parse_cgroup_mounts(*mounts);
}

const std::string& Cgroups::path_in(const CgroupHierarchy& hierarchy, std::uint64_t id) {
  const auto [known, is_new] = known_.try_emplace({hierarchy.folder, id});
  if (is_new) known->second = find_folder(hierarchy.folder, id);
  return known->second;
}

std::string Cgroups::paths(std::uint64_t id, const std::string& filter) {
  if (!is_loaded_) load();
  std::string out;
  for (const CgroupHierarchy& hierarchy : hierarchies_) {
    if (!filter.empty() && ::fnmatch(filter.c_str(), hierarchy.name.c_str(), 0) != 0) continue;
    const std::string& path = path_in(hierarchy, id);
    if (path.empty()) continue;
    if (!out.empty()) out += ',';
    out += hierarchy.name + ":" + path;
  }
  return out;
}

}  // namespace sonde::symbols
