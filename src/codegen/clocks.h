// SPDX-License-Identifier: Apache-2.0
// Times that the programs need beside the script's own nsecs().
#pragma once

#include "codegen/lowering.h"

namespace sonde::codegen {

// CLOCK_TAI, as the time since the boot and what the runtime found to lie between the two. The
// kernel's own (bpf_ktime_get_tai_ns) is not everywhere, and not in all programs.
llvm::Value* tai_time(Lowering& l);

}  // namespace sonde::codegen
