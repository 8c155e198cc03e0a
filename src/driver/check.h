// SPDX-License-Identifier: Apache-2.0
// `sonde check FILE…`
#pragma once

#include "driver/command_line.h"

namespace sonde::driver {

// Compiles every script without loading any. The exit status: 0 when all are sound, 1 when one has
// errors (or warnings, where these count as errors), 2 when the C text of one cannot be read.
int check(const CommandLine& line);

}  // namespace sonde::driver
