// SPDX-License-Identifier: Apache-2.0
// What the actions of grammar.yy call: nodes in the arena, and the few checks that belong to
// the syntax but not to one token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ast/match.h"
#include "ast/nodes.h"
#include "base/arena.h"
#include "diag/span.h"

namespace sonde::diag {
class Diagnostics;
class SourceMap;
}  // namespace sonde::diag

namespace sonde::parser {

using ExprList = std::vector<ast::Expr*>;
using StmtList = std::vector<ast::Stmt*>;

// An expression and where it is written, with its parentheses: `(1 + 2)`.
struct Operand {
  ast::Expr* expr = nullptr;
  diag::Span span;
};

// `a + b * c` as far as it is read: the operators that wait for their right side, one fewer
// than operands.
struct Chain {
  std::vector<Operand> operands;
  std::vector<ast::BinaryOp> ops;
};

// `? then : otherwise`
struct Branches {
  ast::Expr* then = nullptr;
  ast::Expr* otherwise = nullptr;
};

// `.name`, `->name` or `.0`
struct Member {
  std::optional<std::string_view> name;
  std::uint64_t index = 0;
  diag::Span span;
};

// `$kv : @map` or `$i : begin..end`
struct LoopHead {
  ast::VariableRef* variable = nullptr;
  ast::MapRef* map = nullptr;
  ast::Expr* begin = nullptr;
  ast::Expr* end = nullptr;
};

class Builder {
 public:
  Builder(Arena& arena, diag::Diagnostics& diagnostics)
      : arena_(arena), diagnostics_(diagnostics) {}

  template <typename T, typename... Values>
  T* make(diag::Span span, Values&&... values) {
    return ast::make<T>(arena_, span, std::forward<Values>(values)...);
  }

  // 1.4 to 1.6. `item` is null after an error.
  void add_item(ast::Item* item);
  // Of all items, when no error was reported. Null, and reported, when it is too deep.
  ast::Program* program(diag::Span span);
  ast::MacroParam* builtin_as_param(std::string_view name, diag::Span span);

  // Blocks. A trailing statement without `;` is the value of the block when it is an expression.
  ast::BlockExpr* block(diag::Span span, StmtList stmts);
  ast::BlockExpr* block_with_last(diag::Span span, StmtList stmts, ast::Stmt* last);
  ast::BlockExpr* block_with_last(diag::Span span, StmtList stmts);
  StmtList add_terminated(StmtList stmts, ast::Stmt* stmt, diag::Span semicolon);
  ast::Stmt* loop(diag::Span span, const LoopHead& head, ast::BlockExpr* body);
  ast::Stmt* assign(diag::Span span, Operand target, std::optional<ast::BinaryOp> op,
                    ast::Expr* value);

  // Expressions
  Chain start_chain(Operand first) { return {{first}, {}}; }
  Chain extend_chain(Chain chain, ast::BinaryOp op, Operand next);
  ast::Expr* finish_chain(Chain chain);
  ast::Expr* ternary(diag::Span span, Chain condition, Branches branches);
  ast::Expr* member(diag::Span span, ast::Expr* object, const Member& member);
  ast::Expr* keyed_map(diag::Span span, std::string_view name, ExprList keys, diag::Span keys_span);
  ast::Expr* cast(diag::Span span, diag::Span parentheses, ast::TypeName* type, ast::Expr* operand);
  ast::Expr* tuple(diag::Span span, ast::Expr* first, ExprList rest);
  std::vector<ast::RecordField*> add_field(std::vector<ast::RecordField*> fields,
                                           std::string_view name, ast::Expr* value,
                                           diag::Span span);

  // Types
  ast::TypeName* named_type(diag::Span span, std::string_view tag, std::string_view name);
  ast::TypeName* type_of(diag::Span span, ast::Expr* expr, ast::TypeName* type);
  ast::TypeName* with_suffix(diag::Span span, ast::TypeName* type, std::int64_t suffix);
  ast::TypeName* with_size(diag::Span span, ast::TypeName* type, std::uint64_t size);

 private:
  void reduce(Chain& chain);
  void check_order(const ast::Item& item);

  Arena& arena_;
  diag::Diagnostics& diagnostics_;
  std::vector<ast::Item*> items_;
  bool past_c_ = false;     // something was seen that is no C text
  bool past_head_ = false;  // a probe, macro, map or function was seen
  bool has_config_ = false;
};

}  // namespace sonde::parser
