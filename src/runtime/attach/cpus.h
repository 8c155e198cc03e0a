// SPDX-License-Identifier: Apache-2.0
// The CPUs that are online.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace sonde::runtime {

Result<std::vector<int>> online_cpus();

// The kernel's list format: "0-3,8,10-11".
std::vector<int> parse_cpu_list(std::string_view list);

}  // namespace sonde::runtime
