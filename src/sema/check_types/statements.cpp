// SPDX-License-Identifier: Apache-2.0
// Statements, and how variables and maps get their types from what is assigned.
#include "sema/check_types/checker.h"
#include "sema/unsupported.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;

namespace {

// Whether the value of a literal can be kept in `to`, whatever its own type is.
bool literal_fits(const IntegerLiteral& literal, const Type& to) {
  const unsigned bits = to.size_bytes * 8;
  if (literal.negative)
    return to.is_signed && static_cast<std::int64_t>(literal.value) >= INT64_MIN >> (64 - bits);
  return literal.value <= UINT64_MAX >> (64 - bits + (to.is_signed ? 1 : 0));
}

bool can_be_stored(Checker& c, const Expr* value, const Type* type) {
  const auto planned = [&](lang::Construct construct) {
    not_supported_yet(c.diag, value->span, construct);
    return false;
  };
  if (type->is(TypeKind::array)) return planned(lang::Construct::array_value);
  if (type->is(TypeKind::c_struct)) return planned(lang::Construct::struct_value);
  return true;
}

bool is_discarded_silently(const Expr* expr) {
  if (as<IncDec>(expr) || as<IfExpr>(expr) || as<BlockExpr>(expr)) return true;
  // delete() was a statement for years and is still used as one.
  const auto* call = as<Call>(expr);
  return call && call->builtin == lang::Builtin::delete_;
}

void check_expression_statement(Checker& c, ExprStmt& stmt) {
  const Type* type = c.check(stmt.expr);
  if (!type || type->is_error() || type->is(TypeKind::void_) || type->is(TypeKind::none)) return;
  if (is_discarded_silently(stmt.expr)) return;
  c.diag.warning(DiagId::discarded_value, stmt.expr->span, "Return value discarded.");
}

void check_return(Checker& c, Return& stmt) {
  if (!stmt.value) return;
  const Type* type = c.check_value(stmt.value);
  if (!type || type->is_error() || type->is_integer()) return;
  c.diag.error(DiagId::bad_return, stmt.span,
               "Probe return values can only be integers. Found {}", type_name(type));
}

void check_unroll(Checker& c, Unroll& unroll) {
  const auto* count = as<IntegerLiteral>(unroll.count);
  c.check(unroll.count);
  if (!count)
    c.diag.error(DiagId::bad_unroll, unroll.count->span, "invalid unroll value")
        .hint("the count must be a literal from 1 to 100");
  else if (count->negative || count->value < 1)
    c.diag.error(DiagId::bad_unroll, unroll.count->span, "unroll minimum value is 1");
  else if (count->value > 100)
    c.diag.error(DiagId::bad_unroll, unroll.count->span, "unroll maximum value is 100");
  c.check_block(*unroll.body);
}

}  // namespace

void Checker::check_statement(Stmt* stmt) {
  match(
      *stmt, [&](Let& n) { check_let(n); },  //
      [&](Assign& n) { check_assign(n); },
      [&](ExprStmt& n) { check_expression_statement(*this, n); },
      [&](Discard& n) { check(n.expr); },  //
      [&](Return& n) { check_return(*this, n); },
      [&](While& n) {
        check_condition(n.condition);
        check_block(*n.body);
      },
      [&](ForRange& n) { check_range(n); },
      [&](Unroll& n) { check_unroll(*this, n); },
      [&](Stmt&) {});  // break, continue; the rest is rejected before
}

void Checker::check_let(Let& let) {
  Variable* variable = let.variable->variable;
  if (let.declared && variable) {
    variable->fixed_type = resolve_type_name(*let.declared);
    variable->type = variable->fixed_type;
  }
  if (!let.value) return;
  const Type* type = check_value(let.value);
  if (variable && type) assign_variable(*variable, let.value, type, let.span);
  let.variable->type = variable ? variable->type : types().error();
}

void Checker::check_range(ForRange& loop) {
  const Type* begin = check_value(loop.begin);
  const Type* end = check_value(loop.end);
  for (const Expr* side : {loop.begin, loop.end}) {
    if (!side->type || side->type->is_error() || side->type->is_integer()) continue;
    diag.error(DiagId::type_mismatch, side->span, "the ends of a range are integers, found '{}'",
               type_name(side->type));
  }
  if (begin && end && begin->is_integer() && end->is_integer()) {
    const Type* common = types().promote(begin, end);
    assign_variable(*loop.variable->variable, nullptr, types().integer(8, common->is_signed),
                    loop.span);
    loop.variable->type = loop.variable->variable->type;
  }
  check_block(*loop.body);
}

void Checker::check_assign(Assign& assign) {
  auto* ref = as<MapRef>(assign.target);
  auto* call = as<Call>(assign.value);
  const bool aggregates = ref && call && call->builtin && lang::row(*call->builtin).aggregation;
  if (aggregates && !assign.op) {
    use_key(*ref);
    const Type* type = check_aggregation(*call);
    if (type) assign_map(*ref->map, call, type, assign.span);
    return;
  }
  const Type* type = check_value(assign.value);
  if (assign.op) {
    const Type* before = check(assign.target);
    // `@x += 1` makes an integer map when nothing else does.
    if (!before && ref) before = types().int64();
    type = binary_type(*assign.op, assign.target, before, assign.value, type, assign.span);
  } else if (ref) {
    use_key(*ref);
  }
  if (!type) return;
  if (ref)
    assign_map(*ref->map, assign.value, type, assign.span);
  else if (auto* variable = as<VariableRef>(assign.target); variable && variable->variable)
    assign_variable(*variable->variable, assign.value, type, assign.span);
  if (!assign.target->type) assign.target->type = type;
}

void Checker::assign_variable(Variable& variable, const Expr* value, const Type* type,
                              diag::Span span) {
  if (type->is_error() || (value && !can_be_stored(*this, value, type))) {
    if (!variable.type) variable.type = types().error();
    return;
  }
  if (variable.fixed_type && variable.fixed_type->is_error()) return;
  const Type* common = variable.type ? types().promote(variable.type, type) : type;
  const auto* literal = value ? as<IntegerLiteral>(value) : nullptr;
  const bool literal_is_too_large = literal && variable.fixed_type &&
                                    variable.fixed_type->is_integer() &&
                                    !literal_fits(*literal, *variable.fixed_type);
  if (!common || literal_is_too_large) {
    diag.error(DiagId::type_mismatch, span,
               "Type mismatch for ${}: trying to assign value of type '{}' when variable already "
               "has a type '{}'",
               variable.name, type_name(type), type_name(variable.type))
        .label(variable.declared_at, "`${}` got its type here", variable.name);
    return;
  }
  if (variable.fixed_type) {
    if (value && !literal) warn_of_cast(value, type, variable.fixed_type);
    return;
  }
  if (common == variable.type) {
    if (value && !literal) warn_of_cast(value, type, variable.type);
    return;
  }
  variable.type = common;
  changed = true;
}

void Checker::assign_map(Map& map, const Expr* value, const Type* type, diag::Span span) {
  if (type->is_error() || (value && !can_be_stored(*this, value, type))) {
    if (!map.value) map.value = types().error();
    return;
  }
  const Type* common = map.value ? types().promote(map.value, type) : type;
  if (!common) {
    diag.error(DiagId::type_mismatch, span,
               "Type mismatch for {}: trying to assign value of type '{}' when map already has a "
               "type '{}'",
               map.name, type_name(type), type_name(map.value))
        .label(map.first_use, "`{}` is first used here", map.name);
    return;
  }
  if (common == map.value) return;
  map.value = common;
  changed = true;
}

void Checker::use_key(MapRef& ref) {
  Map& map = *ref.map;
  const Type* key = ref.key ? check_value(ref.key) : nullptr;
  const bool keyed = ref.key != nullptr;
  if (map.shape_known && map.keyed != keyed) {
    constexpr std::string_view with = "with an explicit key (non-scalar map)";
    constexpr std::string_view without = "without an explicit key (scalar map)";
    diag.error(DiagId::map_shape, ref.span, "{} used as a map {}, previously used {}", map.name,
               keyed ? with : without, keyed ? without : with)
        .label(map.first_use, "`{}` is first used here", map.name);
    return;
  }
  map.shape_known = true;
  map.keyed = keyed;
  if (!key || key->is_error()) return;
  if (key->is(TypeKind::c_struct) || key->is(TypeKind::array)) {
    can_be_stored(*this, ref.key, key);
    return;
  }
  const Type* common = map.key ? types().promote(map.key, key) : key;
  if (!common) {
    diag.error(DiagId::key_mismatch, ref.span,
               "Argument mismatch for {}: trying to access with arguments: '{}' when map expects "
               "arguments: '{}'",
               map.name, type_name(key), type_name(map.key))
        .label(map.first_use, "`{}` is first used here", map.name);
    return;
  }
  if (common == map.key) return;
  map.key = common;
  changed = true;
}

}  // namespace sonde::sema
