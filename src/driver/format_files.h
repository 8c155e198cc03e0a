// SPDX-License-Identifier: Apache-2.0
// `sonde fmt [FILE…]` and `--fmt`
#pragma once

#include "driver/command_line.h"

namespace sonde::driver {

// The exit status: 1 when a script cannot be parsed or written, or is not in canonical form where
// that is asked.
int format_files(const CommandLine& line);

}  // namespace sonde::driver
