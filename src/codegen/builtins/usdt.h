// SPDX-License-Identifier: Apache-2.0
// The arguments of USDT probes. Private to this folder.
#pragma once

#include "codegen/lowering.h"

namespace sonde::codegen {

// Of `argN`, which check_types has found readable.
llvm::Value* usdt_argument(Lowering& l, const ast::Call& call);

}  // namespace sonde::codegen
