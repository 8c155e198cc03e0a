// SPDX-License-Identifier: Apache-2.0
// str, buf, memcmp, bswap, macaddr, ntop, pton: bytes from anywhere; kptr, uptr: where an address
// belongs.
#include <arpa/inet.h>
#include <llvm/IR/Intrinsics.h>

#include <algorithm>
#include <array>

#include "codegen/builtins/builtins.h"
#include "codegen/builtins/sources.h"

namespace sonde::codegen {

using sema::Type;
using sema::TypeKind;

namespace {

std::uint32_t max_strlen(Lowering& l) {
  return static_cast<std::uint32_t>(l.m.script.config.number(lang::ConfigKey::max_strlen));
}

// Text that filled all of max_strlen may go on: one look at the byte in the place of its NUL tells.
void mark_if_cut(Lowering& l, const Source& source, llvm::Value* status, llvm::Value* mark,
                 diag::Span span) {
  auto& ir = l.ir;
  const std::uint32_t limit = max_strlen(l);
  l.when(ir.CreateICmpEQ(status, l.word(limit)), "full", [&] {
    l.scoped([&] {
      const Memory next = l.temporary(8);
      read_source(l, next, ir.getInt32(1), source_at(l, source, l.word(limit - 1)), span);
      llvm::Value* byte = ir.CreateLoad(ir.getInt8Ty(), next.pointer);
      l.when(ir.CreateICmpNE(byte, ir.getInt8(0)), "cut",
             [&] { ir.CreateStore(ir.getInt8(image::cut_mark), mark); });
    });
  });
}

}  // namespace

llvm::Value* lower_str(Lowering& l, ast::Call& call, const Into* into) {
  auto& ir = l.ir;
  ast::Expr* from = call.args[0];
  // A string is a string already.
  if (from->type->is(TypeKind::string) && call.args.size() < 2) {
    l.store(from, into->memory, *into->type, into->fill);
    return nullptr;
  }
  const std::uint32_t capacity = into->type->size_bytes;
  const Source source = source_of(l, from);
  std::uint32_t most = std::min(max_strlen(l), capacity);
  // An array may be full of text; its end is an end all the same.
  const bool ends = source.bytes != 0 && source.bytes < most;
  if (ends) most = source.bytes + 1;
  llvm::Value* room =
      call.args.size() < 2 ? ir.getInt32(most) : length_up_to(l, call.args[1], most);
  l.end_text(into->memory, 0, capacity, into->fill);
  llvm::Value* status = read_text(l, into->memory, room, source, call.span);
  // On failure the helper clears the buffer; nothing was there when the length was 0.
  if (into->fill == Fill::leave)
    l.when(ir.CreateICmpSLE(status, l.word(0)), "nothing_read",
           [&] { ir.CreateStore(ir.getInt8(0), into->memory.pointer); });
  // Where less is wanted than the call could give, nobody looks at the end. Who names a length
  // knows that there may be more.
  const auto* fixed = llvm::dyn_cast<llvm::ConstantInt>(room);
  const bool asks_for_less = fixed && fixed->getZExtValue() < max_strlen(l);
  if (capacity == call.type->size_bytes && !ends && !asks_for_less)
    mark_if_cut(l, source, status, l.at(into->memory, capacity - 1).pointer, call.span);
  return nullptr;
}

llvm::Value* lower_buf(Lowering& l, ast::Call& call, const Into* into) {
  const std::uint32_t most = into->type->size_bytes - sema::buffer_header_bytes;
  const Type& header = *l.m.script.types.integer(sema::buffer_header_bytes, false);
  const Source source = source_of(l, call.args[0]);
  if (into->fill == Fill::zero) l.zero(into->memory, 0, into->type->size_bytes);
  const Memory data = l.at(into->memory, sema::buffer_header_bytes);
  llvm::Value* length =
      call.args.size() < 2 ? l.ir.getInt32(most) : length_up_to(l, call.args[1], most);
  l.store_word(l.ir.CreateZExt(length, l.i64()), into->memory, header);
  if (const auto* fixed = llvm::dyn_cast<llvm::ConstantInt>(length))
    read_source(l, data, static_cast<std::uint32_t>(fixed->getZExtValue()), source, call.span);
  else
    read_source(l, data, length, source, call.span);
  return nullptr;
}

// Word by word; in the first that differs, the first byte that differs decides.
llvm::Value* lower_memcmp(Lowering& l, ast::Call& call, const Into*) {
  auto& ir = l.ir;
  const auto* literal = ast::as<ast::IntegerLiteral>(call.args[2]);
  const Source left = source_of(l, call.args[0]), right = source_of(l, call.args[1]);
  std::uint32_t most = max_strlen(l);
  for (const Source* side : {&left, &right})
    if (side->bytes != 0) most = std::min(most, side->bytes);
  if (literal) most = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, literal->value));
  llvm::Value* length = length_up_to(l, call.args[2], most);
  const std::uint32_t bytes = image::align_up(std::max(most, 1U), 8);
  const auto words_of = [&](const Source& source) {
    const Memory memory = l.temporary(bytes);
    l.zero(memory, literal ? most / 8 * 8 : 0, bytes);
    if (literal)
      read_source(l, memory, most, source, call.span);
    else
      read_source(l, memory, length, source, call.span);
    return memory;
  };
  const Memory a = words_of(left), b = words_of(right);
  const Memory result = l.temporary(8);
  llvm::BasicBlock* done = l.block("compared");
  ir.CreateStore(l.word(0), result.pointer);
  for (std::uint32_t at = 0; at < bytes; at += 8) {
    llvm::Value* x = ir.CreateLoad(l.i64(), l.at(a, at).pointer);
    llvm::Value* y = ir.CreateLoad(l.i64(), l.at(b, at).pointer);
    l.when(ir.CreateICmpNE(x, y), "differ", [&] {
      llvm::Value* first = ir.CreateUnaryIntrinsic(llvm::Intrinsic::bswap, x);
      llvm::Value* second = ir.CreateUnaryIntrinsic(llvm::Intrinsic::bswap, y);
      llvm::Value* less = ir.CreateICmpULT(first, second);
      ir.CreateStore(ir.CreateSelect(less, l.word(UINT64_MAX), l.word(1)), result.pointer);
      ir.CreateBr(done);
      ir.SetInsertPoint(l.block("dead"));
    });
  }
  ir.CreateBr(done);
  ir.SetInsertPoint(done);
  return ir.CreateLoad(l.i64(), result.pointer);
}

llvm::Value* lower_bswap(Lowering& l, ast::Call& call, const Into*) {
  auto& ir = l.ir;
  llvm::Value* number = l.value(call.args[0]);
  const std::uint32_t bytes = call.type->size_bytes;
  llvm::Value* narrow = ir.CreateTrunc(number, ir.getIntNTy(bytes * 8));
  if (bytes > 1) narrow = ir.CreateUnaryIntrinsic(llvm::Intrinsic::bswap, narrow);
  return ir.CreateZExt(narrow, l.i64());
}

llvm::Value* lower_macaddr(Lowering& l, ast::Call& call, const Into* into) {
  read_source(l, into->memory, into->type->size_bytes, source_of(l, call.args[0]), call.span);
  return nullptr;
}

// The family, then as many bytes as it has; a number is IPv4, as it lies in memory.
llvm::Value* lower_ntop(Lowering& l, ast::Call& call, const Into* into) {
  constexpr std::uint32_t family_bytes = 8, ipv4_bytes = 4;
  ast::Expr* address = call.args.back();
  const bool is_number = address->type->is_integer();
  const bool is_v4 = is_number || address->type->size_bytes == ipv4_bytes;
  llvm::Value* family =
      call.args.size() == 2 ? l.value(call.args[0]) : l.word(is_v4 ? AF_INET : AF_INET6);
  llvm::Value* number = is_number ? l.value(address) : nullptr;
  Source source;
  if (!is_number) source = source_of(l, address);
  l.zero(into->memory, 0, into->type->size_bytes);
  l.store_word(family, into->memory, *l.m.script.types.uint64());
  const Memory bytes = l.at(into->memory, family_bytes);
  if (is_number)
    l.store_word(number, bytes, *l.m.script.types.integer(ipv4_bytes, false));
  else
    read_source(l, bytes, address->type->size_bytes, source, call.span);
  return nullptr;
}

llvm::Value* lower_pton(Lowering& l, ast::Call& call, const Into* into) {
  const std::string& text = ast::as<ast::StringLiteral>(call.args[0])->value;
  std::array<unsigned char, 16> bytes{};
  const std::uint32_t count = into->type->size_bytes;
  ::inet_pton(count == 4 ? AF_INET : AF_INET6, text.c_str(), bytes.data());
  for (std::uint32_t i = 0; i < count; ++i)
    l.ir.CreateStore(l.ir.getInt8(bytes[i]), l.at(into->memory, i).pointer);
  return nullptr;
}

// Only their types say more than those of their arguments.
llvm::Value* lower_kptr(Lowering& l, ast::Call& call, const Into*) { return l.value(call.args[0]); }
llvm::Value* lower_uptr(Lowering& l, ast::Call& call, const Into*) { return l.value(call.args[0]); }

}  // namespace sonde::codegen
