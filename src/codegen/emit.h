// SPDX-License-Identifier: Apache-2.0
// LLVM's part: our passes, then BPF machine code.
#pragma once

#include <llvm/IR/Module.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codegen/stack_depth.h"

namespace sonde::codegen {

struct Emitted {
  std::string object;
  std::string assembly;        // when asked for
  bool jumps_too_far = false;  // for the target; there is no object then
};

using PhaseObserver = std::function<void(std::string_view, std::chrono::nanoseconds)>;

// What LLVM's back end says beside the code that it makes.
struct BackEndReport {
  std::string error;  // the first; empty: none
  StackSizes stack_sizes;
};

// Once per context, before code is made: errors of the back end become text instead of the end of
// the process.
void collect_reports(llvm::LLVMContext& context, BackEndReport& report);

// `has_far_jumps`: whether the target knows the fourth version of the instruction set (Linux 6.6),
// which has jumps over more than 32768 instructions. Asked only for code that may need them.
Result<Emitted> emit(llvm::Module& module, bool want_assembly,
                     const std::function<bool()>& has_far_jumps, const PhaseObserver& on_phase);

}  // namespace sonde::codegen
