// SPDX-License-Identifier: Apache-2.0
// The frame of a probe's function: filters, scratch, temporaries, exits.
#include "codegen/lowering.h"

#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Intrinsics.h>

#include "codegen/arch/registers.h"
#include "codegen/builtins/seq_printf.h"
#include "image/scratch_frame.h"
#include "lang/probe_kinds.h"

namespace sonde::codegen {

using image::Failure;

namespace {

// Of the 512 bytes of a BPF stack; the rest is for spilled registers and our own slots.
constexpr std::uint32_t stack_budget_bytes = 256;
constexpr std::uint32_t spare_stack_budget_bytes = 32;
// Larger values go to scratch at once, so that small ones keep the stack.
constexpr std::uint32_t largest_on_stack_bytes = 128;
// In the table of system calls: more than there are.
constexpr std::uint16_t not_wanted = 0xffff;

}  // namespace

Lowering::Lowering(ModuleBuilder& builder, sema::ResolvedProbe& resolved, const Attachment& how)
    : m(builder), probe(resolved), attachment(how), ir(builder.context) {}

void Lowering::begin_program() {
  const std::string& only = attachment.places.size() == 1 ? attachment.places[0].function : "";
  const std::string name = only.empty() ? std::string(lang::row(probe.kind).name) : only;
  const diag::Span& span = probe.attach_point->span;
  function =
      attachment.is_part ? m.add_part(name, span) : m.add_program(name, attachment.section, span);
  ctx = function->getArg(0);
  ctx->setName("ctx");
}

void Lowering::run() {
  begin_program();
  llvm::BasicBlock* entry = block("entry");
  setup_ = block("setup");
  body_ = block("body");
  exit_ = block("exit");
  done_ = block("done");
  ir.SetInsertPoint(entry);
  place(probe.attach_point->span);
  // Slots are put in front of the entry block's terminator, whatever is emitted in between.
  make_shared();
  ir.CreateStore(word(0), result_);
  emit_filters();
  ir.CreateBr(setup_);

  find_shared_variables();
  taken_maps_ = TakenMaps(*probe.body);
  has_many_branches_ = has_many_branches(*probe.body);
  avoids_stack_ = has_many_branches_ && has_loop(*probe.body);
  ir.SetInsertPoint(body_);
  if (probe.predicate) {
    llvm::BasicBlock* wanted = block("wanted");
    ir.CreateCondBr(condition(probe.predicate), wanted, exit_);
    ir.SetInsertPoint(wanted);
  }
  lower_block(*probe.body);
  ir.CreateBr(exit_);

  emit_scratch_claim();
  fill_shared();
  ir.SetInsertPoint(exit_);
  emit_scratch_release();
  if (attachment.object_offset != 0 && !attachment.is_pinned) emit_object_mark();
  ir.CreateBr(done_);
  ir.SetInsertPoint(done_);
  // Of an iterator the verifier wants 0 or 1 (the object once more), and has to see it.
  const bool is_iterator = lang::row(probe.kind).context == lang::Context::iterator;
  ir.CreateRet(is_iterator ? static_cast<llvm::Value*>(ir.getInt32(0))
                           : ir.CreateTrunc(ir.CreateLoad(i64(), result_), ir.getInt32Ty()));
}

// A byte for each object in the iterator's own stream: whoever reads N bytes of it has records of N
// objects to look at before the walk goes on.
void Lowering::emit_object_mark() {
  call(Helper::seq_write, {iterator_stream(*this), result_, ir.getInt32(1)});
}

// What the kernel's own filters would have left out.
void Lowering::emit_filters() {
  const auto leave_if = [&](llvm::Value* unwanted) {
    llvm::BasicBlock* go_on = block("go_on");
    ir.CreateCondBr(unwanted, done_, go_on);
    ir.SetInsertPoint(go_on);
  };
  if (attachment.kind == image::AttachKind::raw_tracepoint && attachment.syscalls.size() == 1)
    leave_if(ir.CreateICmpNE(syscall_number(), word(attachment.syscalls.front())));
  if (attachment.syscalls.size() > 1) {
    ir.CreateStore(place_of_syscall(syscall_number()), place_slot());
    leave_if(ir.CreateICmpEQ(place_index(), word(not_wanted)));
  }
  if (!attachment.syscalls.empty() && attachment.status_offset != 0) {
    const Registers& registers = *find_registers(m.script.target.architecture());
    llvm::Value* task = call(Helper::get_current_task_btf, {});
    llvm::Value* status = ir.CreateLoad(
        ir.getInt32Ty(),
        ir.CreateIntToPtr(ir.CreateAdd(task, word(attachment.status_offset)), pointer_type()));
    llvm::Value* compat = ir.CreateAnd(status, ir.getInt32(registers.compat_syscall_status));
    leave_if(ir.CreateICmpNE(compat, ir.getInt32(0)));
  }
  if (attachment.object_offset != 0)
    leave_if(ir.CreateIsNull(
        ir.CreateLoad(pointer_type(), offset(ctx, attachment.object_offset), "object")));
  // These fire for every process. With -p only for that one; else not for our own: a reader that
  // prints system calls would feed itself.
  if (!lang::row(probe.kind).leaves_out_tracer) return;
  using image::RunConstants;
  if (m.script.process && m.script.process->pid)
    leave_if(ir.CreateNot(
        is_process(offsetof(RunConstants, traced_tgid), offsetof(RunConstants, traced_namespace))));
  else
    leave_if(
        is_process(offsetof(RunConstants, tracer_tgid), offsetof(RunConstants, tracer_namespace)));
}

// Whether the current process has the number that lies there among the run constants. Where we do
// not see the kernel's numbers, it is asked for the number in that process's own namespace.
llvm::Value* Lowering::is_process(std::uint64_t tgid_at, std::uint64_t namespace_at) {
  pid_tgid_ = call(Helper::get_current_pid_tgid, {});
  llvm::Value* wanted = run_constant(ir.getInt32Ty(), tgid_at);
  llvm::Value* ids = m.script.in_pid_namespace ? pid_tgid_in(namespace_at) : pid_tgid_;
  return ir.CreateICmpEQ(ir.CreateTrunc(ir.CreateLShr(ids, 32), ir.getInt32Ty()), wanted);
}

llvm::Value* Lowering::run_constant(llvm::Type* type, std::uint64_t at) {
  return ir.CreateLoad(type, offset(m.run_constants(), at), true);
}

// struct bpf_pidns_info: pid, tgid, as in the word of get_current_pid_tgid. Zeros for a process of
// another namespace.
llvm::Value* Lowering::pid_tgid_in(std::uint64_t namespace_at) {
  if (!ids_slot_) ids_slot_ = stack_slot(i64(), "pid_in_namespace");
  ir.CreateStore(word(0), ids_slot_);
  call(Helper::get_ns_current_pid_tgid,
       {run_constant(i64(), namespace_at), run_constant(i64(), namespace_at + 8), ids_slot_,
        word(8)});
  return ir.CreateLoad(i64(), ids_slot_);
}

llvm::Value* Lowering::syscall_number() {
  if (!attachment.at_syscall_exit) return ir.CreateLoad(i64(), offset(ctx, 8), "number");
  const Registers& registers = *find_registers(m.script.target.architecture());
  llvm::Value* at = ir.CreateAdd(syscall_registers(), word(registers.syscall_number));
  return ir.CreateLoad(i64(), ir.CreateIntToPtr(at, pointer_type()));
}

// From a table by the number of the call: `not_wanted`, or the index in `attachment.names`.
llvm::Value* Lowering::place_of_syscall(llvm::Value* number) {
  const std::uint32_t greatest = *std::ranges::max_element(attachment.syscalls);
  // One more for all numbers behind.
  std::vector<std::uint16_t> places(greatest + 2, not_wanted);
  for (std::size_t i = 0; i < attachment.syscalls.size(); ++i)
    places[attachment.syscalls[i]] = static_cast<std::uint16_t>(i);
  auto* table = m.number_table("places_" + function->getName().str(), places);
  llvm::Value* at = ir.CreateMul(bounded(number, places.size()), word(2));
  llvm::Value* entry = ir.CreateGEP(ir.getInt8Ty(), table, {at});
  return ir.CreateZExt(ir.CreateLoad(ir.getInt16Ty(), entry), i64());
}

llvm::Value* Lowering::place_index() {
  if (attachment.syscalls.size() > 1) return ir.CreateLoad(i64(), place_slot());
  return call(Helper::get_attach_cookie, {ctx});
}

// --- helpers and blocks ----------------------------------------------------------------------

namespace {

llvm::Value* call_helper(llvm::IRBuilder<>& ir, Helper helper, llvm::Type* result,
                         std::initializer_list<llvm::Value*> args) {
  llvm::SmallVector<llvm::Type*, 5> types;
  for (llvm::Value* argument : args) types.push_back(argument->getType());
  auto* type = llvm::FunctionType::get(result, types, false);
  auto* number = ir.getInt64(static_cast<std::uint64_t>(helper));
  auto* callee = llvm::ConstantExpr::getIntToPtr(number, ir.getPtrTy());
  return ir.CreateCall(type, callee, llvm::ArrayRef(args.begin(), args.size()));
}

}  // namespace

llvm::Value* Lowering::call(Helper helper, std::initializer_list<llvm::Value*> args) {
  llvm::Value* result = call_helper(ir, helper, i64(), args);
  // The verifier calls these map operations directly (do_misc_fixups), and in the kernel they
  // return an int: on 6.1 the upper half of the register is zero for -E2BIG too.
  if (helper == Helper::map_update_elem || helper == Helper::map_delete_elem)
    return ir.CreateSExt(ir.CreateTrunc(result, ir.getInt32Ty()), i64());
  return result;
}

llvm::Value* Lowering::call_for_pointer(Helper helper, std::initializer_list<llvm::Value*> args) {
  return call_helper(ir, helper, pointer_type(), args);
}

llvm::BasicBlock* Lowering::block(const char* name) {
  return llvm::BasicBlock::Create(m.context, name, function);
}

void Lowering::place(const diag::Span& span) {
  if (!span.known()) return;
  const diag::LineColumn at = m.sources.position(span.file, span.begin);
  llvm::DIScope* scope = function->getSubprogram();
  // Of a macro from another file.
  if (span.file != probe.attach_point->span.file)
    scope = m.debug.createLexicalBlockFile(scope, m.debug_file(span.file));
  ir.SetCurrentDebugLocation(llvm::DILocation::get(m.context, at.line, at.column, scope));
}

llvm::Value* Lowering::offset(llvm::Value* pointer, std::uint64_t bytes) {
  if (bytes == 0) return pointer;
  return ir.CreateConstInBoundsGEP1_64(ir.getInt8Ty(), pointer, bytes);
}

llvm::Value* Lowering::opaque(llvm::Value* value, const char* comment) {
  auto* type = llvm::FunctionType::get(value->getType(), {value->getType()}, false);
  return ir.CreateCall(llvm::InlineAsm::get(type, comment, "=r,0", true), {value});
}

// The verifier takes the bound from this test, which LLVM might find superfluous.
llvm::Value* Lowering::bounded(llvm::Value* number, std::uint64_t count) {
  llvm::Value* last = llvm::ConstantInt::get(number->getType(), count - 1);
  number = opaque(number);
  return ir.CreateSelect(ir.CreateICmpULT(number, last), number, last);
}

void Lowering::leave_probe() {
  ir.CreateBr(exit_);
  ir.SetInsertPoint(block("dead"));
}

void Lowering::count_failure(Failure failure, diag::Span span, llvm::Value* code) {
  const std::uint32_t site = m.add_failure(failure, span);
  llvm::Value* counter = call_for_pointer(Helper::map_lookup_elem, {m.failures(), array_key(site)});
  when(ir.CreateIsNotNull(counter), "counted", [&] {
    llvm::Value* before = ir.CreateLoad(i64(), counter);
    ir.CreateStore(ir.CreateAdd(before, word(1)), counter);
    if (code) ir.CreateStore(code, offset(counter, offsetof(image::FailureCounter, last_code)));
  });
  if (avoids_stack_) ir.CreateStore(word(0), key_slot_, true);
}

// The kernel reads four bytes of it, but a word that is written as a whole has no old bytes, by
// which the verifier would tell states apart.
llvm::Value* Lowering::array_key(std::uint32_t index) {
  if (!key_slot_) key_slot_ = stack_slot(i64(), "array_key");
  ir.CreateStore(word(index), key_slot_);
  return key_slot_;
}

llvm::Value* Lowering::current_pid_tgid() {
  return pid_tgid_ ? pid_tgid_ : call(Helper::get_current_pid_tgid, {});
}

llvm::Value* Lowering::visible_pid_tgid() {
  if (!m.script.in_pid_namespace) return current_pid_tgid();
  return pid_tgid_in(offsetof(image::RunConstants, tracer_namespace));
}

// bpf_task_pt_regs (Linux 5.15) of the current task: what its system call was entered with.
llvm::Value* Lowering::syscall_registers() {
  llvm::Value* task = call(Helper::get_current_task_btf, {});
  return call(Helper::task_pt_regs, {task});
}

// --- temporaries -----------------------------------------------------------------------------

llvm::AllocaInst* Lowering::stack_slot(llvm::Type* type, const char* name) {
  // All slots are in the entry block: elsewhere LLVM takes them for dynamic ones.
  llvm::BasicBlock& entry = function->getEntryBlock();
  llvm::IRBuilder<> at(&entry, entry.begin());
  auto* slot = at.CreateAlloca(type, nullptr, name);
  slot->setAlignment(llvm::Align(8));
  return slot;
}

Lowering::Temporary& Lowering::allocate(std::uint32_t bytes, bool in_frame) {
  bytes = image::align_up(std::max<std::uint32_t>(bytes, 8), 8);
  in_frame = in_frame || avoids_stack_;
  for (Temporary& t : temporaries_) {
    // A much larger one is better kept for a large value.
    if (t.in_use || t.bytes < bytes || t.bytes > 2 * bytes || (in_frame && t.slot)) continue;
    if (t.slot && t.slot->getFunction() != function) continue;
    t.in_use = true;
    t.scope = scope_;
    return t;
  }
  Temporary& t = temporaries_.emplace_back();
  t.bytes = bytes;
  t.in_use = true;
  t.scope = scope_;
  const std::uint32_t budget = m.spare_stack ? spare_stack_budget_bytes : stack_budget_bytes;
  if (!in_frame && bytes <= largest_on_stack_bytes && stack_bytes_ + bytes <= budget) {
    t.slot = stack_slot(llvm::ArrayType::get(i64(), bytes / 8), "temporary");
    stack_bytes_ += bytes;
    return t;
  }
  if (frame_bytes_ == 0) frame_bytes_ = image::frame_header_bytes;
  t.frame_offset = frame_bytes_;
  frame_bytes_ += bytes;
  return t;
}

// At the head of the body, so that it can be used everywhere behind.
llvm::Value* Lowering::frame() {
  if (!frame_ && callback_depth_ > 0) {
    frame_ = load_shared_frame();
  } else if (!frame_) {
    llvm::IRBuilder<> at(body_, body_->begin());
    frame_ = at.CreatePHI(pointer_type(), scratch_levels, "frame");
  }
  return frame_;
}

Memory Lowering::memory_of(const Temporary& temporary) {
  if (temporary.slot) return {temporary.slot, 8};
  // Each use computes the address anew: LLVM would keep those that it has, and spill them.
  return {offset(opaque(frame()), temporary.frame_offset), 8};
}

Memory Lowering::temporary(std::uint32_t bytes) { return memory_of(allocate(bytes)); }

void Lowering::close_scope() {
  for (Temporary& t : temporaries_) {
    if (!t.in_use || t.scope < scope_) continue;
    t.in_use = false;
    if (t.owner) variables_.erase(t.owner);
    t.owner = nullptr;
  }
  --scope_;
}

// --- scratch ---------------------------------------------------------------------------------

// A CPU has a few frames; a program takes the first that is free, so that whatever interrupts it,
// or runs in its place after it was preempted, takes another.
llvm::Value* Lowering::claim_frame(llvm::GlobalVariable* frames, unsigned levels,
                                   llvm::BasicBlock* none) {
  llvm::BasicBlock* claimed = block("frame_claimed");
  auto* frame = llvm::PHINode::Create(pointer_type(), levels, "claimed", claimed);
  for (unsigned level = 0; level < levels; ++level) {
    llvm::BasicBlock* found = block("frame_found");
    llvm::BasicBlock* next = level + 1 == levels ? none : block("frame_next");
    llvm::Value* slot = call_for_pointer(Helper::map_lookup_elem, {frames, array_key(level)});
    ir.CreateCondBr(ir.CreateIsNotNull(slot), found, next);
    ir.SetInsertPoint(found);
    auto* claim = ir.CreateAtomicCmpXchg(slot, word(0), word(1), llvm::MaybeAlign(8),
                                         llvm::AtomicOrdering::SequentiallyConsistent,
                                         llvm::AtomicOrdering::SequentiallyConsistent);
    llvm::Value* before = ir.CreateExtractValue(claim, 0);
    frame->addIncoming(slot, found);
    ir.CreateCondBr(ir.CreateICmpEQ(before, word(0)), claimed, next);
    ir.SetInsertPoint(next);
  }
  ir.SetInsertPoint(claimed);
  return frame;
}

void Lowering::release_frame(llvm::Value* frame) { ir.CreateStore(word(0), frame, true); }

void Lowering::emit_scratch_claim() {
  ir.SetInsertPoint(setup_);
  place(probe.attach_point->span);
  if (frame_bytes_ == 0) {
    ir.CreateBr(body_);
    return;
  }
  if (frame_bytes_ > image::most_frame_bytes)
    m.diagnostics.error(diag::DiagId::cannot_compile, probe.attach_point->span,
                        "the strings and tuples of this probe take {} bytes at a time; {} is the "
                        "limit",
                        frame_bytes_, image::most_frame_bytes);
  llvm::BasicBlock* none = block("no_frame");
  frame();
  llvm::Value* claimed = claim_frame(m.scratch(frame_bytes_), scratch_levels, none);
  llvm::cast<llvm::PHINode>(frame_)->addIncoming(claimed, ir.GetInsertBlock());
  ir.CreateBr(body_);
  ir.SetInsertPoint(none);
  count_failure(Failure::scratch_busy, probe.attach_point->span);
  ir.CreateBr(done_);
}

void Lowering::emit_scratch_release() {
  if (frame_bytes_ != 0) release_frame(frame_);
}

}  // namespace sonde::codegen
