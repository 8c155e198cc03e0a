// SPDX-License-Identifier: Apache-2.0
// What the options -p, -c and --dwarf-pid name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostics.h"
#include "driver/command_line.h"
#include "runtime/traced_process.h"
#include "sema/script.h"

namespace sonde::driver {

// The argument of -p or --dwarf-pid: any form of an integer. Nothing when it was reported.
std::optional<int> parse_pid(std::string_view option, std::string_view text,
                             diag::Diagnostics& diagnostics);

// The argument of -c, split at blanks: there is no shell and no quoting.
std::vector<std::string> split_command(std::string_view text);

// For the compiler; nothing without -p and -c.
std::optional<sema::TracedProcess> describe_process(const CommandLine& line,
                                                    target::Target& kernel);

// Whether what the options name is there; reports what is not.
bool check_process(const CommandLine& line, diag::Diagnostics& diagnostics);

// For the runtime: a child is started and waits. Nothing without -p and -c, and when it was
// reported.
std::optional<runtime::TracedProcess> open_process(const CommandLine& line,
                                                   diag::Diagnostics& diagnostics);

}  // namespace sonde::driver
