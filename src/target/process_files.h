// SPDX-License-Identifier: Apache-2.0
// The files that running processes execute, and where a process sees the file system.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sonde::target {

// Of one process, or of all that may be looked at; each file once, sorted. Paths can be opened from
// here: `/proc/PID/root/…` for processes that have other mounts, `/proc/PID/map_files/…` for files
// that have no path any more.
std::vector<std::string> executed_files(std::optional<int> pid);

// Of its main program. Nothing for kernel threads, and where it may not be looked at.
std::optional<std::string> executable_of_process(int pid);

// "/proc/PID/root" when the process sees other files than we do by the same names, else empty.
std::string root_of_process(int pid);

}  // namespace sonde::target
