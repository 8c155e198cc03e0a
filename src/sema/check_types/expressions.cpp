// SPDX-License-Identifier: Apache-2.0
#include "sema/check_types/checker.h"
#include "sema/unsupported.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;

namespace {

const Type* check_string(Checker& c, const StringLiteral& literal) {
  const std::uint64_t limit = c.script.config.number(lang::ConfigKey::max_strlen);
  if (literal.value.size() + 1 > limit)
    c.diag
        .error(DiagId::string_too_long, literal.span, "String is too long (over {} bytes): {}",
               limit - 1, literal.value.substr(0, 32) + "…")
        .hint("raise `max_strlen` in the config block");
  return c.types().string(static_cast<std::uint32_t>(literal.value.size() + 1));
}

const Type* check_tuple(Checker& c, const TupleExpr& tuple) {
  std::vector<const Type*> elements;
  for (Expr* element : tuple.elements) {
    const Type* type = c.check_value(element);
    if (!type) return nullptr;
    if (type->is_error()) return type;
    if (type->is(TypeKind::array) || type->is(TypeKind::c_struct)) {
      not_supported_yet(c.diag, element->span,
                        type->is(TypeKind::array) ? lang::Construct::array_value
                                                  : lang::Construct::struct_value);
      return c.types().error();
    }
    elements.push_back(type);
  }
  return elements.empty() ? c.types().none() : c.types().tuple(std::move(elements));
}

const Type* check_ternary(Checker& c, Ternary& ternary) {
  c.check_condition(ternary.condition);
  const Expr* then = ternary.then ? ternary.then : ternary.condition;
  const Type* left = ternary.then ? c.check(ternary.then) : ternary.condition->type;
  const Type* right = c.check(ternary.otherwise);
  return c.check_branches(then, left, ternary.otherwise, right, ternary.span);
}

const Type* check_if(Checker& c, IfExpr& node) {
  c.check_condition(node.condition);
  const Type* left = c.check(node.then);
  if (!node.otherwise) return c.types().none();
  const Type* right = c.check(node.otherwise);
  // As a statement the arms need not agree.
  if (left && right && (left->is(TypeKind::none) || right->is(TypeKind::none)))
    return c.types().none();
  return c.check_branches(node.then, left, node.otherwise, right, node.span);
}

// What was assigned a literal has the literal's type, but is no literal itself.
const Type* settled(Checker& c, const Type* type) {
  return type && type->flexible ? c.types().integer(type->size_bytes, type->is_signed) : type;
}

// `x++`: the target becomes 64 bits wide, `--` makes it signed.
const Type* check_inc_dec(Checker& c, IncDec& node) {
  const Type* before = c.check(node.target);
  if (before && before->is_error()) return before;
  if (before && before->is(TypeKind::pointer)) return before;
  if (before && !before->is_integer()) {
    c.diag.error(DiagId::type_mismatch, node.span, "cannot {} a value of type '{}'",
                 node.increment ? "increment" : "decrement", type_name(before));
    return c.types().error();
  }
  const bool is_signed = !before || before->is_signed || before->flexible || !node.increment;
  const Type* result = c.types().integer(8, is_signed);
  if (auto* ref = as<MapRef>(node.target)) {
    c.assign_map(*ref->map, nullptr, result, node.span);
  } else if (auto* variable = as<VariableRef>(node.target); variable && variable->variable) {
    if (variable->variable->fixed_type) return variable->variable->fixed_type;
    c.assign_variable(*variable->variable, nullptr, result, node.span);
  }
  return result;
}

const Type* check_variable(Checker& c, const VariableRef& ref) {
  if (!ref.variable) return c.types().error();
  Variable& variable = *ref.variable;
  if (!variable.type && c.last_walk) {
    variable.type = c.types().int64();
    c.diag.warning(DiagId::never_assigned, ref.span, "Variable ${} was never assigned to.",
                   variable.name);
  }
  return settled(c, variable.type);
}

}  // namespace

const Type* Checker::check(Expr* expr) {
  expr->type = match(
      *expr, [&](IntegerLiteral& n) { return types().literal(n.value, n.negative); },
      [&](StringLiteral& n) { return check_string(*this, n); },
      [&](BooleanLiteral&) { return types().boolean(); },
      [&](Identifier&) { return types().error(); },  // reported by resolve_names
      [&](VariableRef& n) { return check_variable(*this, n); },
      [&](MapRef& n) { return check_map_value(n); },
      [&](Call& n) { return check_call(n); },  //
      [&](Unary& n) { return check_unary(n); },
      [&](Binary& n) { return check_binary(n); },
      [&](Ternary& n) { return check_ternary(*this, n); },
      [&](IncDec& n) { return check_inc_dec(*this, n); },
      [&](FieldRef& n) { return check_field(n); },
      [&](TupleRef& n) {
        check(n.object);
        return check_tuple_element(*n.object, n.index, n.span);
      },
      [&](Index& n) { return check_index(n); },  //
      [&](Cast& n) { return check_cast(n); },
      [&](TupleExpr& n) { return check_tuple(*this, n); },
      [&](IfExpr& n) { return check_if(*this, n); },
      [&](BlockExpr& n) { return check_block(n); },
      [&](Expr&) { return types().error(); });  // reported by reject_unsupported
  return expr->type;
}

const Type* Checker::check_value(Expr* expr) {
  const Type* type = check(expr);
  if (!type || (!type->is(TypeKind::none) && !type->is(TypeKind::void_))) return type;
  diag.error(DiagId::no_value, expr->span, "expected a value, found one of type '{}'",
             type_name(type));
  return expr->type = types().error();
}

void Checker::check_condition(Expr* expr) {
  const Type* type = check_value(expr);
  if (!type || type->is_error() || type->is_scalar()) return;
  diag.error(DiagId::bad_condition, expr->span, "Invalid condition: {}", type_name(type))
      .hint("compare it with something: a condition is an integer, a bool or a pointer");
}

const Type* Checker::check_block(BlockExpr& block) {
  for (Stmt* stmt : block.stmts) check_statement(stmt);
  block.type = block.value ? check(block.value) : types().none();
  return block.type;
}

const Type* Checker::check_map_value(MapRef& ref) {
  use_key(ref);
  const Type* value = ref.map->value;
  if (value && value->is_aggregation()) {
    not_supported_yet(diag, ref.span, lang::Construct::aggregation_value);
    return types().error();
  }
  return settled(*this, value);
}

}  // namespace sonde::sema
