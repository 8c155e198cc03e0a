// SPDX-License-Identifier: Apache-2.0
// Stacks as values. Private to the builtins.
#pragma once

#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

// The number of the stack whose frames lie there, as many bytes as the maps say; it is given one
// when it is new. A negative number when that was not possible.
llvm::Value* keep_stack(Lowering& l, const ModuleBuilder::StackMaps& maps, llvm::Value* frames);

// The value of a user stack of the current process.
llvm::Value* user_stack(Lowering& l, llvm::Value* id);

// How many frames dw_ustack would take (unwinding.cpp).
llvm::Value* count_unwound_frames(Lowering& l, const ast::Call& stack);

}  // namespace sonde::codegen
