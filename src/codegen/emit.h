// SPDX-License-Identifier: Apache-2.0
// LLVM's part: our passes, then BPF machine code.
#pragma once

#include <llvm/IR/Module.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::codegen {

struct Emitted {
  std::string object;
  std::string assembly;  // when asked for
};

using PhaseObserver = std::function<void(std::string_view, std::chrono::nanoseconds)>;

// Once per context, before code is made: errors of LLVM's back end become text instead of the end
// of the process.
void collect_llvm_errors(llvm::LLVMContext& context, std::string& errors);

// `far_jumps`: the target knows the fourth version of the instruction set (Linux 6.6), which has
// jumps over more than 32768 instructions.
Result<Emitted> emit(llvm::Module& module, bool want_assembly, bool far_jumps,
                     const PhaseObserver& on_phase);

}  // namespace sonde::codegen
