// SPDX-License-Identifier: Apache-2.0
// The programs and libraries that user probes name.
#pragma once

#include <string>
#include <vector>

#include "sema/probes/resolution.h"

namespace sonde::sema {

// What is in the file: functions, or just bytes at an offset, which --unsafe may trace.
enum class Wanted : std::uint8_t { elf, any_file };

// Their paths. None: it was reported.
std::vector<std::string> find_user_files(Resolution& r, const std::string& name,
                                         Wanted wanted = Wanted::elf);

// " in PATH", of several how many they are.
std::string in_files(const std::vector<std::string>& files);

}  // namespace sonde::sema
