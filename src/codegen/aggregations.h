// SPDX-License-Identifier: Apache-2.0
// What one more sample does to this CPU's part of an aggregation (layout: image/layout.h).
#pragma once

#include "codegen/lowering.h"

namespace sonde::codegen {

// `sample` is null for count().
void add_to_aggregation(Lowering& l, const ast::Call& aggregation, const sema::Type& type,
                        const Memory& part, llvm::Value* sample);

}  // namespace sonde::codegen
