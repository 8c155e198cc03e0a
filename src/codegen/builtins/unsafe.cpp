// SPDX-License-Identifier: Apache-2.0
// What changes the traced system: signals, results of kernel functions.
#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

namespace {

void send_signal(Lowering& l, ast::Call& call, Helper helper) {
  llvm::Value* code = l.call(helper, {l.value(call.args[0])});
  l.when(l.ir.CreateICmpNE(l.ir.CreateTrunc(code, l.ir.getInt32Ty()), l.ir.getInt32(0)),
         "signal_failed", [&] { l.count_failure(image::Failure::signal_failed, call.span, code); });
}

}  // namespace

llvm::Value* lower_signal(Lowering& l, ast::Call& call, const Into*) {
  send_signal(l, call, Helper::send_signal);
  return nullptr;
}

llvm::Value* lower_signal_thread(Lowering& l, ast::Call& call, const Into*) {
  send_signal(l, call, Helper::send_signal_thread);
  return nullptr;
}

llvm::Value* lower_override(Lowering& l, ast::Call& call, const Into*) {
  l.call(Helper::override_return, {l.ctx, l.value(call.args[0])});
  return nullptr;
}

}  // namespace sonde::codegen
