// SPDX-License-Identifier: Apache-2.0
// Paths of cgroups by their ids, in each hierarchy that is mounted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sonde::symbols {

// "unified" is the one of version 2; those of version 1 are called as their folder is.
struct CgroupHierarchy {
  std::string name;
  std::string folder;
};

// From the text of /proc/mounts.
std::vector<CgroupHierarchy> parse_cgroup_mounts(std::string_view mounts);

class Cgroups {
 public:
  // "name:path" for each hierarchy whose name matches the filter, a pattern with `*` and `?` (all
  // without one), with commas between them. Remembered: an id is never used again.
  std::string paths(std::uint64_t id, const std::string& filter);

 private:
  void load();
  const std::string& path_in(const CgroupHierarchy& hierarchy, std::uint64_t id);

  bool is_loaded_ = false;
  std::vector<CgroupHierarchy> hierarchies_;
  std::map<std::pair<std::string, std::uint64_t>, std::string> known_;  // folder, id
};

}  // namespace sonde::symbols
