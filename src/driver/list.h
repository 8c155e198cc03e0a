// SPDX-License-Identifier: Apache-2.0
// `sonde -l`
#pragma once

#include "driver/command_line.h"

namespace sonde::driver {

// The exit status: 0 also when nothing is found.
int list(const CommandLine& line);

}  // namespace sonde::driver
