// SPDX-License-Identifier: Apache-2.0
#include "sema/check_types/checker.h"
#include "sema/unsupported.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;

namespace {

bool is_comparison(BinaryOp op) { return op >= BinaryOp::eq && op <= BinaryOp::ge; }
bool is_logical(BinaryOp op) { return op == BinaryOp::log_and || op == BinaryOp::log_or; }
bool is_number(const Type* type) { return type->is_integer() || type->is(TypeKind::boolean); }

struct Operands {
  const Expr* lhs;
  const Type* left;
  const Expr* rhs;
  const Type* right;
  diag::Span span;
};

const Type* mismatch(Checker& c, BinaryOp op, const Operands& o) {
  auto report = c.diag.error(DiagId::type_mismatch, o.span,
                             "Type mismatch for '{}': comparing {} with {}", spelling(op),
                             type_name(o.left), type_name(o.right));
  report.label(o.lhs->span, "left ({})", type_name(o.left));
  report.label(o.rhs->span, "right ({})", type_name(o.right));
  const bool string_and_number = (o.left->is(TypeKind::string) && is_number(o.right)) ||
                                 (o.right->is(TypeKind::string) && is_number(o.left));
  if (string_and_number && is_comparison(op))
    report.hint("put the other side in double quotes to compare strings");
  return c.types().error();
}

// One side is a pointer.
const Type* pointer_type(Checker& c, BinaryOp op, const Operands& o) {
  const bool left_is_pointer = o.left->is(TypeKind::pointer);
  const bool right_is_pointer = o.right->is(TypeKind::pointer);
  if (is_comparison(op)) {
    const bool fits = (left_is_pointer || o.left->is_integer()) &&
                      (right_is_pointer || o.right->is_integer());
    return fits ? c.types().boolean() : mismatch(c, op, o);
  }
  if (op == BinaryOp::add && left_is_pointer && o.right->is_integer()) return o.left;
  if (op == BinaryOp::add && right_is_pointer && o.left->is_integer()) return o.right;
  if (op == BinaryOp::sub && left_is_pointer && o.right->is_integer()) return o.left;
  return mismatch(c, op, o);
}

const Type* comparison_type(Checker& c, BinaryOp op, const Operands& o) {
  const bool strings = o.left->is(TypeKind::string) && o.right->is(TypeKind::string);
  if (strings && (op == BinaryOp::eq || op == BinaryOp::ne)) return c.types().boolean();
  if (!is_number(o.left) || !is_number(o.right)) return mismatch(c, op, o);
  if (o.left->is_integer() && o.right->is_integer()) {
    const Type* common = c.types().promote(o.left, o.right);
    c.warn_of_cast(o.lhs, o.left, common);
    c.warn_of_cast(o.rhs, o.right, common);
  }
  return c.types().boolean();
}

const Type* arithmetic_type(Checker& c, BinaryOp op, const Operands& o) {
  if (!is_number(o.left) || !is_number(o.right)) return mismatch(c, op, o);
  if (o.left->is(TypeKind::boolean) && o.right->is(TypeKind::boolean)) return o.left;
  // A flexible literal takes the other side's sign; two of them count as signed.
  const bool left_signed = o.left->is_signed && !(o.left->flexible && !o.right->flexible);
  const bool right_signed = o.right->is_signed && !(o.right->flexible && !o.left->flexible);
  const bool is_signed = left_signed || right_signed || op == BinaryOp::sub;
  const Type* result = c.types().integer(8, is_signed);
  if (left_signed != right_signed) {
    c.warn_of_cast(o.lhs, o.left, result);
    c.warn_of_cast(o.rhs, o.right, result);
  }
  return result;
}

}  // namespace

// Only 64-bit unsigned values can change when they are read as signed ones.
void Checker::warn_of_cast(const Expr* expr, const Type* from, const Type* to) {
  if (!expr || !from->is_integer() || !to->is_integer() || from->flexible) return;
  if (fits(*from, *to)) return;
  diag.warning(DiagId::implicit_cast, expr->span,
               "Expression of type: {} being cast to type: {}. This may cause unexpected results. "
               "Use an explicit cast to suppress this warning.",
               type_name(from), type_name(to));
}

const Type* Checker::check_unary(Unary& unary) {
  const Type* type = check_value(unary.operand);
  if (!type || type->is_error()) return type;
  switch (unary.op) {
    case UnaryOp::log_not:
      if (type->is_scalar()) return types().boolean();
      break;
    case UnaryOp::negate:
    case UnaryOp::bit_not:
      if (type->is_integer()) return types().integer(8, type->is_signed && !type->flexible);
      break;
    case UnaryOp::dereference:
      if (type->is_integer()) return types().uint64();
      if (type->is(TypeKind::c_struct)) return type;  // `*args` is `args`
      if (type->is(TypeKind::pointer) && type->element) return type->element;
      diag.error(DiagId::bad_operand, unary.span, "Can not dereference type '{}'. It is not a pointer.",
                 type_name(type))
          .hint("cast it first: `*(uint64 *)…`");
      return types().error();
    case UnaryOp::address_of: return types().error();  // reported by reject_unsupported
  }
  diag.error(DiagId::bad_operand, unary.span,
             "The {} operator can not be used on expressions of type '{}'", spelling(unary.op),
             type_name(type));
  return types().error();
}

const Type* Checker::check_binary(Binary& binary) {
  const Type* left = check_value(binary.lhs);
  const Type* right = check_value(binary.rhs);
  return binary_type(binary.op, binary.lhs, left, binary.rhs, right, binary.span);
}

const Type* Checker::binary_type(BinaryOp op, const Expr* lhs, const Type* left, const Expr* rhs,
                                 const Type* right, diag::Span span) {
  if (!left || !right) return is_comparison(op) || is_logical(op) ? types().boolean() : nullptr;
  if (left->is_error() || right->is_error()) return types().error();
  const Operands operands{lhs, left, rhs, right, span};
  if (is_logical(op)) {
    if (left->is_scalar() && right->is_scalar()) return types().boolean();
    return mismatch(*this, op, operands);
  }
  if (left->is(TypeKind::pointer) || right->is(TypeKind::pointer))
    return pointer_type(*this, op, operands);
  return is_comparison(op) ? comparison_type(*this, op, operands)
                           : arithmetic_type(*this, op, operands);
}

const Type* Checker::check_branches(const Expr* a, const Type* left, const Expr* b,
                                    const Type* right, diag::Span span) {
  if (!left || !right) return left ? left : right;
  if (const Type* common = types().promote(left, right)) return common;
  diag.error(DiagId::type_mismatch, span,
             "Branches must return the same type or compatible types: have '{}' and '{}'",
             type_name(left), type_name(right))
      .label(a->span, "first ({})", type_name(left))
      .label(b->span, "second ({})", type_name(right));
  return types().error();
}

const Type* Checker::check_cast(Cast& cast) {
  const Type* from = check_value(cast.operand);
  const Type* to = resolve_type_name(*cast.target);
  if (!from || to->is_error() || from->is_error()) return to;
  const diag::Span span{cast.span.file, cast.span.begin, cast.operand->span.begin};
  if (from == to)
    diag.warning(DiagId::unnecessary_cast, span,
                 "Unnecessary cast: expression is already of type {}", type_name(to));
  if (from->is_scalar() && to->is_scalar()) return to;
  if (from == to) return to;
  const bool string_grows = from->is(TypeKind::string) && to->is(TypeKind::string) &&
                            from->size_bytes <= to->size_bytes;
  if (string_grows) return to;
  auto report = diag.error(DiagId::bad_cast, cast.span, "Cannot cast from \"{}\" to \"{}\"",
                           type_name(from), type_name(to));
  if (to->is(TypeKind::c_struct)) report.hint("cast to a pointer: `({} *)`", type_name(to));
  return types().error();
}

}  // namespace sonde::sema
