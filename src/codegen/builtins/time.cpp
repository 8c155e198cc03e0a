// SPDX-License-Identifier: Apache-2.0
// nsecs, elapsed, rand.
#include <cstddef>

#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

llvm::Value* lower_nsecs(Lowering& l, ast::Call&, const Into*) {
  return l.call(Helper::ktime_get_boot_ns, {});
}

llvm::Value* lower_elapsed(Lowering& l, ast::Call&, const Into*) {
  llvm::Value* start = l.ir.CreateLoad(
      l.i64(), l.offset(l.m.run_constants(), offsetof(image::RunConstants, start_boot_ns)), true);
  return l.ir.CreateSub(l.call(Helper::ktime_get_boot_ns, {}), start);
}

llvm::Value* lower_rand(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateAnd(l.call(Helper::get_prandom_u32, {}), l.word(UINT32_MAX));
}

}  // namespace sonde::codegen
