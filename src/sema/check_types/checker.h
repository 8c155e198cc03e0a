// SPDX-License-Identifier: Apache-2.0
// The state of type checking, shared by its files. Types are inferred over the whole script:
// the tree is walked until nothing changes, silently, and then once more with messages. A type
// that is not known yet is null; after the last walk nothing is.
#pragma once

#include <optional>

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
  // Types grow while addresses are not taken: `&$x` has none before the one of `$x` is settled.
  bool takes_addresses = true;
  ResolvedProbe* probe = nullptr;

  TypeTable& types() { return script.types; }
  void check_probe(ResolvedProbe& p);

  // --- expressions.cpp: give the type, null when it is not known yet, and store it ---------
  const Type* check(ast::Expr* expr);
  // The same for what must be a value that operators and calls can take.
  const Type* check_value(ast::Expr* expr);
  void check_condition(ast::Expr* expr);
  const Type* check_block(ast::BlockExpr& block);
  // An expression whose value nobody takes, and a body: arms of an `if` need not agree there.
  void check_unused(ast::Expr* expr);
  void check_body(ast::BlockExpr& body);
  const Type* check_map_value(ast::MapRef& ref);
  // What was assigned a literal has the literal's type, but is no literal itself.
  const Type* settled(const Type* type);

  // --- operators.cpp -----------------------------------------------------------------------
  const Type* check_unary(ast::Unary& unary);
  const Type* check_binary(ast::Binary& binary);
  // `lhs op rhs` of these types; either may be null. Shared with compound assignments.
  const Type* binary_type(ast::BinaryOp op, const ast::Expr* lhs, const Type* left,
                          const ast::Expr* rhs, const Type* right, diag::Span span);
  const Type* check_cast(ast::Cast& cast);
  const Type* check_branches(const ast::Expr* a, const Type* left, const ast::Expr* b,
                             const Type* right, diag::Span span);
  void warn_of_cast(diag::Span span, const Type* from, const Type* to);

  // --- addresses.cpp: `&`, `*`, kptr() and uptr(), and where pointers point to ---------------
  const Type* check_address_of(const ast::Unary& unary);
  const Type* check_dereference(const ast::Unary& unary, const Type* type);
  const Type* check_space_call(const ast::Call& call, lang::AddressSpace space);
  // What a cast of such a value gives: it points to where its operand does.
  const Type* cast_to_space(const Type* to, const Type& from);
  // The result of an operation of two values, one of which may be an address.
  const Type* combine_spaces(const Type* result, const ast::Expr* lhs, const Type& left,
                             const ast::Expr* rhs, const Type& right, diag::Span span);
  lang::AddressSpace probe_space() const { return lang::row(probe->kind).address_space; }

  // --- fields.cpp --------------------------------------------------------------------------
  const Type* check_field(ast::FieldRef& field);
  const Type* check_index(ast::Index& index);
  // Of a tuple or record, the error type when it is reported as too much for a probe.
  const Type* small_enough(const Type* type, diag::Span span);
  const Type* check_tuple_element(const ast::Expr& object, std::uint64_t index, diag::Span span);
  // In bytes; of a bit field, where the byte with its first bit is. Reports.
  std::optional<std::uint32_t> find_offset(const ast::OffsetofExpr& node, const Type& owner);

  // --- kernel_types.cpp --------------------------------------------------------------------
  const Type* type_of_trace_field(const target::TraceField& field);
  // Reports; `error` when unknown. `T[]` is an array of 0 elements. Null when it is `typeof` what
  // is not known yet.
  const Type* resolve_type_name(const ast::TypeName& name);
  const Type* struct_type(std::string_view name);  // "task_struct"; null when unknown
  bool traces_program() const;                     // the probe is one of a user program
  // Reports what needs BTF; `error`.
  const Type* no_btf(diag::Span span, std::string_view what);

  // --- questions.cpp: sizeof, offsetof, typeinfo, comptime, is_str() and so on ---------------
  // Null until it is answered, which makes it a literal.
  const Type* check_question(ast::Expr& question);
  const Type* check_comptime(ast::ComptimeExpr& node);
  // The literal for `question`, or null when its types are not known.
  ast::Expr* answer(ast::Expr& question);
  // Of what `sizeof` and the like are asked about; one of the two is present.
  const Type* asked_type(const ast::TypeName* of_type, ast::Expr* of_expr);
  // What `@m` alone means there: the keys of a keyed map, the value of a scalar one.
  const Type* type_of_map(const ast::MapRef& ref);

  // --- calls.cpp ---------------------------------------------------------------------------
  const Type* check_call(ast::Call& call);
  // Whether an argument has an open question, so that it may become a literal.
  bool waits_for_answers(ast::Call& call);
  bool check_arguments(ast::Call& call, const lang::Signature& signature);

  // --- compile_time.cpp: calls that leave no code -------------------------------------------
  const Type* check_compile_time(ast::Call& call);

  // --- text_calls.cpp: str, buf, and what measures and compares bytes ----------------------
  // `complete`: the arguments fit the signature, and their types are known.
  const Type* check_text_call(ast::Call& call, const lang::Signature& signature, bool complete);

  // --- value_calls.cpp: symbols, names, addresses, times -----------------------------------
  const Type* check_value_call(ast::Call& call, const lang::Signature& signature, bool complete);

  // --- kernel_calls.cpp: what needs functions, variables or registers of the kernel --------
  const Type* check_kernel_call(ast::Call& call, const lang::Signature& signature, bool complete);

  // --- foreign_calls.cpp -------------------------------------------------------------------
  const Type* check_foreign(ast::Call& call);

  // --- aggregations.cpp: assigned directly to a map ----------------------------------------
  const Type* check_aggregation(ast::Call& call);
  // What reading a value gives: of an aggregation, the number that it comes to. Reports what has no
  // single number.
  const Type* read_type(const Map& map, diag::Span span);
  // What is shown as text may be a stats() value too.
  const Type* check_shown(ast::Expr* expr);
  // Reports `what` when the kernel lacks the feature.
  bool need(target::Feature feature, diag::Span span, std::string_view what);
  void report_other_aggregation(const Map& map, const Type* type, diag::Span span);

  // --- map_calls.cpp: delete, has_key, find, len -------------------------------------------
  const Type* check_map_call(ast::Call& call);

  // --- output_calls.cpp --------------------------------------------------------------------
  void check_printf(ast::Call& call);
  void check_debugf(ast::Call& call);
  void check_print(ast::Call& call);
  void check_join(ast::Call& call);

  // --- probe_values.cpp: what the probe's context holds ------------------------------------
  const Type* check_args(const ast::Call& call);
  // The arguments of the traced user function; null, with a report, when they are not known.
  const std::vector<target::UserParam>* user_params(diag::Span span);
  // The type of the traced kernel function; null, with a report, when its arguments are not known.
  const KernelFunctionType* kernel_function(diag::Span span);
  const Type* check_numbered_argument(const ast::Call& call);  // argN
  const Type* check_retval(const ast::Call& call);
  const Type* context_type();   // ctx
  const Type* function_type();  // func
  const Type* probe_name_type(const ast::Call& call);
  const Type* stack_type(ast::Call& call, TypeKind kind);
  const Type* check_unwinding(ast::Call& call);

  // --- statements.cpp ----------------------------------------------------------------------
  void check_statement(ast::Stmt* stmt);

  // --- assignments.cpp ---------------------------------------------------------------------
  void check_assign(ast::Assign& assign);
  void check_aggregation_copy(ast::MapRef& target, ast::MapRef& source, const Type* type);
  void check_let(ast::Let& let);
  void declare(Variable& variable, const ast::TypeName& name);
  const Type* check_change(ast::IncDec& change);
  // Widens the type of a variable or map; reports when that cannot be. `value` is null for what
  // the statement computes, as in `x += 1`.
  void assign_variable(Variable& variable, const ast::Expr* value, const Type* type,
                       diag::Span span);
  void assign_map(Map& map, const ast::Expr* value, const Type* type, diag::Span span);
  void use_key(ast::MapRef& ref);
  void report_locked(const std::string& name, const Type* type, const Type* wider, diag::Span span,
                     diag::Span locked_at);
  // The arguments of a probe as a whole cannot be kept. Reports.
  bool can_be_stored(const Type* type, diag::Span span);
};

// questions.cpp
bool has_open_question(const ast::Node& node);
// Between two rounds of inference: replaces the questions whose types are known by literals, and
// computes what follows from them. Whether there were any.
bool answer_questions(Script& script, diag::Diagnostics& diagnostics);

// map_declarations.cpp: whether declared maps are used, and as what they are declared.
void check_map_declarations(const Script& script, diag::Diagnostics& diag);

}  // namespace sonde::sema
