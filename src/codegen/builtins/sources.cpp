// SPDX-License-Identifier: Apache-2.0
#include "codegen/builtins/sources.h"

#include <algorithm>

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

Source own(Lowering& l, const Memory& memory, std::uint32_t bytes) {
  return {l.ir.CreatePtrToInt(memory.pointer, l.i64()), false, bytes, memory};
}

// With the NUL bytes inside of it, which end the text everywhere else.
Source literal_bytes(Lowering& l, const std::string& text) {
  const auto bytes = static_cast<std::uint32_t>(text.size()) + 1;
  const Memory memory = l.temporary(bytes);
  for (std::uint32_t done = 0; done < bytes; done += 8) {
    std::uint64_t word = 0;
    for (std::uint32_t i = 0; i < 8 && done + i < text.size(); ++i)
      word |= std::uint64_t{static_cast<unsigned char>(text[done + i])} << (8 * i);
    l.ir.CreateAlignedStore(l.word(word), l.at(memory, done).pointer, llvm::MaybeAlign(8));
  }
  return own(l, memory, bytes);
}

void count_failure(Lowering& l, const Source& source, llvm::Value* status, diag::Span span) {
  if (!l.m.options.runtime_warnings) return;
  l.when(l.ir.CreateICmpSLT(status, l.word(0)), "read_failed", [&] {
    l.count_failure(source.user ? Failure::user_read : Failure::kernel_read, span, status);
  });
}

}  // namespace

Source source_of(Lowering& l, ast::Expr* expr) {
  const Type& type = *expr->type;
  if (const auto* text = ast::as<ast::StringLiteral>(expr)) return literal_bytes(l, text->value);
  if (!type.in_memory()) return {l.value(expr), is_user(l, type), 0, {}};
  const bool is_tuple_index =
      ast::as<ast::Index>(expr) && ast::as<ast::Index>(expr)->object->type->is(TypeKind::tuple);
  const bool located = ast::as<ast::FieldRef>(expr) || ast::as<ast::Unary>(expr) ||
                       (ast::as<ast::Index>(expr) && !is_tuple_index);
  if (!located || l.is_own(expr)) return own(l, l.memory_of(expr), type.size_bytes);
  const Location location = l.location_of(expr);
  if (location.space == Location::Space::own) return own(l, l.memory_of(expr), type.size_bytes);
  return {l.address_of(location), location.space == Location::Space::user, type.size_bytes, {}};
}

Source source_at(Lowering& l, const Source& source, llvm::Value* offset_bytes) {
  return {l.ir.CreateAdd(source.address, offset_bytes), source.user, 0, {}};
}

void read_source(Lowering& l, const Memory& to, llvm::Value* bytes, const Source& source,
                 diag::Span span) {
  llvm::Value* status = l.call(source.user ? Helper::probe_read_user : Helper::probe_read_kernel,
                               {to.pointer, bytes, source.address});
  count_failure(l, source, status, span);
}

void read_source(Lowering& l, const Memory& to, std::uint32_t bytes, const Source& source,
                 diag::Span span) {
  if (bytes == 0) return;
  if (source.memory)
    l.copy(to, source.memory, bytes);
  else
    read_source(l, to, l.ir.getInt32(bytes), source, span);
}

llvm::Value* read_text(Lowering& l, const Memory& to, llvm::Value* bytes, const Source& source,
                       diag::Span span) {
  llvm::Value* status =
      l.call(source.user ? Helper::probe_read_user_str : Helper::probe_read_kernel_str,
             {to.pointer, bytes, source.address});
  count_failure(l, source, status, span);
  return status;
}

llvm::Value* length_up_to(Lowering& l, ast::Expr* length, std::uint32_t most) {
  auto& ir = l.ir;
  if (const auto* literal = ast::as<ast::IntegerLiteral>(length))
    return ir.getInt32(static_cast<std::uint32_t>(std::min<std::uint64_t>(literal->value, most)));
  return ir.CreateTrunc(l.bounded(l.value(length), std::uint64_t{most} + 1), ir.getInt32Ty());
}

}  // namespace sonde::codegen
