// SPDX-License-Identifier: Apache-2.0
// The tracing file system: reading files below it, and what a tracepoint's `format` file says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "target/target.h"

namespace sonde::target {

class Tracefs {
 public:
  // Fails without permission, and says which capability would help.
  static Result<Tracefs> open();

  // Nothing when there is no such file. `path` is relative to the root of tracefs.
  Result<std::optional<std::string>> read(const std::string& path) const;
  // Names of the folders in a folder, sorted; empty when it cannot be read.
  std::vector<std::string> folders(const std::string& path) const;

 private:
  UniqueFd root_;
};

// Reads the text of a `format` file. Fields that sonde cannot use (`__rel_loc`, declarations
// without a name) are left out.
Result<Tracepoint> parse_format(std::string_view text);

}  // namespace sonde::target
