// SPDX-License-Identifier: Apache-2.0
// The state of type checking, shared by its files. Types are inferred over the whole script:
// the tree is walked until nothing changes, silently, and then once more with messages. A type
// that is not known yet is null; after the last walk nothing is.
#pragma once

#include "ast/match.h"
#include "diag/diagnostics.h"
#include "lang/builtins.h"
#include "sema/script.h"

namespace sonde::sema {

struct Checker {
  Script& script;
  diag::Diagnostics& diag;  // of a silent walk: thrown away
  bool last_walk = false;
  bool changed = false;
  ResolvedProbe* probe = nullptr;

  TypeTable& types() { return script.types; }
  void check_probe(ResolvedProbe& p);

  // --- expressions.cpp: give the type, null when it is not known yet, and store it ---------
  const Type* check(ast::Expr* expr);
  // The same for what must be a value that operators and calls can take.
  const Type* check_value(ast::Expr* expr);
  void check_condition(ast::Expr* expr);
  const Type* check_block(ast::BlockExpr& block);
  const Type* check_map_value(ast::MapRef& ref);

  // --- operators.cpp -----------------------------------------------------------------------
  const Type* check_unary(ast::Unary& unary);
  const Type* check_binary(ast::Binary& binary);
  // `lhs op rhs` of these types; either may be null. Shared with compound assignments.
  const Type* binary_type(ast::BinaryOp op, const ast::Expr* lhs, const Type* left,
                          const ast::Expr* rhs, const Type* right, diag::Span span);
  const Type* check_cast(ast::Cast& cast);
  const Type* check_branches(const ast::Expr* a, const Type* left, const ast::Expr* b,
                             const Type* right, diag::Span span);
  void warn_of_cast(const ast::Expr* expr, const Type* from, const Type* to);

  // --- fields.cpp --------------------------------------------------------------------------
  const Type* check_field(ast::FieldRef& field);
  const Type* check_index(ast::Index& index);
  const Type* check_tuple_element(const ast::Expr& object, std::uint64_t index, diag::Span span);

  // --- kernel_types.cpp --------------------------------------------------------------------
  const Type* type_of_btf(target::BtfId id, lang::AddressSpace space);
  const Type* type_of_trace_field(const target::TraceField& field);
  const Type* resolve_type_name(const ast::TypeName& name);  // reports; `error` when unknown
  const Type* struct_type(std::string_view name);            // "task_struct"; null without BTF

  // --- calls.cpp ---------------------------------------------------------------------------
  const Type* check_call(ast::Call& call);
  const Type* check_aggregation(ast::Call& call);  // assigned directly to a map
  bool check_arguments(ast::Call& call, const lang::Signature& signature);
  void check_printf(ast::Call& call);
  const Type* check_delete(ast::Call& call);

  // --- statements.cpp ----------------------------------------------------------------------
  void check_statement(ast::Stmt* stmt);
  void check_assign(ast::Assign& assign);
  void check_let(ast::Let& let);
  void check_range(ast::ForRange& loop);
  // Widens the type of a variable or map; reports when that cannot be.
  void assign_variable(Variable& variable, const ast::Expr* value, const Type* type,
                       diag::Span span);
  void assign_map(Map& map, const ast::Expr* value, const Type* type, diag::Span span);
  void use_key(ast::MapRef& ref);
};

}  // namespace sonde::sema
