// SPDX-License-Identifier: Apache-2.0
// --probe-filter: which probes stay, by their names.
#pragma once

#include <functional>
#include <string>

#include "diag/diagnostics.h"
#include "driver/command_line.h"

namespace sonde::driver {

// False: it is no regular expression, which was reported.
bool check_probe_filter(const CommandLine& line, diag::Diagnostics& diagnostics);

// Of an option that was checked; empty without one.
std::function<bool(const std::string& name)> probe_filter(const CommandLine& line);

}  // namespace sonde::driver
