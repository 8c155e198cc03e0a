// SPDX-License-Identifier: Apache-2.0
// What a person is told, and where.
#pragma once

#include "diag/diagnostics.h"
#include "diag/source_map.h"
#include "driver/command_line.h"

namespace sonde::driver {

bool wants_colour();
// Warns of a BPFTRACE_COLOR that says nothing.
void check_colour_setting(diag::Diagnostics& diagnostics);

// Errors, then warnings. Warnings of a script that runs go to stdout, before its output.
void print_diagnostics(const diag::Diagnostics& diagnostics, const diag::SourceMap& sources,
                       const CommandLine& line);

}  // namespace sonde::driver
