// SPDX-License-Identifier: Apache-2.0
// The state of the expansion of macros and functions, shared by its files.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ast/match.h"
#include "ast/ops.h"
#include "diag/diagnostics.h"
#include "sema/script.h"

namespace sonde::sema {

struct Expander {
  Script& script;
  diag::Diagnostics& diag;

  using Macros = std::vector<ast::Macro*>;
  std::map<std::string, Macros, std::less<>> macros = {};
  std::map<std::string, ast::Subprogram*, std::less<>> functions = {};
  std::vector<ast::Subprogram*> definitions = {};  // of functions, those without a mistake
  std::set<const ast::Subprogram*> called = {};

  // Whose bodies the walk is in, outermost first.
  struct Open {
    const ast::Node* definition;
    std::string_view name;
  };
  std::vector<Open> open = {};
  // The body that is being made from a call.
  struct Expansion {
    ast::Hygiene hygiene;  // its own number
    diag::Span call;
    diag::ExpansionId id = 0;
    bool library = false;
  };
  unsigned last_number = 0;
  std::size_t depth = 0;     // of the walk
  std::size_t nodes = 0;     // copied so far
  bool is_too_much = false;  // was reported

  // --- expand_macros.cpp: the walk and calls -----------------------------------------------
  void visit(ast::Node& node);
  void visit(ast::Expr*& slot);
  // Null when `name(args)` is no macro or function. A word has no parentheses.
  ast::Expr* expand(const std::string& name, std::vector<ast::Expr*>& args, diag::Span call,
                    bool is_word);
  bool reports_recursion(const ast::Node& definition, std::string_view name, diag::Span call);
  // Reports when there are too many.
  bool start(Expansion& expansion, diag::Span call, bool library);
  // Before something is copied to `levels` below the walk; reports when that makes the code too
  // much or too deep to be worked on.
  bool may_copy(const ast::Extent& extent, std::size_t levels, diag::Span call);
  void report_too_much(diag::Span call);
  // Gives a copied body the places of the expansion.
  void place(ast::Node& body, const Expansion& expansion);
  ast::Expr* bad(diag::Span span);

  // --- macro_body.cpp ----------------------------------------------------------------------
  // A copy of the body for one call: parameters substituted, variables and places its own.
  ast::BlockExpr* instantiate(const ast::Macro& macro, const std::vector<ast::Expr*>& args,
                              const Expansion& expansion);

  // --- function_body.cpp -------------------------------------------------------------------
  ast::Expr* call_function(const ast::Subprogram& function, std::vector<ast::Expr*>& args,
                           diag::Span call);
  ast::BlockExpr* function_block(const ast::Subprogram& function, std::span<ast::Expr* const> args,
                                 const Expansion& expansion);
  // Puts the functions that nothing calls back into the script; check_uncalled goes on with them.
  void keep_uncalled();

  // --- check_definitions.cpp ---------------------------------------------------------------
  // Finds the definitions of the script.
  void collect();
};

// How a macro takes an argument: `$x`, `@x` or an expression.
enum class ArgumentKind : unsigned char { variable, map, expression };
ArgumentKind kind_of(const ast::MacroParam& param);
ArgumentKind kind_of(const ast::Expr* argument);
std::string_view words(ArgumentKind kind);
// Whether its type is not `void`.
bool has_result(const ast::Subprogram& function);

}  // namespace sonde::sema
