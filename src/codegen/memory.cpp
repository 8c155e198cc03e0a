// SPDX-License-Identifier: Apache-2.0
// Values in our own memory: loads, stores, conversions.
#include <algorithm>

#include "codegen/builtins/builtins.h"
#include "codegen/percpu.h"

namespace sonde::codegen {

using namespace ast;
using sema::Type;
using sema::TypeKind;

namespace {

// LLVM expands memset and memcpy to at most 128 stores of the alignment's width
// (BPFSelectionDAGInfo); larger ones would become calls of functions that BPF does not have.
// From a quarter of that on, a helper that copies takes about the time, and far less code.
constexpr std::uint32_t most_moves = 32;

std::uint32_t common_alignment(std::uint32_t alignment, std::uint32_t offset_bytes) {
  while (alignment > 1 && offset_bytes % alignment != 0) alignment /= 2;
  return alignment;
}

}  // namespace

bool has_gaps(const Type& type) {
  if (!type.has_elements()) return false;
  std::uint32_t used = 0;
  for (const Type* element : type.elements) {
    if (has_gaps(*element)) return true;
    used += element->size_bytes;
  }
  return used != type.size_bytes;
}

Memory Lowering::at(const Memory& memory, std::uint32_t offset_bytes) {
  return {offset(memory.pointer, offset_bytes), common_alignment(memory.alignment, offset_bytes)};
}

void Lowering::zero(const Memory& memory, std::uint32_t from, std::uint32_t to) {
  if (to <= from) return;
  // Up to where whole words begin.
  const std::uint32_t words = std::min(to, image::align_up(from, memory.alignment));
  for (; from < words; ++from)
    ir.CreateAlignedStore(ir.getInt8(0), at(memory, from).pointer, llvm::MaybeAlign(1));
  if (from == to) return;
  const Memory part = at(memory, from);
  const std::uint32_t bytes = to - from;
  if (bytes > most_moves * memory.alignment)
    call(Helper::probe_read_kernel, {part.pointer, ir.getInt32(bytes), m.zeros(bytes)});
  else
    ir.CreateMemSet(part.pointer, ir.getInt8(0), bytes, llvm::MaybeAlign(memory.alignment));
}

void Lowering::copy(const Memory& to, const Memory& from, std::uint32_t bytes) {
  if (bytes > most_moves * std::min(to.alignment, from.alignment))
    call(Helper::probe_read_kernel, {to.pointer, ir.getInt32(bytes), from.pointer});
  else
    ir.CreateMemCpy(to.pointer, llvm::MaybeAlign(to.alignment), from.pointer,
                    llvm::MaybeAlign(from.alignment), bytes);
}

llvm::Value* Lowering::load_word(const Memory& memory, const Type& type) {
  auto* width = ir.getIntNTy(type.size_bytes * 8);
  llvm::Value* narrow = ir.CreateAlignedLoad(
      width, memory.pointer, llvm::MaybeAlign(std::min(memory.alignment, type.size_bytes)));
  return type.is_signed ? ir.CreateSExt(narrow, i64()) : ir.CreateZExt(narrow, i64());
}

void Lowering::store_word(llvm::Value* value, const Memory& memory, const Type& type) {
  auto* width = ir.getIntNTy(type.size_bytes * 8);
  ir.CreateAlignedStore(ir.CreateTrunc(value, width), memory.pointer,
                        llvm::MaybeAlign(std::min(memory.alignment, type.size_bytes)));
}

// Keeps the low bytes, then extends as the new type says.
llvm::Value* Lowering::convert_word(llvm::Value* value, const Type& from, const Type& to) {
  if (to.is(TypeKind::boolean) && !from.is(TypeKind::boolean))
    return ir.CreateZExt(ir.CreateICmpNE(value, word(0)), i64());
  // A pointer takes the bytes that the integer has (the language's rule), without its sign.
  if (to.is(TypeKind::pointer) && from.is_integer() && from.is_signed && from.size_bytes < 8)
    return ir.CreateZExt(ir.CreateTrunc(value, ir.getIntNTy(from.size_bytes * 8)), i64());
  if (!to.is_integer() || to.size_bytes == 8) return value;
  if (from.is_integer() && from.size_bytes <= to.size_bytes && from.is_signed == to.is_signed)
    return value;
  auto* width = ir.getIntNTy(to.size_bytes * 8);
  llvm::Value* narrow = ir.CreateTrunc(value, width);
  return to.is_signed ? ir.CreateSExt(narrow, i64()) : ir.CreateZExt(narrow, i64());
}

namespace {

// Where `from` has the element that is the i-th of `to`: records may have another order.
std::size_t element_named_like(const Type& from, const Type& to, std::size_t i) {
  return to.is(TypeKind::record) ? *sema::find_element(from, to.names[i]) : i;
}

}  // namespace

namespace {

// The mark of a string that was cut is its last byte, also in a larger one.
void move_cut_mark(Lowering& l, const Memory& text, std::uint32_t from, std::uint32_t to) {
  auto& ir = l.ir;
  const Memory old_place = l.at(text, from), new_place = l.at(text, to);
  llvm::Value* last = ir.CreateLoad(ir.getInt8Ty(), old_place.pointer);
  llvm::Value* is_mark = ir.CreateICmpEQ(last, ir.getInt8(image::cut_mark));
  ir.CreateStore(ir.CreateSelect(is_mark, ir.getInt8(0), last), old_place.pointer);
  ir.CreateStore(ir.CreateSelect(is_mark, last, ir.getInt8(0)), new_place.pointer);
}

}  // namespace

void Lowering::end_text(const Memory& to, std::uint32_t from, std::uint32_t capacity, Fill fill) {
  if (from < capacity) zero(to, fill == Fill::zero ? from : capacity - 1, capacity);
}

void Lowering::convert(const Memory& from, const Type& from_type, const Memory& to,
                       const Type& to_type, Fill fill) {
  if (to_type.is(TypeKind::string)) {
    const std::uint32_t bytes = std::min(from_type.size_bytes, to_type.size_bytes);
    copy(to, from, bytes);
    if (bytes == to_type.size_bytes) return;
    // What was full without NUL is not to run into bytes that nobody wrote.
    if (fill == Fill::leave) zero(to, bytes, bytes + 1);
    end_text(to, bytes, to_type.size_bytes, fill);
    move_cut_mark(*this, to, bytes - 1, to_type.size_bytes - 1);
    return;
  }
  if (to_type.is(TypeKind::buffer)) {
    copy(to, from, from_type.size_bytes);
    if (fill == Fill::zero) zero(to, from_type.size_bytes, to_type.size_bytes);
    return;
  }
  if (!to_type.has_elements()) {
    if (to_type.in_memory())
      copy(to, from, to_type.size_bytes);
    else
      store_word(convert_word(load_word(from, from_type), from_type, to_type), to, to_type);
    return;
  }
  if (&from_type == &to_type) {
    copy(to, from, to_type.size_bytes);
    return;
  }
  if (has_gaps(to_type) && fill == Fill::zero) zero(to, 0, to_type.size_bytes);
  const auto from_offsets = sema::tuple_layout(from_type.elements).offsets;
  const auto to_offsets = sema::tuple_layout(to_type.elements).offsets;
  for (std::size_t i = 0; i < to_type.elements.size(); ++i) {
    const std::size_t source = element_named_like(from_type, to_type, i);
    convert(at(from, from_offsets[source]), *from_type.elements[source], at(to, to_offsets[i]),
            *to_type.elements[i], fill);
  }
}

namespace {

// The text and its NUL as words of the memory's alignment.
void store_literal(Lowering& l, std::string_view text, const Memory& to, const Type& type,
                   Fill fill) {
  const std::uint32_t bytes =
      std::min<std::uint32_t>(static_cast<std::uint32_t>(text.size()) + 1, type.size_bytes);
  std::uint32_t done = 0;
  while (done < bytes) {
    const Memory place = l.at(to, done);
    // Whole words, with zeros behind the text, but nothing behind the buffer.
    std::uint32_t width = place.alignment;
    while (width > type.size_bytes - done) width /= 2;
    std::uint64_t word = 0;
    for (std::uint32_t i = 0; i < width && done + i < text.size(); ++i)
      word |= std::uint64_t{static_cast<unsigned char>(text[done + i])} << (8 * i);
    l.ir.CreateAlignedStore(llvm::ConstantInt::get(l.ir.getIntNTy(width * 8), word), place.pointer,
                            llvm::MaybeAlign(width));
    done += width;
  }
  l.end_text(to, done, type.size_bytes, fill);
}

}  // namespace

void Lowering::store(Expr* expr, const Memory& to, const Type& type, Fill fill) {
  scoped([&] { store_value(expr, to, type, fill); });
}

void Lowering::store_value(Expr* expr, const Memory& to, const Type& type, Fill fill) {
  if (type.is(TypeKind::stats)) {  // an argument of print() or printf()
    const auto& ref = *as<MapRef>(expr);
    read_stats(*this, *ref.map, key_of(*ref.map, ref.key), to, ref.span);
    return;
  }
  if (!type.in_memory()) {
    store_word(value_as(expr, type), to, type);
    return;
  }
  const auto branch = [&](Expr* on, Expr* then, Expr* otherwise) {
    when(
        condition(on), "then", [&] { store(then, to, type, fill); },
        [&] { store(otherwise, to, type, fill); });
  };
  const auto through_memory = [&](Expr& e) { convert(memory_of(&e), *e.type, to, type, fill); };
  const auto store_located = [&](Expr& e) {
    const Location location = location_of(&e);
    const std::uint32_t bytes = std::min(type.size_bytes, e.type->size_bytes);
    if (e.type->is(TypeKind::string))
      read_string(to, bytes, location, e.span, fill);
    else
      read_bytes(to, bytes, location, e.span);
    if (bytes == type.size_bytes) return;
    if (e.type->is(TypeKind::string)) {
      if (fill == Fill::leave) zero(to, bytes, bytes + 1);  // as in convert()
      end_text(to, bytes, type.size_bytes, fill);
    } else if (fill == Fill::zero) {
      zero(to, bytes, type.size_bytes);
    }
  };
  match(
      *expr, [&](StringLiteral& n) { store_literal(*this, text_of(n), to, type, fill); },
      [&](Call& n) {
        if (n.type->size_bytes == type.size_bytes || type.is(TypeKind::string))
          lower_builtin_into(*this, n, to, type, fill);
        else
          through_memory(n);
      },
      [&](MapRef& n) { read_map_into(n, to, type, fill); },
      [&](FieldRef& n) {
        if (n.access->source == sema::FieldAccess::Source::element)
          through_memory(n);
        else
          store_located(n);
      },
      [&](Index& n) {
        if (n.object->type->is(TypeKind::tuple))
          through_memory(n);
        else
          store_located(n);
      },
      [&](Unary& n) { store_located(n); },
      [&](Ternary& n) { branch(n.condition, n.then ? n.then : n.condition, n.otherwise); },
      [&](IfExpr& n) { branch(n.condition, n.then, n.otherwise); },
      [&](BlockExpr& n) { in_block(n, [&] { store(n.value, to, type, fill); }); },
      [&](Cast& n) {
        if (n.operand->type->in_memory())
          store(n.operand, to, type.is(TypeKind::array) ? *n.operand->type : type, fill);
        else  // a number whose bytes are the array
          store_word(value(n.operand), to, *m.script.types.integer(type.size_bytes, false));
      },
      [&](RecordExpr& n) {
        if (has_gaps(type) && fill == Fill::zero) zero(to, 0, type.size_bytes);
        const auto offsets = sema::tuple_layout(type.elements).offsets;
        for (RecordField* field : n.elements) {
          const std::size_t i = *sema::find_element(type, field->name);
          store(field->value, at(to, offsets[i]), *type.elements[i], fill);
        }
      },
      [&](TupleExpr& n) {
        if (has_gaps(type) && fill == Fill::zero) zero(to, 0, type.size_bytes);
        const auto offsets = sema::tuple_layout(type.elements).offsets;
        for (std::size_t i = 0; i < n.elements.size(); ++i)
          store(n.elements[i], at(to, offsets[i]), *type.elements[i], fill);
      },
      [&](Expr& n) { through_memory(n); });
}

Memory Lowering::memory_of(Expr* expr) {
  const auto evaluated = [&](Expr& e) {
    const Memory memory = temporary(e.type->size_bytes);
    store(&e, memory, *e.type);
    return memory;
  };
  const auto element = [&](Expr& object, std::uint64_t index) {
    const auto offsets = sema::tuple_layout(object.type->elements).offsets;
    return at(memory_of(&object), offsets[index]);
  };
  // What is in our own memory already is not copied. Strings there may have anything behind their
  // NUL, when they are members of a struct.
  const auto located = [&](Expr& e) {
    if (!is_own(&e) || e.type->is(TypeKind::string)) return evaluated(e);
    const Location location = location_of(&e);
    if (location.index) return evaluated(e);
    return at(location.memory, location.offset_bytes);
  };
  return match(
      *expr, [&](VariableRef& n) { return storage_of(*n.variable); },
      [&](TupleRef& n) { return element(*n.object, n.index); },
      [&](Index& n) {
        if (n.object->type->is(TypeKind::tuple))
          return element(*n.object, as<IntegerLiteral>(n.index)->value);
        return located(n);
      },
      [&](FieldRef& n) {
        if (n.access->source == sema::FieldAccess::Source::element)
          return element(*n.object, n.access->index);
        return located(n);
      },
      [&](Expr& e) { return evaluated(e); });
}

}  // namespace sonde::codegen
