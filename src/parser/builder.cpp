// SPDX-License-Identifier: Apache-2.0
#include "parser/builder.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "ast/ops.h"
#include "diag/diagnostics.h"

namespace sonde::parser {

namespace {

using diag::DiagId;
using diag::Span;

// Tighter is higher. All binary operators are left associative.
int precedence(ast::BinaryOp op) {
  using enum ast::BinaryOp;
  switch (op) {
    case log_or: return 1;
    case log_and: return 2;
    case bit_or: return 3;
    case bit_xor: return 4;
    case bit_and: return 5;
    case eq:
    case ne: return 6;
    case lt:
    case le:
    case gt:
    case ge: return 7;
    case shl:
    case shr: return 8;
    case add:
    case sub: return 9;
    case mul:
    case div:
    case mod: return 10;
  }
  SONDE_UNREACHABLE("every binary operator has a precedence");
}

// `$x++` as written, not `($x++)`.
bool is_step(const ast::ExprStmt& stmt) {
  const auto* step = ast::as<ast::IncDec>(stmt.expr);
  return step && !step->prefix && step->span == stmt.span;
}

bool is_head_item(const ast::Item& item) {
  return item.kind == ast::NodeKind::CDefinition || item.kind == ast::NodeKind::Config ||
         item.kind == ast::NodeKind::RootImport;
}

}  // namespace

void Builder::check_order(const ast::Item& item) {
  const bool is_config = item.kind == ast::NodeKind::Config;
  // C text is what begins a script.
  const bool is_late_c = item.kind == ast::NodeKind::CDefinition && past_c_;
  if ((past_head_ && is_head_item(item)) || is_late_c) {
    const std::string_view what = is_config                                 ? "config"
                                  : item.kind == ast::NodeKind::CDefinition ? "C definitions"
                                                                            : "root imports";
    diagnostics_
        .error(DiagId::misplaced_item, item.span, "{} must appear before {}", what,
               past_head_ ? "probes and functions" : "config and imports")
        .hint("move it to the top of the script");
  }
  if (is_config && has_config_)
    diagnostics_.error(DiagId::misplaced_item, item.span, "duplicate config block")
        .hint("put all settings into the first one");
  past_head_ |= !is_head_item(item);
  past_c_ |= item.kind != ast::NodeKind::CDefinition;
  has_config_ |= is_config;
}

void Builder::add_item(ast::Item* item) {
  if (!item) return;
  check_order(*item);
  items_.push_back(item);
}

ast::Program* Builder::program(Span span) {
  auto* program = make<ast::Program>(span, std::move(items_));
  const ast::Extent extent = ast::extent_of(*program);
  if (!extent.too_deep) return program;
  diagnostics_.error(DiagId::too_deep, extent.too_deep->span,
                     "this is nested in more than {} levels of other code", ast::maximum_depth);
  return nullptr;
}

ast::MacroParam* Builder::builtin_as_param(std::string_view name, Span span) {
  diagnostics_
      .error(DiagId::syntax, span, "syntax: builtin '{}' can't be used as a macro argument", name)
      .hint("choose another name for the parameter");
  return make<ast::MacroParam>(span, name);
}

ast::BlockExpr* Builder::block(Span span, StmtList stmts) {
  return make<ast::BlockExpr>(span, std::move(stmts), nullptr);
}

ast::BlockExpr* Builder::block_with_last(Span span, StmtList stmts, ast::Stmt* last) {
  stmts.push_back(last);
  return block_with_last(span, std::move(stmts));
}

// `{ … $x++ }` has no value: the statement `$x++` comes before the expression in the grammar.
ast::BlockExpr* Builder::block_with_last(Span span, StmtList stmts) {
  const auto* last = ast::as<ast::ExprStmt>(stmts.back());
  if (!last || is_step(*last)) return block(span, std::move(stmts));
  stmts.pop_back();
  return make<ast::BlockExpr>(span, std::move(stmts), last->expr);
}

// bpftrace marks `break;` with its `;`, and so do we.
StmtList Builder::add_terminated(StmtList stmts, ast::Stmt* stmt, Span semicolon) {
  if (ast::as<ast::Break>(stmt) || ast::as<ast::Continue>(stmt))
    stmt->span = diag::join(stmt->span, semicolon);
  stmts.push_back(stmt);
  return stmts;
}

ast::Stmt* Builder::loop(Span span, const LoopHead& head, ast::BlockExpr* body) {
  if (head.map) return make<ast::ForMap>(span, head.variable, head.map, body);
  return make<ast::ForRange>(span, head.variable, head.begin, head.end, body);
}

ast::Stmt* Builder::assign(Span span, Operand target, std::optional<ast::BinaryOp> op,
                           ast::Expr* value) {
  const auto* name = ast::as<ast::Identifier>(target.expr);
  if (name && name->name == "_" && !op) return make<ast::Discard>(span, value);
  const bool is_place = ast::as<ast::VariableRef>(target.expr) || ast::as<ast::MapRef>(target.expr);
  if (!is_place) {
    auto report = diagnostics_.error(DiagId::bad_assignment, target.span,
                                     "expected a variable or a map in front of the assignment");
    if (ast::as<ast::FieldRef>(target.expr) || ast::as<ast::TupleRef>(target.expr) ||
        ast::as<ast::Index>(target.expr))
      report.hint("tuples, records and arrays never change once created; make a new one");
    else if (name)
      report.hint("variables start with `$`, maps with `@`: `${}`", name->name);
    else if (const auto* unary = ast::as<ast::Unary>(target.expr);
             unary && unary->op == ast::UnaryOp::dereference)
      report.hint("traced memory can only be read");
  }
  return make<ast::Assign>(span, target.expr, op, value);
}

// The last two operands become one.
void Builder::reduce(Chain& chain) {
  const Operand rhs = chain.operands.back();
  chain.operands.pop_back();
  Operand& lhs = chain.operands.back();
  lhs.span = diag::join(lhs.span, rhs.span);
  lhs.expr = make<ast::Binary>(lhs.span, chain.ops.back(), lhs.expr, rhs.expr);
  chain.ops.pop_back();
}

Chain Builder::extend_chain(Chain chain, ast::BinaryOp op, Operand next) {
  while (!chain.ops.empty() && precedence(chain.ops.back()) >= precedence(op)) reduce(chain);
  chain.ops.push_back(op);
  chain.operands.push_back(next);
  return chain;
}

ast::Expr* Builder::finish_chain(Chain chain) {
  while (!chain.ops.empty()) reduce(chain);
  return chain.operands.front().expr;
}

ast::Expr* Builder::ternary(Span span, Chain condition, Branches branches) {
  return make<ast::Ternary>(span, finish_chain(std::move(condition)), branches.then,
                            branches.otherwise);
}

ast::Expr* Builder::member(Span span, ast::Expr* object, const Member& member) {
  if (!member.name) return make<ast::TupleRef>(span, object, member.index);
  // Without the `.` or `->`, and the blanks that may follow it.
  const auto length = static_cast<std::uint32_t>(member.name->size());
  const Span field{member.span.file, member.span.end - length, member.span.end};
  return make<ast::FieldRef>(span, object, *member.name, field);
}

ast::Expr* Builder::keyed_map(Span span, std::string_view name, ExprList keys, Span keys_span) {
  ast::Expr* key = keys.front();
  if (keys.size() > 1) key = make<ast::TupleExpr>(keys_span, std::move(keys));
  return make<ast::MapRef>(span, name, key);
}

// The type of a cast is marked with its parentheses.
ast::Expr* Builder::cast(Span span, Span parentheses, ast::TypeName* type, ast::Expr* operand) {
  type->span = parentheses;
  return make<ast::Cast>(span, type, operand);
}

ast::Expr* Builder::tuple(Span span, ast::Expr* first, ExprList rest) {
  rest.insert(rest.begin(), first);
  return make<ast::TupleExpr>(span, std::move(rest));
}

std::vector<ast::RecordField*> Builder::add_field(std::vector<ast::RecordField*> fields,
                                                  std::string_view name, ast::Expr* value,
                                                  Span span) {
  const auto first = std::ranges::find(fields, name, &ast::RecordField::name);
  if (first != fields.end())
    diagnostics_
        .error(DiagId::syntax, span, "syntax: Named argument list already contains name: {}", name)
        .label((*first)->span, "this is the first `{}`", name);
  fields.push_back(make<ast::RecordField>(span, name, value));
  return fields;
}

ast::TypeName* Builder::named_type(Span span, std::string_view tag, std::string_view name) {
  return make<ast::TypeName>(span, tag, name, nullptr, nullptr, std::vector<std::int64_t>{});
}

ast::TypeName* Builder::type_of(Span span, ast::Expr* expr, ast::TypeName* type) {
  return make<ast::TypeName>(span, "", "", expr, type, std::vector<std::int64_t>{});
}

ast::TypeName* Builder::with_suffix(Span span, ast::TypeName* type, std::int64_t suffix) {
  type->span = span;
  type->suffixes.push_back(suffix);
  return type;
}

ast::TypeName* Builder::with_size(Span span, ast::TypeName* type, std::uint64_t size) {
  constexpr std::uint64_t maximum = std::numeric_limits<std::int64_t>::max();
  if (size > maximum)
    diagnostics_
        .error(DiagId::bad_integer, span, "syntax: overflow error, maximum value is {}: {}",
               maximum, size)
        .hint("a type has fewer elements: `int8[16]`");
  return with_suffix(span, type, static_cast<std::int64_t>(size & maximum));
}

}  // namespace sonde::parser
