// SPDX-License-Identifier: Apache-2.0
// Numbers of system calls by the names that tracefs uses.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sonde::target {

// `tracefs_name` is what follows `sys_enter_`. Nothing for a name that this build does not
// know: the kernel may be newer.
std::optional<std::uint32_t> syscall_number(std::string_view tracefs_name);

// Names by their numbers, as user space spells them; empty where there is no call.
std::vector<std::string_view> syscall_names();

}  // namespace sonde::target
