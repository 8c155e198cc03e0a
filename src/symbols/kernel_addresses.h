// SPDX-License-Identifier: Apache-2.0
// Addresses of kernel symbols by their names; functions and variables.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sonde::symbols {

// In the order of the names; 0 for those that are unknown or hidden. Where a name is there more
// than once the first is taken.
std::vector<std::uint64_t> find_kernel_addresses(const std::vector<std::string>& names,
                                                 const std::string& path = "/proc/kallsyms");

}  // namespace sonde::symbols
