// SPDX-License-Identifier: Apache-2.0
// probe, func, ctx, args, argN, retval: what the probe itself hands out.
#include "codegen/arch/registers.h"
#include "codegen/builtins/builtins.h"
#include "codegen/builtins/names.h"
#include "codegen/builtins/usdt.h"
#include "codegen/kernel_structs.h"

namespace sonde::codegen {

namespace {

const Registers& registers(Lowering& l) {
  return *find_registers(l.m.script.target.architecture());
}

llvm::Value* register_at(Lowering& l, std::uint32_t offset_bytes) {
  return l.ir.CreateLoad(l.i64(), l.offset(l.ctx, offset_bytes));
}

// Where the helper does not know it: the kernel's note of that call has it, the first of those of
// the thread (kernel/events/uprobes.c before Linux 6.6). Where one probed function has jumped into
// another, the first is that of the other also when the one returns.
llvm::Value* returning_user_function(Lowering& l, diag::Span span) {
  const target::Btf* btf = l.m.script.target.btf();
  const auto calls = btf ? offset_of(*btf, "task_struct", {"utask"}) : std::nullopt;
  const auto first = btf ? offset_of(*btf, "uprobe_task", {"return_instances"}) : std::nullopt;
  const auto function = btf ? offset_of(*btf, "return_instance", {"func"}) : std::nullopt;
  if (!calls || !first || !function) {
    l.m.diagnostics
        .error(diag::DiagId::cannot_compile, span,
               "before Linux 6.6 only the kernel's BTF tells which user function returns")
        .hint("attach to one function, and write its name");
    return l.word(0);
  }
  const auto read = [&](llvm::Value* from, std::uint32_t offset_bytes) {
    return l.load({from, offset_bytes, Location::Space::kernel}, *l.m.script.types.uint64(), span);
  };
  return read(read(read(l.call(Helper::get_current_task, {}), *calls), *first), *function);
}

// At the entry of a user function the instruction pointer is its address; else only the helper
// knows it (bpf_get_func_ip, Linux 5.15, in uprobes since 6.6), and not behind the entry.
llvm::Value* function_address(Lowering& l, diag::Span span) {
  const bool user_entry =
      l.probe.kind == lang::ProbeKind::uprobe || l.probe.kind == lang::ProbeKind::usdt;
  const bool inside = l.probe.place().value != 0 && !lang::row(l.probe.kind).at_return;
  if (user_entry || inside) return register_at(l, registers(l).instruction_pointer);
  if (l.probe.kind == lang::ProbeKind::uretprobe &&
      !l.m.script.target.has(target::Feature::uprobe_func_ip))
    return returning_user_function(l, span);
  return l.call(Helper::get_func_ip, {l.ctx});
}

// As the register would have it, of which only the argument's own bytes are in the context. To whom
// `argN` is a number it was zero-extended, as the compiler does for all but negative ones.
llvm::Value* numbered_argument(Lowering& l, unsigned number) {
  const auto [btf, function] = *l.probe.function_type;
  const auto param = btf->params(btf->type(function).type)[number];
  const bool is_pointer = btf->type(btf->resolve(param.type)).kind == target::BtfKind::pointer;
  sema::TypeTable& types = l.m.script.types;
  const auto bytes = static_cast<unsigned>(btf->size_of(param.type));
  const sema::Type* type =
      is_pointer ? types.pointer(nullptr, lang::AddressSpace::kernel) : types.integer(bytes, false);
  return l.trampoline_argument(number, *type);
}

}  // namespace

// Of several places; resolve_names puts the name itself where there is one.
llvm::Value* lower_probe(Lowering& l, ast::Call&, const Into* into) {
  NameTable table{"names_" + l.function->getName().str(), l.attachment.names, 0};
  for (const std::string& name : table.texts)
    table.text_bytes = std::max(table.text_bytes, static_cast<std::uint32_t>(name.size()) + 1);
  write_name(l, l.place_index(), *into, table);
  return nullptr;
}

llvm::Value* lower_probetype(Lowering&, ast::Call&, const Into*) {
  SONDE_UNREACHABLE("`probetype` is a string literal after resolve_names");
}

llvm::Value* lower_func(Lowering& l, ast::Call& call, const Into* into) {
  if (!into) return function_address(l, call.span);
  const sema::Type& address = *l.m.script.types.uint64();
  l.store_word(function_address(l, call.span), into->memory, address);
  llvm::Value* tgid = l.ir.CreateLShr(l.visible_pid_tgid(), 32);
  l.store_word(tgid, l.at(into->memory, 8), address);
  return nullptr;
}

// As far from the probed function as in the file, wherever both were loaded to.
llvm::Value* lower_uaddr(Lowering& l, ast::Call& call, const Into*) {
  const std::string& name = ast::as<ast::StringLiteral>(call.args[0])->value;
  const auto address = [&](const std::string& symbol) {
    const auto found = l.m.script.target.user_symbol(l.probe.place().target, symbol);
    return found ? found->address : 0;
  };
  const std::uint64_t function =
      l.probe.place().function.empty() ? 0 : address(l.probe.place().function);
  const std::uint64_t probed = function + l.probe.place().value;
  return l.ir.CreateAdd(function_address(l, call.span), l.word(address(name) - probed));
}

llvm::Value* lower_reg(Lowering& l, ast::Call& call, const Into*) {
  const std::string& name = ast::as<ast::StringLiteral>(call.args[0])->value;
  return register_at(l, *find_saved_register(l.m.script.target.architecture(), name));
}

llvm::Value* lower_ctx(Lowering& l, ast::Call&, const Into*) { return l.number_of_pointer(l.ctx); }

llvm::Value* lower_args(Lowering&, ast::Call&, const Into*) {
  SONDE_UNREACHABLE("`args` is only used for its fields after check_types");
}

llvm::Value* lower_argN(Lowering& l, ast::Call& call, const Into*) {
  if (l.probe.kind == lang::ProbeKind::rawtracepoint) return l.raw_word(call.argument);
  if (l.probe.kind == lang::ProbeKind::usdt) return usdt_argument(l, call);
  if (l.probe.by_trampoline) return numbered_argument(l, call.argument);
  const auto arguments = registers(l).arguments;
  if (call.argument >= arguments.size()) {
    l.m.diagnostics.error(diag::DiagId::cannot_compile, call.span,
                          "only the first {} arguments are in registers; this one is on the stack",
                          arguments.size());
    return l.word(0);
  }
  return register_at(l, arguments[call.argument]);
}

llvm::Value* lower_retval(Lowering& l, ast::Call& call, const Into*) {
  if (l.probe.by_trampoline)
    return l.convert_word(l.trampoline_result(), *l.m.script.types.int64(), *call.type);
  return register_at(l, registers(l).return_value);
}

}  // namespace sonde::codegen
