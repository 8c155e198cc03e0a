// SPDX-License-Identifier: Apache-2.0
// ksym, usym, kaddr, username, cgroupid, cgroup_path: numbers that the reader shows as names.
#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

llvm::Value* lower_ksym(Lowering& l, ast::Call& call, const Into*) { return l.value(call.args[0]); }

// The process goes with the address, which means something only there.
llvm::Value* lower_usym(Lowering& l, ast::Call& call, const Into* into) {
  const sema::Type& word = *l.m.script.types.uint64();
  l.store_word(l.value(call.args[0]), into->memory, word);
  llvm::Value* tgid = l.ir.CreateLShr(l.visible_pid_tgid(), 32);
  l.store_word(tgid, l.at(into->memory, 8), word);
  return nullptr;
}

// Where the kernel has it differs from boot to boot, so the runtime tells.
llvm::Value* lower_kaddr(Lowering& l, ast::Call& call, const Into*) {
  const std::string& name = ast::as<ast::StringLiteral>(call.args[0])->value;
  const std::uint32_t index = l.m.kernel_symbol_index(name);
  llvm::Value* place = l.offset(l.m.kernel_addresses(), std::uint64_t{index} * 8);
  return l.ir.CreateLoad(l.i64(), place, true);
}

llvm::Value* lower_percpu_kaddr(Lowering& l, ast::Call& call, const Into*) {
  const std::string& name = ast::as<ast::StringLiteral>(call.args[0])->value;
  llvm::Value* cpu = call.args.size() == 2 ? l.value(call.args[1]) : nullptr;
  l.place(call.span);
  llvm::GlobalVariable* variable = l.m.kernel_variable(name);
  return l.number_of_pointer(cpu ? l.call_for_pointer(Helper::per_cpu_ptr, {variable, cpu})
                                 : l.call_for_pointer(Helper::this_cpu_ptr, {variable}));
}

llvm::Value* lower_username(Lowering& l, ast::Call&, const Into*) {
  return l.ir.CreateAnd(l.call(Helper::get_current_uid_gid, {}), l.word(UINT32_MAX));
}

llvm::Value* lower_cgroupid(Lowering& l, ast::Call& call, const Into*) {
  const std::string& path = ast::as<ast::StringLiteral>(call.args[0])->value;
  return l.word(l.m.script.target.cgroup_id(path).value_or(0));
}

llvm::Value* lower_cgroup_path(Lowering& l, ast::Call& call, const Into* into) {
  const sema::Type& word = *l.m.script.types.uint64();
  const std::string filter =
      call.args.size() == 2 ? ast::as<ast::StringLiteral>(call.args[1])->value : "";
  l.store_word(l.value(call.args[0]), into->memory, word);
  l.store_word(l.word(l.m.text_index(filter)), l.at(into->memory, 8), word);
  return nullptr;
}

}  // namespace sonde::codegen
