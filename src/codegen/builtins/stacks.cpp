// SPDX-License-Identifier: Apache-2.0
// kstack, ustack: the kernel keeps each distinct stack once, the script gets its id.
#include <cerrno>

#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

namespace {

using image::Failure;

// In a trampoline the stack begins with the program, the trampoline, and the function; in a
// kretprobe with who called the function, so there it does also when it is attached as fexit.
std::uint64_t skipped_frames(const Lowering& l) {
  if (!l.probe.by_trampoline) return 0;
  return l.probe.kind == lang::ProbeKind::kretprobe ? 3 : 2;
}

// A u64: the id, or lost_stack. A task without a stack of that kind (-EFAULT: a kernel thread has
// no user stack) is no failure, just an empty stack, and so is one that may have no frames.
llvm::Value* take_stack(Lowering& l, const ast::Call& call, std::uint64_t flags, Failure failure) {
  if (call.type->stack_limit == 0) return l.word(image::lost_stack);
  auto& ir = l.ir;
  const bool build_ids = call.type->stack_mode == image::StackMode::build_id;
  llvm::GlobalVariable* map = l.m.stacks(call.type->stack_limit, build_ids);
  llvm::Value* id = l.call(Helper::get_stackid, {l.ctx, map, l.word(flags)});
  llvm::Value* failed = ir.CreateICmpSLT(id, l.word(0));
  llvm::Value* is_loss =
      ir.CreateAnd(failed, ir.CreateICmpNE(id, l.word(static_cast<std::uint64_t>(-EFAULT))));
  l.when(is_loss, "stack_lost", [&] { l.count_failure(failure, call.span, id); });
  return ir.CreateSelect(failed, l.word(image::lost_stack), id);
}

}  // namespace

// The stack itself is read for this: under an id programs cannot look it up.
llvm::Value* count_frames(Lowering& l, const ast::Call& stack) {
  auto& ir = l.ir;
  const std::uint32_t bytes = stack.type->stack_limit * 8;
  if (bytes == 0) return l.word(0);
  const Memory frames = l.temporary(bytes);
  const bool of_user = stack.builtin == lang::Builtin::ustack;
  llvm::Value* got = l.call(Helper::get_stack, {l.ctx, frames.pointer, ir.getInt32(bytes),
                                                l.word(of_user ? stack_user : skipped_frames(l))});
  // A task without a stack of that kind has no frames.
  got = ir.CreateSExt(ir.CreateTrunc(got, ir.getInt32Ty()), l.i64());
  return ir.CreateSelect(ir.CreateICmpSLT(got, l.word(0)), l.word(0), ir.CreateLShr(got, 3));
}

llvm::Value* lower_kstack(Lowering& l, ast::Call& call, const Into*) {
  return take_stack(l, call, skipped_frames(l), Failure::kstack_lost);
}

// The process goes with it: addresses mean something only there.
llvm::Value* lower_ustack(Lowering& l, ast::Call& call, const Into*) {
  llvm::Value* id = take_stack(l, call, stack_user, Failure::ustack_lost);
  llvm::Value* tgid = l.ir.CreateLShr(l.current_pid_tgid(), 32);
  return l.ir.CreateOr(id, l.ir.CreateShl(tgid, 32));
}

}  // namespace sonde::codegen
