// SPDX-License-Identifier: Apache-2.0
// Whether the numbers of processes that we see are the kernel's own.
#pragma once

namespace sonde {

// False in the first pid namespace, and where nobody can tell.
bool in_pid_namespace();

}  // namespace sonde
