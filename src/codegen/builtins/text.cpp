// SPDX-License-Identifier: Apache-2.0
// strlen, strcap, strncmp, strcontains, strstr, str_concat: what is done with text.
#include <algorithm>

#include "codegen/builtins/builtins.h"
#include "codegen/builtins/sources.h"

namespace sonde::codegen {

using sema::TypeKind;

namespace {

// The kernel counts while it copies.
llvm::Value* length_of(Lowering& l, ast::Expr* text, diag::Span span) {
  auto& ir = l.ir;
  const Source source = source_of(l, text);
  const std::uint32_t limit =
      source.bytes != 0
          ? source.bytes + 1
          : static_cast<std::uint32_t>(l.m.script.config.number(lang::ConfigKey::max_strlen));
  const Memory copied = l.temporary(limit);
  llvm::Value* status = read_text(l, copied, ir.getInt32(limit), source, span);
  llvm::Value* length = ir.CreateSub(status, l.word(1));
  length = ir.CreateSelect(ir.CreateICmpSGT(status, l.word(0)), length, l.word(0));
  if (!source.memory) return length;
  // Full to the last byte, which may say that more was cut.
  llvm::Value* last = ir.CreateLoad(ir.getInt8Ty(), l.at(source.memory, source.bytes - 1).pointer);
  llvm::Value* has_mark = ir.CreateAnd(ir.CreateICmpEQ(length, l.word(source.bytes)),
                                       ir.CreateICmpEQ(last, ir.getInt8(image::cut_mark)));
  return ir.CreateSub(length, ir.CreateZExt(has_mark, l.i64()));
}

// The byte at an index; 0 outside.
llvm::Value* byte_at(Lowering& l, const Lowering::Temporary& text, std::uint32_t capacity,
                     llvm::Value* index) {
  auto& ir = l.ir;
  llvm::Value* inside = ir.CreateICmpULT(index, l.word(capacity));
  llvm::Value* place =
      ir.CreateGEP(ir.getInt8Ty(), l.memory_of(text).pointer, {l.bounded(index, capacity)});
  llvm::Value* byte = ir.CreateZExt(ir.CreateLoad(ir.getInt8Ty(), place), l.i64());
  return ir.CreateSelect(inside, byte, l.word(0));
}

// Where `part` begins in `text`, or -1. A turn of the loop compares one byte; after a difference
// the next place is tried.
llvm::Value* find_text(Lowering& l, ast::Call& call) {
  constexpr std::uint64_t searching = 0, is_over = 1;
  auto& ir = l.ir;
  const sema::Type &text_type = *call.args[0]->type, &part_type = *call.args[1]->type;
  const std::uint32_t capacity = text_type.size_bytes;
  const auto& text = l.loop_bytes(capacity);
  const auto& part = l.loop_bytes(part_type.size_bytes);
  l.store(call.args[0], l.memory_of(text), text_type);
  l.store(call.args[1], l.memory_of(part), part_type);
  const auto &start = l.loop_word(), &matched = l.loop_word(), &found = l.loop_word(),
             &state = l.loop_word();
  const auto load = [&](const Lowering::Temporary& word) {
    return ir.CreateLoad(l.i64(), l.memory_of(word).pointer);
  };
  const auto keep = [&](const Lowering::Temporary& word, llvm::Value* value) {
    ir.CreateStore(value, l.memory_of(word).pointer);
  };
  keep(start, l.loop_start(l.word(0)));
  keep(matched, l.loop_start(l.word(0)));
  keep(found, l.word(UINT64_MAX));
  keep(state, l.word(searching));
  const auto test = [&] {
    return ir.CreateAnd(ir.CreateICmpEQ(load(state), l.word(searching)),
                        ir.CreateICmpULT(load(start), l.word(capacity)));
  };
  const auto body = [&] {
    llvm::Value *from = load(start), *count = load(matched);
    llvm::Value* wanted = byte_at(l, part, part_type.size_bytes, count);
    llvm::Value* here = byte_at(l, text, capacity, ir.CreateAdd(from, count));
    const auto is_zero = [&](llvm::Value* byte) { return ir.CreateICmpEQ(byte, l.word(0)); };
    llvm::Value* complete = is_zero(wanted);
    llvm::Value* ended = ir.CreateOr(complete, is_zero(here));
    keep(found, ir.CreateSelect(complete, from, load(found)));
    keep(state, ir.CreateSelect(ended, l.word(is_over), l.word(searching)));
    llvm::Value* same = ir.CreateICmpEQ(here, wanted);
    keep(matched, l.loop_start(ir.CreateSelect(same, ir.CreateAdd(count, l.word(1)), l.word(0))));
    keep(start, l.loop_start(ir.CreateSelect(same, from, ir.CreateAdd(from, l.word(1)))));
  };
  l.lower_loop(nullptr, call.span, {.test = test, .body = body, .step = [] {}});
  return load(found);
}

}  // namespace

llvm::Value* lower_strlen(Lowering& l, ast::Call& call, const Into*) {
  return length_of(l, call.args[0], call.span);
}

llvm::Value* lower_strcap(Lowering& l, ast::Call& call, const Into*) {
  ast::Expr* text = call.args[0];
  if (!text->type->is(TypeKind::pointer)) return l.word(text->type->size_bytes);
  return length_of(l, text, call.span);
}

llvm::Value* lower_strncmp(Lowering& l, ast::Call& call, const Into*) {
  const std::uint64_t length = ast::as<ast::IntegerLiteral>(call.args[2])->value;
  const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(length, UINT32_MAX));
  llvm::Value* equal = l.equal_strings(call.args[0], call.args[1], most);
  return l.ir.CreateZExt(l.ir.CreateNot(equal), l.i64());
}

llvm::Value* lower_strcontains(Lowering& l, ast::Call& call, const Into*) {
  return l.ir.CreateZExt(l.ir.CreateICmpSGE(find_text(l, call), l.word(0)), l.i64());
}

llvm::Value* lower_strstr(Lowering& l, ast::Call& call, const Into*) { return find_text(l, call); }

// The second is read to where the first one ends, into room for both.
llvm::Value* lower_str_concat(Lowering& l, ast::Call& call, const Into* into) {
  auto& ir = l.ir;
  const std::uint32_t capacity = std::min(into->type->size_bytes, call.type->size_bytes);
  const Source first = source_of(l, call.args[0]), second = source_of(l, call.args[1]);
  const std::uint32_t room = first.bytes + second.bytes + 2;
  const Memory both = l.memory_of(l.loop_bytes(std::max(room, capacity)));
  l.zero(both, 0, std::max(room, capacity));
  llvm::Value* length = read_text(l, both, ir.getInt32(first.bytes + 1), first, call.span);
  length = ir.CreateSelect(ir.CreateICmpSGT(length, l.word(0)), ir.CreateSub(length, l.word(1)),
                           l.word(0));
  length = l.bounded(length, first.bytes + 1);
  const Memory behind{ir.CreateGEP(ir.getInt8Ty(), both.pointer, {length}), 1};
  read_text(l, behind, ir.getInt32(second.bytes + 1), second, call.span);
  l.copy(into->memory, both, capacity);
  l.end_text(into->memory, capacity, into->type->size_bytes, into->fill);
  if (room <= capacity) return nullptr;
  llvm::Value* last = l.at(into->memory, capacity - 1).pointer;
  llvm::Value* is_cut = ir.CreateICmpNE(ir.CreateLoad(ir.getInt8Ty(), last), ir.getInt8(0));
  l.when(is_cut, "cut", [&] {
    ir.CreateStore(ir.getInt8(0), last);
    ir.CreateStore(ir.getInt8(image::cut_mark),
                   l.at(into->memory, into->type->size_bytes - 1).pointer);
  });
  return nullptr;
}

}  // namespace sonde::codegen
