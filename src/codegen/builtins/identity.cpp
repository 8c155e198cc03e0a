// SPDX-License-Identifier: Apache-2.0
// pid, tid, uid, gid, comm, cpu, cgroup, curtask: who runs and where.
#include <algorithm>

#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

namespace {

constexpr std::uint64_t low_half = UINT32_MAX;
constexpr std::uint32_t comm_bytes = 16;  // TASK_COMM_LEN

// One of 32 bits.
llvm::Value* run_constant(Lowering& l, std::uint64_t offset_bytes) {
  llvm::Value* place = l.offset(l.m.run_constants(), offset_bytes);
  return l.ir.CreateZExt(l.ir.CreateLoad(l.ir.getInt32Ty(), place, true), l.i64());
}

}  // namespace

llvm::Value* lower_pid(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateLShr(l.current_pid_tgid(), 32);
}

llvm::Value* lower_tid(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateAnd(l.current_pid_tgid(), l.word(low_half));
}

llvm::Value* lower_uid(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateAnd(l.call(Helper::get_current_uid_gid, {}), l.word(low_half));
}

llvm::Value* lower_gid(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateLShr(l.call(Helper::get_current_uid_gid, {}), 32);
}

// The helper fills what is left with zeros (strscpy_pad).
llvm::Value* lower_comm(Lowering& l, ast::Call&, const Into* into) {
  const std::uint32_t bytes = std::min(comm_bytes, into->type->size_bytes);
  // Before Linux 6.2 (commit f3f213497797, "bpf: ensure all memory is initialized in
  // bpf_get_current_comm") it writes nothing behind the NUL.
  l.end_text(into->memory, 0, into->type->size_bytes, into->fill);
  l.call(Helper::get_current_comm, {into->memory.pointer, l.ir.getInt32(bytes)});
  return nullptr;
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
