// SPDX-License-Identifier: Apache-2.0
// Expressions whose value is one word, and what is done for its effect.
#include <algorithm>

#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

using namespace ast;
using image::Failure;
using sema::Type;
using sema::TypeKind;

namespace {

// `(bool)"text"`, `(uint32)array`
llvm::Value* cast_from_memory(Lowering& l, Cast& cast) {
  const Memory memory = l.memory_of(cast.operand);
  if (cast.operand->type->is(TypeKind::array)) return l.load_word(memory, *cast.type);
  llvm::Value* first = l.load_word(memory, *l.m.script.types.integer(1, false));
  return l.ir.CreateZExt(l.ir.CreateICmpNE(first, l.word(0)), l.i64());
}

}  // namespace

llvm::Value* Lowering::value(Expr* expr) {
  return scoped([&] { return lower_value(expr); });
}

llvm::Value* Lowering::lower_value(Expr* expr) {
  const auto literal = [&](std::uint64_t n) -> llvm::Value* { return word(n); };
  return match(
      *expr, [&](IntegerLiteral& n) { return literal(n.value); },
      [&](BooleanLiteral& n) { return literal(n.value); },
      [&](VariableRef& n) -> llvm::Value* {
        return load_word(storage_of(*n.variable), *m.script.types.int64());
      },
      [&](MapRef& n) { return read_map(n); },  //
      [&](Call& n) { return lower_builtin(*this, n); },
      [&](Unary& n) -> llvm::Value* {
        switch (n.op) {
          case UnaryOp::negate: return ir.CreateNeg(value(n.operand));
          case UnaryOp::bit_not: return ir.CreateNot(value(n.operand));
          case UnaryOp::log_not: return ir.CreateZExt(ir.CreateNot(condition(n.operand)), i64());
          case UnaryOp::address_of: return number_of_pointer(pointer_to(n.operand));
          default: return load(location_of(&n), *n.type, n.span);
        }
      },
      [&](Binary& n) { return lower_binary(n); },
      [&](Ternary& n) { return lower_branches(n.condition, n.then, n.otherwise, *n.type); },
      [&](IfExpr& n) { return lower_branches(n.condition, n.then, n.otherwise, *n.type); },
      [&](IncDec& n) -> llvm::Value* {
        if (auto* ref = as<MapRef>(n.target))
          return change_map(*ref, n.increment ? BinaryOp::add : BinaryOp::sub, nullptr, n.span,
                            n.prefix);
        return lower_variable_change(n);
      },
      [&](FieldRef& n) { return lower_field(n); },
      [&](TupleRef& n) { return load_word(memory_of(&n), *n.type); },
      [&](Index& n) -> llvm::Value* {
        if (n.object->type->is(TypeKind::tuple)) return load_word(memory_of(&n), *n.type);
        return load(location_of(&n), *n.type, n.span);
      },
      [&](Cast& n) {
        if (n.operand->type->in_memory()) return cast_from_memory(*this, n);
        llvm::Value* number = value(n.operand);
        const auto* field = as<FieldRef>(n.operand);
        // It can be an address in the program's context.
        const bool in_context =
            field && field->access->source == sema::FieldAccess::Source::trace_record;
        if (n.type->is_integer() && n.operand->type->is(TypeKind::pointer) && in_context)
          number = number_of_pointer(number);
        return convert_word(number, *n.operand->type, *n.type);
      },
      [&](BlockExpr& n) { return in_block(n, [&] { return value(n.value); }); },
      [&](Expr&) -> llvm::Value* {
        SONDE_UNREACHABLE("an expression without a word reached code generation");
      });
}

// `&$x`, `&@x`
llvm::Value* Lowering::pointer_to(Expr* target) {
  if (const auto* ref = as<MapRef>(target))
    return with_map(*ref->map, [](llvm::Value* kernel_map) { return kernel_map; });
  return storage_of(*as<VariableRef>(target)->variable).pointer;
}

llvm::Value* Lowering::value_as(Expr* expr, const Type& type) {
  return convert_word(value(expr), *expr->type, type);
}

llvm::Value* Lowering::condition(Expr* expr) { return ir.CreateICmpNE(value(expr), word(0)); }

void Lowering::lower_void(Expr* expr) {
  auto* ternary = as<Ternary>(expr);
  if (auto* node = as<IfExpr>(expr)) {
    when(
        condition(node->condition), "then", [&] { lower_void(node->then); },
        [&] {
          if (node->otherwise) lower_void(node->otherwise);
        });
    hide_branch(*node);
  } else if (ternary && ternary->type->is(TypeKind::void_)) {
    when(
        condition(ternary->condition), "then", [&] { lower_void(ternary->then); },
        [&] { lower_void(ternary->otherwise); });
  } else if (auto* body = as<BlockExpr>(expr)) {
    lower_block(*body);
  } else if (expr->type->is(TypeKind::c_struct) && !expr->type->described_in) {
    // `args;`: nothing to do
  } else if (expr->type->in_memory()) {
    scoped([&] { memory_of(expr); });
  } else {
    value(expr);
  }
}

llvm::Value* Lowering::lower_branches(Expr* on, Expr* then, Expr* otherwise, const Type& type) {
  llvm::Value *left = nullptr, *right = nullptr;
  llvm::BasicBlock *left_end = nullptr, *right_end = nullptr;
  if (type.is(TypeKind::void_)) {
    when(
        condition(on), "then", [&] { lower_void(then); }, [&] { lower_void(otherwise); });
    return nullptr;
  }
  // `a ?: b` gives what was tested.
  llvm::Value* tested = value(on);
  when(
      ir.CreateICmpNE(tested, word(0)), "then",
      [&] {
        left = then ? value_as(then, type) : convert_word(tested, *on->type, type);
        left_end = ir.GetInsertBlock();
      },
      [&] {
        right = value_as(otherwise, type);
        right_end = ir.GetInsertBlock();
      });
  auto* phi = ir.CreatePHI(i64(), 2);
  phi->addIncoming(left, left_end);
  phi->addIncoming(right, right_end);
  // The verifier lets nobody calculate with pointers that it knows.
  return type.is(TypeKind::pointer) ? phi : chosen(phi);
}

// --- operators -------------------------------------------------------------------------------

llvm::Value* Lowering::lower_pointer_offset(llvm::Value* pointer, const Type& type,
                                            llvm::Value* count, bool negative) {
  const std::uint64_t size = type.element ? std::max(1U, type.element->size_bytes) : 1;
  llvm::Value* bytes = size == 1 ? count : ir.CreateMul(count, word(size));
  return negative ? ir.CreateSub(pointer, bytes) : ir.CreateAdd(pointer, bytes);
}

llvm::Value* Lowering::arithmetic(BinaryOp op, llvm::Value* lhs, llvm::Value* rhs, Expr* divisor,
                                  diag::Span span) {
  switch (op) {
    case BinaryOp::add: return ir.CreateAdd(lhs, rhs);
    case BinaryOp::sub: return ir.CreateSub(lhs, rhs);
    case BinaryOp::mul: return ir.CreateMul(lhs, rhs);
    case BinaryOp::bit_and: return ir.CreateAnd(lhs, rhs);
    case BinaryOp::bit_or: return ir.CreateOr(lhs, rhs);
    case BinaryOp::bit_xor: return ir.CreateXor(lhs, rhs);
    // BPF uses the low six bits of a shift count; LLVM gives more no meaning at all.
    case BinaryOp::shl: return ir.CreateShl(lhs, ir.CreateAnd(rhs, word(63)));
    case BinaryOp::shr: return ir.CreateLShr(lhs, ir.CreateAnd(rhs, word(63)));
    default: break;
  }
  // Division is unsigned, whatever the operands' types (the language's rule). By zero it gives 1.
  const auto divide = [&]() -> llvm::Value* {
    return op == BinaryOp::div ? ir.CreateUDiv(lhs, rhs) : ir.CreateURem(lhs, rhs);
  };
  const auto* literal = divisor ? as<IntegerLiteral>(divisor) : nullptr;
  if (literal && literal->value != 0) return divide();
  llvm::Value* quotient = nullptr;
  llvm::BasicBlock *divided = nullptr, *by_zero = nullptr;
  when(
      ir.CreateICmpNE(rhs, word(0)), "divide",
      [&] {
        quotient = divide();
        divided = ir.GetInsertBlock();
      },
      [&] {
        count_failure(Failure::divide_by_zero, span);
        by_zero = ir.GetInsertBlock();
      });
  auto* phi = ir.CreatePHI(i64(), 2);
  phi->addIncoming(quotient, divided);
  phi->addIncoming(word(1), by_zero);
  return chosen(phi);
}

llvm::Value* Lowering::compare(Binary& binary) {
  const Type *left = binary.lhs->type, *right = binary.rhs->type;
  if (left->is(TypeKind::string)) {
    llvm::Value* equal = equal_strings(binary.lhs, binary.rhs);
    return binary.op == BinaryOp::eq ? equal : ir.CreateNot(equal);
  }
  if (left->in_memory()) {
    llvm::Value* equal = equal_values(binary);
    return binary.op == BinaryOp::eq ? equal : ir.CreateNot(equal);
  }
  // A truth is compared with a number as that number's type.
  const Type* common = m.script.types.promote(left, right);
  const bool is_signed = common && common->is_integer() && common->is_signed;
  llvm::Value *lhs = value(binary.lhs), *rhs = value(binary.rhs);
  using P = llvm::CmpInst::Predicate;
  switch (binary.op) {
    case BinaryOp::eq: return ir.CreateICmp(P::ICMP_EQ, lhs, rhs);
    case BinaryOp::ne: return ir.CreateICmp(P::ICMP_NE, lhs, rhs);
    case BinaryOp::lt: return ir.CreateICmp(is_signed ? P::ICMP_SLT : P::ICMP_ULT, lhs, rhs);
    case BinaryOp::le: return ir.CreateICmp(is_signed ? P::ICMP_SLE : P::ICMP_ULE, lhs, rhs);
    case BinaryOp::gt: return ir.CreateICmp(is_signed ? P::ICMP_SGT : P::ICMP_UGT, lhs, rhs);
    default: return ir.CreateICmp(is_signed ? P::ICMP_SGE : P::ICMP_UGE, lhs, rhs);
  }
}

llvm::Value* Lowering::lower_binary(Binary& binary) {
  place(binary.span);
  if (is_comparison(binary.op)) return ir.CreateZExt(compare(binary), i64());
  const bool both = binary.op == BinaryOp::log_and;
  if (both || binary.op == BinaryOp::log_or) {
    // The right side only runs when it decides.
    llvm::Value* right = nullptr;
    llvm::BasicBlock *right_end = nullptr, *skipped = nullptr;
    llvm::Value* left = condition(binary.lhs);
    when(
        both ? left : ir.CreateNot(left), "right",
        [&] {
          right = condition(binary.rhs);
          right_end = ir.GetInsertBlock();
        },
        [&] { skipped = ir.GetInsertBlock(); });
    auto* phi = ir.CreatePHI(ir.getInt1Ty(), 2);
    phi->addIncoming(right, right_end);
    phi->addIncoming(ir.getInt1(!both), skipped);
    return chosen(ir.CreateZExt(phi, i64()));
  }
  llvm::Value* lhs = value(binary.lhs);
  const Temporary* aside = nullptr;
  if (m.spare_stack && as<Binary>(binary.rhs)) {
    aside = &allocate(8, true);
    ir.CreateStore(lhs, memory_of(*aside).pointer);
  }
  llvm::Value* rhs = value(binary.rhs);
  if (aside) lhs = ir.CreateLoad(i64(), memory_of(*aside).pointer);
  if (binary.type->is(TypeKind::pointer)) {
    const bool left_is_pointer = binary.lhs->type->is(TypeKind::pointer);
    return lower_pointer_offset(left_is_pointer ? lhs : rhs, *binary.type,
                                left_is_pointer ? rhs : lhs, binary.op == BinaryOp::sub);
  }
  llvm::Value* result = arithmetic(binary.op, lhs, rhs, binary.rhs, binary.span);
  return convert_word(result, *m.script.types.int64(), *binary.type);
}

}  // namespace sonde::codegen
