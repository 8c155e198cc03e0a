// SPDX-License-Identifier: Apache-2.0
// str, kptr, uptr: text from the traced system's memory, and where an address belongs.
#include <algorithm>

#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

using image::Failure;
using sema::Type;
using sema::TypeKind;

namespace {

bool is_user(Lowering& l, const Type& type) {
  if (type.is(TypeKind::pointer) || type.space != lang::AddressSpace::none)
    return type.space == lang::AddressSpace::user;
  return lang::row(l.probe.kind).address_space == lang::AddressSpace::user;
}

// At most `capacity`; a length of the script's own is cut to it at run time.
llvm::Value* read_length(Lowering& l, ast::Call& call, std::uint32_t capacity) {
  auto& ir = l.ir;
  const bool literal = call.args.size() < 2 || ast::as<ast::IntegerLiteral>(call.args[1]);
  if (literal) return ir.getInt32(std::min(capacity, call.type->size_bytes));
  llvm::Value* wanted = l.value(call.args[1]);
  llvm::Value* cut =
      ir.CreateSelect(ir.CreateICmpULT(wanted, l.word(capacity)), wanted, l.word(capacity));
  // The verifier takes the bound from this test, which LLVM would find superfluous.
  cut = l.opaque(cut);
  cut = ir.CreateSelect(ir.CreateICmpULT(cut, l.word(capacity)), cut, l.word(capacity));
  return ir.CreateTrunc(cut, ir.getInt32Ty());
}

}  // namespace

llvm::Value* lower_str(Lowering& l, ast::Call& call, const Into* into) {
  auto& ir = l.ir;
  ast::Expr* from = call.args[0];
  const bool is_string = from->type->is(TypeKind::string);
  // A string is a string already; with a length it is read from our own memory.
  if (is_string && call.args.size() < 2) {
    l.store(from, into->memory, *into->type, into->fill);
    return nullptr;
  }
  llvm::Value* address =
      is_string ? ir.CreatePtrToInt(l.memory_of(from).pointer, l.i64()) : l.value(from);
  llvm::Value* length = read_length(l, call, into->type->size_bytes);
  if (into->fill == Fill::zero) l.zero(into->memory, 0, into->type->size_bytes);
  const bool user = !is_string && is_user(l, *from->type);
  llvm::Value* status = l.call(user ? Helper::probe_read_user_str : Helper::probe_read_kernel_str,
                               {into->memory.pointer, length, address});
  // On failure the helper clears the buffer; nothing was there when the length was 0.
  if (into->fill == Fill::leave)
    l.when(ir.CreateICmpSLE(status, l.word(0)), "nothing_read",
           [&] { ir.CreateStore(ir.getInt8(0), into->memory.pointer); });
  if (l.m.options.runtime_warnings)
    l.when(ir.CreateICmpSLT(status, l.word(0)), "read_failed", [&] {
      l.count_failure(user ? Failure::user_read : Failure::kernel_read, call.span, status);
    });
  return nullptr;
}

// Only their types say more than those of their arguments.
llvm::Value* lower_kptr(Lowering& l, ast::Call& call, const Into*) { return l.value(call.args[0]); }
llvm::Value* lower_uptr(Lowering& l, ast::Call& call, const Into*) { return l.value(call.args[0]); }

}  // namespace sonde::codegen
