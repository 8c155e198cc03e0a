// SPDX-License-Identifier: Apache-2.0
// The instructions of the programs that are traced.
#pragma once

#include "diag/diagnostics.h"
#include "sema/script.h"

namespace sonde::codegen {

// Reports user probes that would overwrite a part of an instruction: an error, with --unsafe a
// warning. Where nobody knows in which function a place is, it is left to the user.
void check_instructions(sema::Script& script, diag::Diagnostics& diagnostics);

}  // namespace sonde::codegen
