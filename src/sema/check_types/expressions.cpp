// SPDX-License-Identifier: Apache-2.0
#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;

namespace {

const Type* check_string(Checker& c, const StringLiteral& literal) {
  const std::uint64_t limit = c.script.config.number(lang::ConfigKey::max_strlen);
  const std::size_t needed = literal.value.size() + 1;
  if (needed > limit && literal.value != c.probe->name)  // `probe` is as long as it is
    c.diag
        .error(DiagId::string_too_long, literal.span,
               "a string of {} bytes is longer than max_strlen allows ({})", needed - 1, limit - 1)
        .hint("`config = {{ max_strlen = {} }}`", needed);
  return c.types().string(static_cast<std::uint32_t>(literal.value.size() + 1));
}

const Type* check_tuple(Checker& c, const TupleExpr& tuple) {
  std::vector<const Type*> elements;
  for (Expr* element : tuple.elements) {
    const Type* type = c.check_value(element);
    if (!type) return nullptr;
    if (type->is_error()) return type;
    if (!c.can_be_stored(type, element->span)) return c.types().error();
    elements.push_back(type);
  }
  return c.small_enough(c.types().tuple(std::move(elements)), tuple.span);
}

const Type* check_record(Checker& c, const RecordExpr& record) {
  std::vector<const Type*> elements;
  std::vector<std::string> names;
  for (const RecordField* field : record.elements) {
    const Type* type = c.check_value(field->value);
    if (!type || type->is_error()) return type;
    if (!c.can_be_stored(type, field->value->span)) return c.types().error();
    elements.push_back(type);
    names.push_back(field->name);
  }
  return c.small_enough(c.types().record(std::move(names), std::move(elements)), record.span);
}

const Type* check_ternary(Checker& c, Ternary& ternary) {
  c.check_condition(ternary.condition);
  const Expr* then = ternary.then ? ternary.then : ternary.condition;
  const Type* left = ternary.then ? c.check(ternary.then) : ternary.condition->type;
  const Type* right = c.check(ternary.otherwise);
  return c.check_branches(then, left, ternary.otherwise, right, ternary.span);
}

const Type* check_if(Checker& c, IfExpr& node) {
  // One branch takes its place once the condition is known.
  if (as<ComptimeExpr>(node.condition)) return c.check(node.condition);
  c.check_condition(node.condition);
  const Type* left = c.check(node.then);
  if (!node.otherwise) return c.types().none();
  const Type* right = c.check(node.otherwise);
  if (left && right && (left->is(TypeKind::none) || right->is(TypeKind::none)))
    return c.types().none();
  return c.check_branches(node.then, left, node.otherwise, right, node.span);
}

const Type* check_variable(Checker& c, const VariableRef& ref) {
  return c.settled(ref.variable->type);
}

// Not what takes the place of a function's call.
bool is_written_block(const Expr* expr) {
  const auto* block = as<BlockExpr>(expr);
  return block && (block->stmts.empty() || !as<FunctionBody>(block->stmts.back()));
}

}  // namespace

const Type* Checker::check(Expr* expr) {
  expr->type = match(
      *expr,
      [&](IntegerLiteral& n) {
        return n.enumeration ? n.enumeration : types().literal(n.value, n.negative);
      },
      [&](StringLiteral& n) { return check_string(*this, n); },
      [&](BooleanLiteral&) { return types().boolean(); },
      [&](Identifier&) { return types().error(); },  // reported by resolve_names
      [&](VariableRef& n) { return check_variable(*this, n); },
      [&](MapRef& n) { return check_map_value(n); }, [&](Call& n) { return check_call(n); },  //
      [&](Unary& n) { return check_unary(n); }, [&](Binary& n) { return check_binary(n); },
      [&](Ternary& n) { return check_ternary(*this, n); },
      [&](IncDec& n) { return check_change(n); }, [&](FieldRef& n) { return check_field(n); },
      [&](TupleRef& n) {
        check(n.object);
        return check_tuple_element(*n.object, n.index, n.span);
      },
      [&](Index& n) { return check_index(n); },  //
      [&](Cast& n) { return check_cast(n); }, [&](TupleExpr& n) { return check_tuple(*this, n); },
      [&](RecordExpr& n) { return check_record(*this, n); },
      [&](IfExpr& n) { return check_if(*this, n); }, [&](BlockExpr& n) { return check_block(n); },
      [&](SizeofExpr& n) { return check_question(n); },
      [&](OffsetofExpr& n) { return check_question(n); },
      [&](TypeinfoExpr& n) { return check_question(n); },
      [&](ComptimeExpr& n) { return check_comptime(n); },
      [&](Expr&) { return types().error(); });  // reported by an earlier pass
  return expr->type;
}

const Type* Checker::settled(const Type* type) {
  return type && type->flexible ? types().integer(type->size_bytes, type->is_signed) : type;
}

const Type* Checker::check_value(Expr* expr) {
  const Type* type = check(expr);
  if (!type || (!type->is(TypeKind::none) && !type->is(TypeKind::void_))) return type;
  const auto* call = as<Call>(expr);
  if (call) {
    diag.error(DiagId::no_value, expr->span, "expected a value, but {}() has none", call->name)
        .hint("call it as a statement of its own: `{}(…);`", call->name);
  } else {
    auto report = diag.error(DiagId::no_value, expr->span, "expected a value, but this has none");
    const auto* node = as<IfExpr>(expr);
    if (node && !node->otherwise)
      report.hint("without `else` it has none; `;` behind it ends the statement");
    else if (node || is_written_block(expr))
      report.hint("the value of a block is its last expression, without `;` behind it");
  }
  return expr->type = types().error();
}

void Checker::check_condition(Expr* expr) {
  const Type* type = check_value(expr);
  if (!type || type->is_error() || type->is_scalar()) return;
  auto report =
      diag.error(DiagId::bad_condition, expr->span,
                 "a condition is an integer, a bool or a pointer, found '{}'", type_name(type));
  if (type->is(TypeKind::string)) report.hint("compare it: `… != \"\"`");
}

const Type* Checker::check_block(BlockExpr& block) {
  for (Stmt* stmt : block.stmts) check_statement(stmt);
  block.type = block.value ? check(block.value) : types().none();
  return block.type;
}

const Type* Checker::check_map_value(MapRef& ref) {
  use_key(ref);
  return ref.map->value ? read_type(*ref.map, ref.span) : nullptr;
}

}  // namespace sonde::sema
