// SPDX-License-Identifier: Apache-2.0
// Comparison of strings and of other values in memory.
#include <algorithm>

#include "codegen/lowering.h"

namespace sonde::codegen {

using namespace ast;
using sema::Type;

namespace {

// A long string at an odd address, as in a tuple, would be compared byte by byte.
Memory with_words(Lowering& l, const Memory& memory, std::uint32_t bytes) {
  constexpr std::uint32_t long_bytes = 32;
  if (memory.alignment == 8 || bytes <= long_bytes) return memory;
  const Memory copied = l.temporary(bytes);
  l.copy(copied, memory, bytes);
  return copied;
}

}  // namespace

// Bytes behind the NUL of a string in our memory are zero, so strings are equal when the bytes up
// to the shorter capacity are, and the longer one has its NUL there.
llvm::Value* Lowering::equal_strings(Expr* lhs, Expr* rhs, std::uint32_t most) {
  if (as<StringLiteral>(lhs)) std::swap(lhs, rhs);
  if (const auto* literal = as<StringLiteral>(rhs))
    return equals_literal(lhs, text_of(*literal), most);
  if (lhs->type->size_bytes < rhs->type->size_bytes) std::swap(lhs, rhs);
  const std::uint32_t bytes = std::min(rhs->type->size_bytes, most);
  const Memory left = with_words(*this, memory_of(lhs), lhs->type->size_bytes);
  const Memory right = with_words(*this, memory_of(rhs), bytes);
  llvm::Value* equal = equal_words(
      left, right.alignment, bytes, Ends::at_zero,
      [&](std::uint32_t done, const Type& unit) { return load_word(at(right, done), unit); });
  if (lhs->type->size_bytes == bytes || most == bytes) return equal;
  llvm::Value* next = load_word(at(left, bytes), *m.script.types.integer(1, false));
  llvm::Value* ends_too = ir.CreateICmpEQ(next, word(0));
  // Where the shorter one ended before, this is a zero as well.
  return ir.CreateAnd(equal, ends_too);
}

// In steps, each a block of its own: one long block would load all words before it compares them.
// Equal strings are at their end where a word is zero.
llvm::Value* Lowering::equal_words(const Memory& left, std::uint32_t alignment, std::uint32_t bytes,
                                   Ends ends, const OtherWord& other) {
  constexpr unsigned words_per_step = 16;
  llvm::AllocaInst* differs = stack_slot(i64(), "differs");
  llvm::BasicBlock* compared = block("compared");
  llvm::Value* difference = word(0);
  unsigned words = 0;
  for (std::uint32_t done = 0; done < bytes;) {
    std::uint32_t width = std::min({at(left, done).alignment, alignment, 8U});
    while (width > bytes - done || done % width != 0) width /= 2;
    const Type& unit = *m.script.types.integer(width, false);
    llvm::Value* found = load_word(at(left, done), unit);
    difference = ir.CreateOr(difference, ir.CreateXor(found, other(done, unit)));
    done += width;
    if (++words % words_per_step != 0 || done == bytes) continue;
    ir.CreateStore(difference, differs);
    llvm::Value* decided = ir.CreateICmpNE(difference, word(0));
    if (ends == Ends::at_zero) decided = ir.CreateOr(decided, ir.CreateICmpEQ(found, word(0)));
    llvm::BasicBlock* go_on = block("same_so_far");
    ir.CreateCondBr(decided, compared, go_on);
    ir.SetInsertPoint(go_on);
    difference = word(0);
  }
  ir.CreateStore(difference, differs);
  ir.CreateBr(compared);
  ir.SetInsertPoint(compared);
  return ir.CreateICmpEQ(ir.CreateLoad(i64(), differs), word(0));
}

// Tuples, records, arrays, buffers: as values of the type that holds both, with zeros in the gaps,
// they are equal when their bytes are.
llvm::Value* Lowering::equal_values(Binary& binary) {
  const Type* common = m.script.types.promote(binary.lhs->type, binary.rhs->type);
  const auto as_common = [&](Expr* side) {
    const bool ready = side->type == common && !has_gaps(*common);
    if (ready) return with_words(*this, memory_of(side), common->size_bytes);
    const Memory memory = temporary(common->size_bytes);
    store(side, memory, *common);
    return memory;
  };
  const Memory left = as_common(binary.lhs), right = as_common(binary.rhs);
  return equal_words(
      left, right.alignment, common->size_bytes, Ends::behind_all,
      [&](std::uint32_t done, const Type& unit) { return load_word(at(right, done), unit); });
}

// Only as much of the string is read as decides: the text's bytes and its NUL.
llvm::Value* Lowering::equals_literal(Expr* expr, std::string_view text, std::uint32_t most) {
  const std::uint32_t capacity = expr->type->size_bytes;
  const auto bytes =
      static_cast<std::uint32_t>(std::min<std::size_t>({text.size() + 1, capacity, most}));
  const bool has_memory = as<VariableRef>(expr) || as<TupleRef>(expr) || as<Index>(expr);
  Memory memory;
  if (has_memory) {
    memory = with_words(*this, memory_of(expr), bytes);
  } else {
    // One more byte than is compared, so that a longer string is not cut to an equal one.
    const Type& part = *m.script.types.string(std::min(bytes + 1, capacity));
    memory = temporary(part.size_bytes);
    store(expr, memory, part);
  }
  if (text.size() > capacity && most > capacity)
    return ir.getFalse();  // after what computing it may have changed
  return equal_words(memory, 8, bytes, Ends::at_zero, [&](std::uint32_t done, const Type& unit) {
    std::uint64_t wanted = 0;
    for (std::uint32_t i = 0; i < unit.size_bytes && done + i < text.size(); ++i)
      wanted |= std::uint64_t{static_cast<unsigned char>(text[done + i])} << (8 * i);
    return word(wanted);
  });
}

}  // namespace sonde::codegen
