// SPDX-License-Identifier: Apache-2.0
// Programs that are attached in the place of several bodies, and call the right one.
#include "codegen/lowering.h"

namespace sonde::codegen {

// For other system calls than those of its bodies that is one lookup that finds nothing. A call
// that finds one does not come back (kernel/bpf/core.c, JMP_TAIL_CALL).
void Lowering::run_dispatcher() {
  begin_program();
  ir.SetInsertPoint(block("entry"));
  place(probe.attach_point->span);
  llvm::Value* number = syscall_number();
  call(Helper::tail_call, {ctx, m.program_array(attachment.places.front().target), number});
  ir.CreateRet(ir.getInt32(0));
}

// What it returns at the entry decides whether it is called at the return, too: 0 is yes
// (kernel/trace/bpf_trace.c, kprobe_multi_link_handler).
void Lowering::run_session(llvm::Function* entry, llvm::Function* at_return) {
  begin_program();
  ir.SetInsertPoint(block("entry"));
  place(probe.attach_point->span);
  llvm::Value* answer = ir.CreateCall(m.kernel_question("bpf_session_is_return"));
  when(
      ir.CreateICmpNE(answer, ir.getInt8(0)), "at_return", [&] { ir.CreateCall(at_return, {ctx}); },
      [&] { ir.CreateCall(entry, {ctx}); });
  ir.CreateRet(ir.getInt32(0));
}

}  // namespace sonde::codegen
