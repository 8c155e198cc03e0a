// SPDX-License-Identifier: Apache-2.0
// `sonde snapshot -o FILE [--keep WHAT]…`
#pragma once

#include "driver/command_line.h"

namespace sonde::driver {

// False when an error was reported.
bool write_snapshot(const CommandLine& line, diag::Diagnostics& diagnostics);

}  // namespace sonde::driver
