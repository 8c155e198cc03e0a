// SPDX-License-Identifier: Apache-2.0
#include "symbols/user_names.h"

#include "base/file.h"
#include "base/text.h"

namespace sonde::symbols {

// "name:password:uid:…"; of several names for one user the first is taken.
void UserNames::load() {
  is_loaded_ = true;
  const auto text = read_file(path_);
  if (!text) return;
  for (const std::string_view line : split(*text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 3) continue;
    if (const auto uid = parse_u64(fields[2])) names_.emplace(*uid, fields[0]);
  }
}

std::string_view UserNames::find(std::uint64_t uid) {
  if (!is_loaded_) load();
  const auto known = names_.find(uid);
  return known == names_.end() ? std::string_view() : known->second;
}

}  // namespace sonde::symbols
