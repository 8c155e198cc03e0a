// SPDX-License-Identifier: Apache-2.0
// kstack, ustack: the kernel keeps each distinct stack once, the script gets its id. The helper
// that does both has room for one stack under each hash; others of that hash are kept beside, by
// number.
#include "codegen/builtins/stacks.h"

#include <cerrno>

#include "image/scratch_frame.h"

namespace sonde::codegen {

namespace {

using image::Failure;
using ByHash = ModuleBuilder::ByHash;

// In a trampoline the stack begins with the program, the trampoline, and the function; in a
// kretprobe with who called the function, so there it does also when it is attached as fexit.
std::uint64_t skipped_frames(const Lowering& l) {
  if (!l.probe.by_trampoline) return 0;
  return l.probe.kind == lang::ProbeKind::kretprobe ? 3 : 2;
}

// What is kept of a stack, and where.
struct Kind {
  const ModuleBuilder::StackMaps& maps;
  std::uint64_t flags = 0;
  bool build_ids = false;
};

// In a frame of its own, since only few stacks get here.
llvm::Value* number_of_stack(Lowering& l, const Kind& kind) {
  auto& ir = l.ir;
  llvm::AllocaInst* result = l.stack_slot(l.i64(), "numbered");
  ir.CreateStore(l.word(static_cast<std::uint64_t>(-EBUSY)), result);
  llvm::BasicBlock* done = l.block("numbered");
  llvm::Value* frame =
      l.claim_frame(l.m.stack_scratch(image::frame_header_bytes + kind.maps.bytes), 1, done);
  llvm::Value* frames = l.offset(frame, image::frame_header_bytes);
  const std::uint64_t flags = kind.flags | (kind.build_ids ? stack_user_build_id : 0);
  // The kernel sets the rest to zero.
  llvm::Value* got =
      l.call(Helper::get_stack, {l.ctx, frames, ir.getInt32(kind.maps.bytes), l.word(flags)});
  got = ir.CreateSExt(ir.CreateTrunc(got, ir.getInt32Ty()), l.i64());
  ir.CreateStore(got, result);
  l.when(ir.CreateICmpSGE(got, l.word(0)), "stack_read",
         [&] { ir.CreateStore(keep_stack(l, kind.maps, frames), result); });
  l.release_frame(frame);
  ir.CreateBr(done);
  ir.SetInsertPoint(done);
  return ir.CreateLoad(l.i64(), result);
}

// A u64: the id, or lost_stack. A task without a stack of that kind (-EFAULT: a kernel thread has
// no user stack) is no failure, just an empty stack, and so is one that may have no frames.
llvm::Value* take_stack(Lowering& l, const ast::Call& call, std::uint64_t flags, Failure failure) {
  if (call.type->stack_limit == 0) return l.word(image::lost_stack);
  auto& ir = l.ir;
  const bool build_ids = call.type->stack_mode == image::StackMode::build_id;
  const Kind kind{l.m.stacks(call.type->stack_limit, build_ids, ByHash::used), flags, build_ids};
  llvm::AllocaInst* taken = l.stack_slot(l.i64(), "stack");
  llvm::Value* by_hash = l.call(Helper::get_stackid, {l.ctx, kind.maps.by_hash, l.word(flags)});
  ir.CreateStore(by_hash, taken);
  // The place that its hash gives it is that of another stack.
  l.when(ir.CreateICmpEQ(by_hash, l.word(static_cast<std::uint64_t>(-EEXIST))), "place_taken",
         [&] { ir.CreateStore(number_of_stack(l, kind), taken); });
  llvm::Value* id = ir.CreateLoad(l.i64(), taken);
  llvm::Value* failed = ir.CreateICmpSLT(id, l.word(0));
  llvm::Value* is_loss =
      ir.CreateAnd(failed, ir.CreateICmpNE(id, l.word(static_cast<std::uint64_t>(-EFAULT))));
  l.when(is_loss, "stack_lost", [&] { l.count_failure(failure, call.span, id); });
  return ir.CreateSelect(failed, l.word(image::lost_stack), id);
}

}  // namespace

llvm::Value* keep_stack(Lowering& l, const ModuleBuilder::StackMaps& maps, llvm::Value* frames) {
  auto& ir = l.ir;
  llvm::AllocaInst* result = l.stack_slot(l.i64(), "kept");
  llvm::AllocaInst* number = l.stack_slot(l.i64(), "number");
  const auto take_known = [&](auto otherwise) {
    llvm::Value* known = l.call_for_pointer(Helper::map_lookup_elem, {maps.numbers, frames});
    l.when(
        ir.CreateIsNotNull(known), "has_number",
        [&] { ir.CreateStore(ir.CreateLoad(l.i64(), known), result); }, otherwise);
  };
  take_known([&] {
    llvm::Value* count =
        ir.CreateAtomicRMW(llvm::AtomicRMWInst::Add, l.m.stack_count(), l.word(1),
                           llvm::MaybeAlign(8), llvm::AtomicOrdering::SequentiallyConsistent);
    ir.CreateStore(ir.CreateAdd(count, l.word(image::first_stack_number)), number);
    // First the stack itself, so that every number that somebody has leads to one.
    llvm::Value* status =
        l.call(Helper::map_update_elem, {maps.by_number, number, frames, l.word(bpf_noexist)});
    ir.CreateStore(status, result);
    l.when(ir.CreateICmpEQ(status, l.word(0)), "stack_kept", [&] {
      ir.CreateStore(
          l.call(Helper::map_update_elem, {maps.numbers, frames, number, l.word(bpf_noexist)}),
          result);
      // Another CPU may have come first.
      take_known([] {});
    });
  });
  return ir.CreateLoad(l.i64(), result);
}

// The process goes with it: addresses mean something only there.
llvm::Value* user_stack(Lowering& l, llvm::Value* id) {
  llvm::Value* tgid = l.ir.CreateLShr(l.visible_pid_tgid(), 32);
  return l.ir.CreateOr(id, l.ir.CreateShl(tgid, 32));
}

// The stack itself is read for this: under an id programs cannot look it up.
llvm::Value* count_frames(Lowering& l, const ast::Call& stack) {
  auto& ir = l.ir;
  if (stack.builtin == lang::Builtin::dw_ustack) return count_unwound_frames(l, stack);
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

llvm::Value* lower_ustack(Lowering& l, ast::Call& call, const Into*) {
  return user_stack(l, take_stack(l, call, stack_user, Failure::ustack_lost));
}

}  // namespace sonde::codegen
