// SPDX-License-Identifier: Apache-2.0
// Aggregations as a whole: the parts of all CPUs (bpf_map_lookup_percpu_elem, Linux 5.19).
#pragma once

#include <functional>

#include "codegen/lowering.h"

namespace sonde::codegen {

// Emits a loop over the parts of a per-CPU map's entry, in the memory of all CPUs. Behind it, an
// i64 that counts the parts: 0 where there is no such key.
// All are parts of one map: `kernel_map`, or where that is null the one that programs use now.
llvm::Value* for_each_cpu(Lowering& l, const sema::Map& map, llvm::Value* key,
                          const std::function<void(const Memory& part)>& body,
                          llvm::Value* kernel_map = nullptr);

// The number that count(), sum(), min(), max() or avg() comes to under a key.
llvm::Value* read_aggregation(Lowering& l, const sema::Map& map, llvm::Value* key, diag::Span span,
                              llvm::Value* kernel_map = nullptr);
// A stats() as a whole: total and count, as in image/layout.h.
void read_stats(Lowering& l, const sema::Map& map, llvm::Value* key, const Memory& to,
                diag::Span span);

}  // namespace sonde::codegen
