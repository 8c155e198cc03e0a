// SPDX-License-Identifier: Apache-2.0
// What changes the traced system: signals, results of kernel functions, memory of processes.
#include <algorithm>

#include "codegen/builtins/builtins.h"
#include "codegen/builtins/sources.h"

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

// The helper takes the bytes from memory of our own.
llvm::Value* lower_write_user(Lowering& l, ast::Call& call, const Into*) {
  auto& ir = l.ir;
  llvm::Value* destination = l.value(call.args[0]);
  const Source source = source_of(l, call.args[1]);
  auto most = static_cast<std::uint32_t>(l.m.script.config.number(lang::ConfigKey::max_strlen));
  if (source.bytes != 0) most = source.bytes;
  llvm::Value* length = length_up_to(l, call.args[2], most);
  if (const auto* fixed = llvm::dyn_cast<llvm::ConstantInt>(length))
    most = static_cast<std::uint32_t>(fixed->getZExtValue());
  llvm::AllocaInst* written = l.stack_slot(l.i64(), "written");
  ir.CreateStore(l.word(1), written);
  const auto write = [&] {
    Memory bytes = source.memory;
    if (!bytes) {
      bytes = l.temporary(most);
      read_source(l, bytes, length, source, call.span);
    }
    l.place(call.span);
    llvm::Value* status = l.call(Helper::probe_write_user, {destination, bytes.pointer, length});
    ir.CreateStore(ir.CreateZExt(ir.CreateICmpEQ(status, l.word(0)), l.i64()), written);
  };
  if (most != 0) l.when(ir.CreateICmpNE(length, ir.getInt32(0)), "write", write);
  return ir.CreateLoad(l.i64(), written);
}

llvm::Value* lower_unwatch(Lowering&, ast::Call&, const Into*) { return nullptr; }

}  // namespace sonde::codegen
