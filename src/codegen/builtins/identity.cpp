// SPDX-License-Identifier: Apache-2.0
// pid, tid, uid, gid, comm, cpu, cgroup, curtask: who runs and where.
#include <algorithm>

#include "codegen/arch/registers.h"
#include "codegen/builtins/builtins.h"
#include "codegen/kernel_structs.h"
#include "target/callable_functions.h"

namespace sonde::codegen {

namespace {

constexpr std::uint64_t low_half = UINT32_MAX;
constexpr std::uint32_t comm_bytes = 16;  // TASK_COMM_LEN

// One of 32 bits.
llvm::Value* run_constant(Lowering& l, std::uint64_t offset_bytes) {
  llvm::Value* place = l.offset(l.m.run_constants(), offset_bytes);
  return l.ir.CreateZExt(l.ir.CreateLoad(l.ir.getInt32Ty(), place, true), l.i64());
}

// Of the namespace that the call names: `init`, or else our own.
llvm::Value* pid_tgid(Lowering& l, const ast::Call& call) {
  return call.args.empty() ? l.visible_pid_tgid() : l.current_pid_tgid();
}

// The kernel counts who holds a task; the verifier sees to it that it is let go.
void write_comm_of_process(Lowering& l, ast::Call& call, const Into& into) {
  auto& ir = l.ir;
  llvm::Value* pid = l.value(call.args[0]);
  l.place(call.span);
  llvm::Value* task =
      ir.CreateCall(l.m.kernel_function(std::string(target::find_task_function)), {pid});
  const std::uint32_t bytes = std::min(comm_bytes, into.type->size_bytes);
  const std::uint32_t comm =
      offset_of(*l.m.script.target.btf(), "task_struct", {"comm"}).value_or(0);
  l.when(
      ir.CreateICmpNE(task, l.word(0)), "found",
      [&] {
        l.end_text(into.memory, 0, into.type->size_bytes, into.fill);
        l.call(Helper::probe_read_kernel_str,
               {into.memory.pointer, ir.getInt32(bytes), ir.CreateAdd(task, l.word(comm))});
        ir.CreateCall(l.m.kernel_function(std::string(target::release_task_function)), {task});
      },
      [&] {
        auto* none = ast::make<ast::StringLiteral>(l.m.script.arena, call.span, "N/A");
        none->type = l.m.script.types.string(4);
        l.store(none, into.memory, *into.type, into.fill);
        l.count_failure(image::Failure::no_such_process, call.span, pid);
      });
}

}  // namespace

llvm::Value* lower_pid(Lowering& l, ast::Call& call, const Into*) {
  return l.ir.CreateLShr(pid_tgid(l, call), 32);
}

llvm::Value* lower_tid(Lowering& l, ast::Call& call, const Into*) {
  return l.ir.CreateAnd(pid_tgid(l, call), l.word(low_half));
}

llvm::Value* lower_uid(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateAnd(l.call(Helper::get_current_uid_gid, {}), l.word(low_half));
}

llvm::Value* lower_gid(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateLShr(l.call(Helper::get_current_uid_gid, {}), 32);
}

// The helper fills what is left with zeros (strscpy_pad).
llvm::Value* lower_comm(Lowering& l, ast::Call& call, const Into* into) {
  if (!call.args.empty()) {
    write_comm_of_process(l, call, *into);
    return nullptr;
  }
  const std::uint32_t bytes = std::min(comm_bytes, into->type->size_bytes);
  // Before Linux 6.2 (commit f3f213497797, "bpf: ensure all memory is initialized in
  // bpf_get_current_comm") it writes nothing behind the NUL.
  l.end_text(into->memory, 0, into->type->size_bytes, into->fill);
  l.call(Helper::get_current_comm, {into->memory.pointer, l.ir.getInt32(bytes)});
  return nullptr;
}

// The low bits of the code segment are the level of privilege: 3 is a user program's (x86-64).
// Probes that are run by sonde itself stop none.
llvm::Value* lower_usermode(Lowering& l, ast::Call&, const Into*) {
  using enum lang::ProbeKind;
  const lang::Context context = lang::row(l.probe.kind).context;
  const bool has_registers = (context == lang::Context::registers && !l.probe.by_trampoline) ||
                             context == lang::Context::perf_event;
  if (!has_registers)
    return l.word(l.probe.kind == begin || l.probe.kind == end || l.probe.kind == self);
  const auto segment = find_saved_register(l.m.script.target.architecture(), "cs");
  llvm::Value* level =
      l.ir.CreateAnd(l.ir.CreateLoad(l.i64(), l.offset(l.ctx, *segment)), l.word(3));
  return l.ir.CreateZExt(l.ir.CreateICmpEQ(level, l.word(3)), l.i64());
}

llvm::Value* lower_cpu(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateAnd(l.call(Helper::get_smp_processor_id, {}), l.word(low_half));
}

llvm::Value* lower_numaid(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateAnd(l.call(Helper::get_numa_node_id, {}), l.word(low_half));
}

// Found by the runtime, which has counted them for the maps.
llvm::Value* lower_ncpus(Lowering& l, ast::Call&, const Into*) {
  return run_constant(l, offsetof(image::RunConstants, possible_cpus));
}

llvm::Value* lower_cpid(Lowering& l, ast::Call&, const Into*) {
  return run_constant(l, offsetof(image::RunConstants, child_tgid));
}

llvm::Value* lower_cgroup(Lowering& l, ast::Call&, const Into*) {
  return l.call(Helper::get_current_cgroup_id, {});
}

// As a number. Fields are reached through a pointer of which the verifier knows what it points to
// (locations.cpp).
llvm::Value* lower_curtask(Lowering& l, ast::Call&, const Into*) {
  return l.call(Helper::get_current_task, {});
}

}  // namespace sonde::codegen
