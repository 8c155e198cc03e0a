// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;

namespace {

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
  auto report =
      c.diag.error(DiagId::type_mismatch, o.span, "`{}` cannot be used between '{}' and '{}'",
                   spelling(op), type_name(o.left), type_name(o.right));
  report.label(o.lhs->span, "this is '{}'", type_name(o.left));
  report.label(o.rhs->span, "this is '{}'", type_name(o.right));
  const bool left_is_text = o.left->is(TypeKind::string),
             right_is_text = o.right->is(TypeKind::string);
  const Expr* number = left_is_text ? o.rhs : o.lhs;
  const auto* literal = as<IntegerLiteral>(number);
  if (left_is_text != right_is_text && is_comparison(op) && literal && !literal->negative)
    report.hint("text is written in double quotes: `\"{}\"`", literal->value);
  else if (left_is_text && right_is_text && is_comparison(op))
    report.hint("strings can be compared with `==` and `!=`");
  else if (left_is_text && right_is_text)
    report.hint("only literals can be joined; `printf(\"%s%s\", …)` prints one behind the other");
  else if (o.left->is(TypeKind::pointer) && o.right->is(TypeKind::pointer))
    report.hint("a cast reads the address as a number: `(uint64)…`");
  return c.types().error();
}

// One side is a pointer.
const Type* pointer_type(Checker& c, BinaryOp op, const Operands& o) {
  const bool left_is_pointer = o.left->is(TypeKind::pointer);
  const bool right_is_pointer = o.right->is(TypeKind::pointer);
  if (is_comparison(op)) {
    const bool fits =
        (left_is_pointer || o.left->is_integer()) && (right_is_pointer || o.right->is_integer());
    if (!fits) return mismatch(c, op, o);
    const bool distinct = left_is_pointer && right_is_pointer && o.left->element &&
                          o.right->element && o.left->element != o.right->element;
    if (distinct)
      c.diag.warning(DiagId::distinct_pointers, o.span, "pointers to different types are compared")
          .label(o.lhs->span, "this is '{}'", type_name(o.left))
          .label(o.rhs->span, "this is '{}'", type_name(o.right))
          .hint("a cast of one of them says that this is meant");
    return c.types().boolean();
  }
  const bool moves_left =
      left_is_pointer && o.right->is_integer() && (op == BinaryOp::add || op == BinaryOp::sub);
  const bool moves_right = right_is_pointer && o.left->is_integer() && op == BinaryOp::add;
  if (!moves_left && !moves_right) return mismatch(c, op, o);
  const Type* pointer = moves_left ? o.left : o.right;
  if (pointer->element) return pointer;
  c.diag
      .error(DiagId::bad_operand, o.span,
             "a `void *` cannot be moved: the size of what it points to is not known")
      .hint("cast it first: `(int8 *)…`");
  return c.types().error();
}

// Whether two values of the type are equal when their bytes are.
bool has_equality(const Type& type) {
  if (type.has_elements())
    return std::ranges::all_of(type.elements, [](const Type* e) { return has_equality(*e); });
  if (type.is(TypeKind::array)) return type.element->is_integer();
  switch (type.kind) {
    case TypeKind::string:
    case TypeKind::buffer:
    case TypeKind::usym:
    case TypeKind::inet:
    case TypeKind::mac:
    case TypeKind::cgroup_path: return true;
    default: return type.is_scalar() || type.is_name();
  }
}

// `==` of what lives in memory.
const Type* equality_type(Checker& c, BinaryOp op, const Operands& o) {
  const Type* common = c.types().promote(o.left, o.right);
  if (common && has_equality(*common)) return c.types().boolean();
  if (o.left->is(TypeKind::array) && o.right->is(TypeKind::array)) {
    c.diag
        .error(DiagId::type_mismatch, o.span,
               "only arrays of the same integer type and length can be compared, found '{}' and "
               "'{}'",
               type_name(o.left), type_name(o.right))
        .label(o.lhs->span, "this is '{}'", type_name(o.left))
        .label(o.rhs->span, "this is '{}'", type_name(o.right));
    return c.types().error();
  }
  return mismatch(c, op, o);
}

const Type* comparison_type(Checker& c, BinaryOp op, const Operands& o) {
  const bool equality = op == BinaryOp::eq || op == BinaryOp::ne;
  const bool are_names = o.left->is_name() && o.right->is_name();
  if (equality && (are_names || (o.left->in_memory() && o.right->in_memory())))
    return equality_type(c, op, o);
  if (!is_number(o.left) || !is_number(o.right)) return mismatch(c, op, o);
  if (o.left->is_integer() && o.right->is_integer()) {
    const Type* common = c.types().promote(o.left, o.right);
    c.warn_of_cast(o.lhs->span, o.left, common);
    c.warn_of_cast(o.rhs->span, o.right, common);
  }
  return c.types().boolean();
}

// A time that is moved by a number stays one of its clock; a difference of two is none.
image::Clock clock_of_result(BinaryOp op, const Operands& o) {
  constexpr image::Clock none{};
  if (op == BinaryOp::add && o.left->clock == none) return o.right->clock;
  const bool moves = op == BinaryOp::add || op == BinaryOp::sub;
  return moves && o.right->clock == none ? o.left->clock : none;
}

const Type* arithmetic_type(Checker& c, BinaryOp op, const Operands& o) {
  if (!is_number(o.left) || !is_number(o.right)) return mismatch(c, op, o);
  if (o.left->is(TypeKind::boolean) && o.right->is(TypeKind::boolean)) return o.left;
  // A flexible literal takes the other side's sign; two of them count as signed.
  const bool left_signed = o.left->is_signed && !(o.left->flexible && !o.right->flexible);
  const bool right_signed = o.right->is_signed && !(o.right->flexible && !o.left->flexible);
  const bool is_signed = left_signed || right_signed || op == BinaryOp::sub;
  const Type* result = c.types().intern({.kind = TypeKind::integer,
                                         .size_bytes = 8,
                                         .is_signed = is_signed,
                                         .clock = clock_of_result(op, o)});
  // A difference of two unsigned numbers is signed without a word: nearly all are of times.
  if (left_signed != right_signed || (op == BinaryOp::sub && o.left != o.right)) {
    c.warn_of_cast(o.lhs->span, o.left, result);
    c.warn_of_cast(o.rhs->span, o.right, result);
  }
  const bool divides = op == BinaryOp::div || op == BinaryOp::mod;
  const bool same = o.left->size_bytes == o.right->size_bytes && left_signed == right_signed;
  if (divides && is_signed && !same && !as<IntegerLiteral>(o.lhs) && !as<IntegerLiteral>(o.rhs))
    c.diag
        .warning(DiagId::signed_division, o.span,
                 "`{}` takes both sides as unsigned, and one of them may be negative", spelling(op))
        .hint("a cast to `uint64` says that it is not");
  return result;
}

}  // namespace

// Only 64-bit unsigned values can change when they are read as signed ones.
void Checker::warn_of_cast(diag::Span span, const Type* from, const Type* to) {
  if (!from->is_integer() || !to->is_integer() || from->flexible) return;
  if (fits(*from, *to)) return;
  diag.warning(DiagId::implicit_cast, span,
               "this is '{}' and is used as '{}', which cannot hold all its values",
               type_name(from), type_name(to))
      .hint("a cast says that this is meant: `({})…`", type_name(to));
}

const Type* Checker::check_unary(Unary& unary) {
  if (unary.op == UnaryOp::address_of) return check_address_of(unary);
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
    case UnaryOp::dereference: return check_dereference(unary, type);
    case UnaryOp::address_of: break;  // above
  }
  auto report = diag.error(DiagId::bad_operand, unary.span, "`{}` cannot be used on '{}'",
                           spelling(unary.op), type_name(type));
  if (type->is(TypeKind::boolean))
    report.hint("`!` negates a bool");
  else if (type->is(TypeKind::string) && unary.op == UnaryOp::log_not)
    report.hint("compare it: `… == \"\"`");
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
  const bool pointers = left->is(TypeKind::pointer) || right->is(TypeKind::pointer);
  const Type* result = pointers            ? pointer_type(*this, op, operands)
                       : is_comparison(op) ? comparison_type(*this, op, operands)
                                           : arithmetic_type(*this, op, operands);
  return combine_spaces(result, lhs, *left, rhs, *right, span);
}

const Type* Checker::check_branches(const Expr* a, const Type* left, const Expr* b,
                                    const Type* right, diag::Span span) {
  if (!left || !right) return left ? left : right;
  if (const Type* common = types().promote(left, right))
    return left->space == right->space ? common : combine_spaces(common, a, *left, b, *right, span);
  diag.error(DiagId::type_mismatch, span, "both branches must have one type, found '{}' and '{}'",
             type_name(left), type_name(right))
      .label(a->span, "this is '{}'", type_name(left))
      .label(b->span, "this is '{}'", type_name(right))
      .hint("an `if` statement may do a different thing in each branch");
  return types().error();
}

namespace {

bool is_number_array(const Type* type) {
  return type->is(TypeKind::array) && is_number(type->element);
}

// `T[]` has as many elements as the operand has room for.
const Type* sized_by(Checker& c, const Type* array, const Type* from) {
  if (!array->is(TypeKind::array) || array->count != 0) return array;
  return c.types().array(array->element, from->size_bytes / array->element->size_bytes);
}

// A cast from or to a value in memory: strings, arrays of numbers. Null when there is none.
const Type* memory_cast(Checker& c, const Cast& cast, const Type* from, const Type* wanted) {
  const Type* to = sized_by(c, wanted, from);
  const bool same_size = from->size_bytes == to->size_bytes;
  if (from == to) return to;
  if (from->is(TypeKind::string)) {
    if (to->is(TypeKind::boolean)) return to;
    if (to->is(TypeKind::string) && from->size_bytes <= to->size_bytes) return to;
    const bool bytes = is_number_array(to) && to->element->size_bytes == 1;
    return bytes && same_size ? to : nullptr;
  }
  // A literal takes the width that it is cast to.
  constexpr std::uint32_t word_bytes = 8;
  const bool literal = as<IntegerLiteral>(cast.operand) != nullptr;
  if (is_number(from) && is_number_array(to))
    return same_size || (literal && to->size_bytes <= word_bytes) ? to : nullptr;
  if (is_number_array(from) && is_number(to)) return same_size ? to : nullptr;
  return nullptr;
}

// A literal that is cast to an enum must be one of its values.
void check_enumerator(Checker& c, const Cast& cast, const Type& to, diag::Span span) {
  const auto* literal = as<IntegerLiteral>(cast.operand);
  if (!literal) return;
  const auto known = to.described_in->enumerators(to.btf);
  const auto same = [&](const target::BtfEnumerator& e) { return e.value == literal->value; };
  if (std::ranges::any_of(known, same)) return;
  const std::string value = literal->negative
                                ? std::to_string(static_cast<std::int64_t>(literal->value))
                                : std::to_string(literal->value);
  std::string list;
  for (const target::BtfEnumerator& e : known)
    list += (list.empty() ? "`" : ", `") + std::string(e.name) + "`";
  auto report = c.diag.error(DiagId::bad_cast, span, "'{}' has no enumerator of the value {}",
                             type_name(&to), value);
  if (known.size() <= 12) report.hint("it has {}", list);
}

}  // namespace

const Type* Checker::check_cast(Cast& cast) {
  const Type* from = check_value(cast.operand);
  const Type* to = resolve_type_name(*cast.target);
  if (!from || !to || to->is_error() || from->is_error()) return to;
  diag::Span span = cast.span;
  span.end = cast.operand->span.begin;
  // The cast of an aggregation says that it is read as a number.
  const auto* ref = as<MapRef>(cast.operand);
  to = cast_to_space(to, *from);
  // A macro does not know what it is given.
  if (from == to && cast.span.expansion == 0 &&
      !(ref && ref->map->value && ref->map->value->is_aggregation()))
    diag.warning(DiagId::unnecessary_cast, span, "unnecessary cast: this is '{}' already",
                 type_name(to))
        .hint("leave the cast out");
  if (to->is_enum()) check_enumerator(*this, cast, *to, span);
  if (from == to || (from->is_scalar() && to->is_scalar())) return to;
  if (from->is_integer() && to->is(TypeKind::username)) return to;
  if (const Type* type = memory_cast(*this, cast, from, to)) return type;
  auto report = diag.error(DiagId::bad_cast, span, "'{}' cannot be cast to '{}'", type_name(from),
                           type_name(to));
  if (to->is(TypeKind::c_struct)) report.hint("cast to a pointer: `({} *)…`", type_name(to));
  if (from->size_bytes != to->size_bytes &&
      (from->is(TypeKind::array) || to->is(TypeKind::array)) && !to->is(TypeKind::c_struct))
    report.hint("both sides must have as many bytes: these are {} and {}", from->size_bytes,
                to->size_bytes);
  if (from->is(TypeKind::string) && to->is(TypeKind::string))
    report.hint("a string can only be cast to a larger one; `str(…, {})` cuts it", to->size_bytes);
  return types().error();
}

}  // namespace sonde::sema
