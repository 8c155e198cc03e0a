// SPDX-License-Identifier: Apache-2.0
// The lowering of each builtin: one function per row of builtins.def, in the file of its family.
// A row without a function is a link error.
#pragma once

#include "codegen/lowering.h"

namespace sonde::codegen {

// Where a result that lives in memory is to be written, and as which type.
struct Into {
  Memory memory;
  const sema::Type* type = nullptr;
  Fill fill = Fill::zero;
};

// Gives the word of a result; null for results in memory, which are written to `into`, and for
// calls that have none. `into` is set for results in memory only.
#define BUILTIN(NAME, ...) \
  llvm::Value* lower_##NAME(Lowering& l, ast::Call& call, const Into* into);
#include "lang/builtins.def"
#undef BUILTIN

// How many frames a stack has that kstack or ustack would take (stacks.cpp).
llvm::Value* count_frames(Lowering& l, const ast::Call& stack);

llvm::Value* lower_builtin(Lowering& l, ast::Call& call);
void lower_builtin_into(Lowering& l, ast::Call& call, const Memory& to, const sema::Type& type,
                        Fill fill);

}  // namespace sonde::codegen
