// SPDX-License-Identifier: Apache-2.0
// Statements but assignments, and expressions whose value nobody takes.
#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;

namespace {

void warn_of_discarded(Checker& c, const Expr* expr, const Type* type) {
  if (!type || type->is_error() || type->is(TypeKind::void_) || type->is(TypeKind::none)) return;
  if (as<IncDec>(expr)) return;
  // delete() was a statement for years and is still used as one.
  const auto* call = as<Call>(expr);
  if (call && call->builtin == lang::Builtin::delete_) return;
  c.diag.warning(DiagId::discarded_value, expr->span, "the value is computed and not used")
      .hint("`_ = …;` says that this is meant");
}

void check_return(Checker& c, Return& stmt) {
  if (!stmt.value) return;
  const Type* type = c.check_value(stmt.value);
  if (!type || type->is_error() || type->is_integer()) return;
  auto report = c.diag.error(DiagId::bad_return, stmt.span,
                             "a probe can only return an integer, found '{}'", type_name(type));
  if (type->is_scalar())
    report.hint("cast it: `return (int64)…;`");
  else
    report.hint("`print(…)` shows it");
}

// Nodes, as often as `unroll` writes them out. What is inside has counted itself.
std::uint64_t written_out(const Node& node) {
  std::uint64_t nodes = 1;
  for_each_child(const_cast<Node&>(node), [&](auto* child) { nodes += written_out(*child); });
  const auto* unroll = as<Unroll>(&node);
  const auto* count = unroll ? as<IntegerLiteral>(unroll->count) : nullptr;
  return count ? nodes * std::min<std::uint64_t>(count->value, 100) : nodes;
}

// Compilers need seconds for that, and the verifier takes a million instructions.
constexpr std::uint64_t most_written_out = 200'000;

void check_length(Checker& c, const Unroll& unroll, std::uint64_t count) {
  const std::uint64_t once = written_out(*unroll.body);
  if (once > most_written_out || once * count <= most_written_out) return;
  c.diag
      .error(DiagId::bad_unroll, unroll.span,
             "`unroll` makes {} operators, values and statements of this; at most {} can be "
             "compiled",
             once * count, most_written_out)
      .hint("`for $i : 0..N {{ … }}` repeats without writing out");
}

void check_unroll(Checker& c, Unroll& unroll) {
  const Type* type = c.check(unroll.count);
  const auto* count = as<IntegerLiteral>(unroll.count);
  const bool in_range = count && !count->negative && count->value >= 1 && count->value <= 100;
  if (!in_range && type && !type->is_error())
    c.diag
        .error(DiagId::bad_unroll, unroll.count->span,
               "the count of `unroll` must be a literal from 1 to 100")
        .hint("`for $i : 0..N {{ … }}` takes any count");
  c.check_body(*unroll.body);
  if (in_range && c.last_walk) check_length(c, unroll, count->value);
}

void check_range(Checker& c, ForRange& loop) {
  const Type* begin = c.check_value(loop.begin);
  const Type* end = c.check_value(loop.end);
  for (const Expr* side : {loop.begin, loop.end}) {
    if (!side->type || side->type->is_error() || side->type->is_integer()) continue;
    c.diag
        .error(DiagId::type_mismatch, side->span, "the ends of a range are integers, found '{}'",
               type_name(side->type))
        .hint("write `for $i : 0..10 {{ … }}`");
  }
  Variable& variable = *loop.variable->variable;
  if (begin && end && begin->is_integer() && end->is_integer()) {
    const Type* common = c.types().promote(begin, end);
    c.assign_variable(variable, nullptr, c.types().integer(8, common->is_signed),
                      loop.variable->span);
  } else if (begin && end && !variable.type) {
    variable.type = c.types().error();
  }
  variable.waits |= !begin || !end;
  loop.variable->type = variable.type;
  c.check_body(*loop.body);
}

// `(key, value)` of an entry; null when a part is not known yet.
const Type* entry_type(Checker& c, const ForMap& loop) {
  const Map& map = *loop.map->map;
  const diag::Span span = loop.map->span;
  if (map.shape_known && !map.keyed) {
    c.diag
        .error(DiagId::map_shape, span, "a loop goes over the keys of a map, but `{}` has none",
               map.name)
        .label(map.shaped_at, "`{}` has no key here", map.name)
        .hint("its one value is `{}`", map.name);
    return c.types().error();
  }
  if (!c.need(target::Feature::for_each_map_elem, span, "`for` over a map"))
    return c.types().error();
  if (!map.key || !map.value) return nullptr;
  if (map.key->is_error() || map.value->is_error()) return c.types().error();
  const Type* value = c.read_type(map, span);
  return value->is_error() ? value : c.types().tuple({c.settled(map.key), value});
}

void check_map_loop(Checker& c, ForMap& loop) {
  Variable& variable = *loop.variable->variable;
  const Type* type = entry_type(c, loop);
  if (type && !type->is_error())
    c.assign_variable(variable, nullptr, type, loop.variable->span);
  else if (type && !variable.type)
    variable.type = type;
  loop.variable->type = variable.type;
  loop.map->type = loop.map->map->value;
  c.check_body(*loop.body);
}

}  // namespace

void Checker::check_unused(Expr* expr) {
  if (auto* node = as<IfExpr>(expr); node && as<ComptimeExpr>(node->condition)) {
    check(expr);
  } else if (node) {
    check_condition(node->condition);
    check_body(*node->then);
    if (node->otherwise) check_unused(node->otherwise);
    node->type = types().none();
  } else if (auto* block = as<BlockExpr>(expr)) {
    check_body(*block);
  } else {
    warn_of_discarded(*this, expr, check(expr));
  }
}

void Checker::check_body(BlockExpr& body) {
  for (Stmt* stmt : body.stmts) check_statement(stmt);
  if (body.value) check_unused(body.value);
  body.type = types().none();
}

void Checker::check_statement(Stmt* stmt) {
  match(
      *stmt, [&](Let& n) { check_let(n); },  //
      [&](Assign& n) { check_assign(n); }, [&](ExprStmt& n) { check_unused(n.expr); },
      [&](Discard& n) { check(n.expr); },  //
      [&](Return& n) { check_return(*this, n); },
      [&](While& n) {
        check_condition(n.condition);
        check_body(*n.body);
      },
      [&](FunctionBody& n) { check_body(*n.body); }, [&](ForRange& n) { check_range(*this, n); },
      [&](ForMap& n) { check_map_loop(*this, n); },  //
      [&](Unroll& n) { check_unroll(*this, n); },
      [&](Stmt&) {});  // break, continue; the rest is rejected before
}

}  // namespace sonde::sema
