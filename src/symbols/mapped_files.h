// SPDX-License-Identifier: Apache-2.0
// How the files that processes map can be opened: from where we are, or through the process.
// Private to this folder.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "base/unique_fd.h"
#include "symbols/process_maps.h"

namespace sonde::symbols {

class MappedFiles {
 public:
  // For a file that is reached through its process only (another mount namespace, a deleted file):
  // keeps it open for when the process has ended. To be called soon after it was mapped.
  void note(std::uint32_t tgid, const Region& region);

  // A path under which it can be opened now; empty when there is none.
  std::string find_path(std::uint32_t tgid, const Region& region) const;

 private:
  std::set<FileId> noted_;
  std::map<FileId, UniqueFd> held_;
  std::deque<FileId> held_since_;  // the first one first
};

}  // namespace sonde::symbols
