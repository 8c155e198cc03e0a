// SPDX-License-Identifier: Apache-2.0
#include "codegen/stack_depth.h"

#include <llvm/IR/InstIterator.h>

#include <algorithm>

namespace sonde::codegen {

// check_max_stack_depth (kernel/bpf/verifier.c): every function that is called or given to a
// helper counts in steps of 32 bytes (16 where the JIT lets it, since Linux 6.9). Callbacks do not
// call themselves.
std::uint64_t stack_depth(const llvm::Function& function, const StackSizes& sizes) {
  constexpr std::uint32_t step_bytes = 32;
  std::uint64_t deepest = 0;
  for (const llvm::Instruction& instruction : llvm::instructions(function))
    for (const llvm::Value* operand : instruction.operands())
      if (const auto* callee = llvm::dyn_cast<llvm::Function>(operand);
          callee && !callee->isDeclaration())
        deepest = std::max(deepest, stack_depth(*callee, sizes));
  const auto known = sizes.find(function.getName().str());
  const std::uint64_t own = known == sizes.end() ? 0 : known->second;
  return deepest + std::max<std::uint64_t>((own + step_bytes - 1) / step_bytes, 1) * step_bytes;
}

}  // namespace sonde::codegen
