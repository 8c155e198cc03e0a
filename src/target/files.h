// SPDX-License-Identifier: Apache-2.0
// Programs and libraries of the running system.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/target.h"

namespace sonde::target {

// See Target::find_files and Target::file_kind.
std::vector<std::string> find_program_files(std::string_view pattern, std::optional<int> pid);
FileKind read_file_kind(const std::string& path);

}  // namespace sonde::target
