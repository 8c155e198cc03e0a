// SPDX-License-Identifier: Apache-2.0
// Where the kernel's tracing file system is: the compiler asks it for formats, the runtime for
// the ids of tracepoints.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace sonde {

// An open directory: the root of tracefs. Uses the usual mount points, and makes a detached
// mount (fsopen, Linux 5.2), which nobody else sees and which ends with the descriptor, where
// tracefs is mounted nowhere. Fails when neither is allowed, and says what is missing.
Result<UniqueFd> open_tracefs();

}  // namespace sonde
