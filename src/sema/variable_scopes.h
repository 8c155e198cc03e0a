// SPDX-License-Identifier: Apache-2.0
// Which `$variable` a name means at a place of a probe, for resolve_names.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ast/nodes.h"
#include "diag/diagnostics.h"
#include "sema/script.h"

namespace sonde::sema {

class VariableScopes {
 public:
  // Begins with the scope of the whole probe.
  VariableScopes(Script& script, diag::Diagnostics& diag, ResolvedProbe& probe)
      : script_(script), diag_(diag), probe_(probe), scopes_(1) {}

  void enter() { scopes_.emplace_back(); }
  void leave() { scopes_.pop_back(); }

  // The innermost of that name; null when none is visible.
  Variable* find(const ast::VariableRef& ref) const { return find(ref.name, ref.hygiene); }
  Variable* find(std::string_view name, ast::Hygiene hygiene = {}) const;
  // In the innermost scope.
  Variable* declare(const ast::VariableRef& ref, diag::Span span, bool by_let);
  // It was declared without a value.
  void expect_assignment(const Variable& variable) { unassigned_.insert(&variable); }

  // These set `ref.variable`; reading and changing report what is not visible.
  void read(ast::VariableRef& ref);
  void inspect(ast::VariableRef& ref);  // its type is asked for, not its value
  void assign(ast::VariableRef& ref);
  void change(ast::VariableRef& ref);  // `x += 1`, `x++`

  void report_shadowing(diag::Span span, const Variable& known);
  // After the whole probe.
  void warn_of_unassigned();

 private:
  void report_undefined(ast::VariableRef& ref);
  void explain_undefined(diag::DiagnosticBuilder& report, const ast::VariableRef& ref) const;

  Script& script_;
  diag::Diagnostics& diag_;
  ResolvedProbe& probe_;
  using Name = std::pair<std::string, ast::Hygiene>;
  std::vector<std::map<Name, Variable*>> scopes_;
  // Declared without a value, and nothing is assigned up to here in the text.
  std::set<const Variable*> unassigned_;
  std::map<const Variable*, diag::Span> early_reads_;
};

}  // namespace sonde::sema
