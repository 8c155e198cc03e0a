// SPDX-License-Identifier: Apache-2.0
#include "sema/variable_scopes.h"

#include "base/text.h"
#include "lang/builtins.h"

namespace sonde::sema {

using diag::DiagId;

Variable* VariableScopes::find(std::string_view name, ast::Hygiene hygiene) const {
  const Name wanted(name, hygiene);
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (const auto found = scope->find(wanted); found != scope->end()) return found->second;
  return nullptr;
}

Variable* VariableScopes::declare(const ast::VariableRef& ref, diag::Span span, bool by_let) {
  Variable& variable = probe_.variables.emplace_back();
  variable.name = ref.name;
  variable.hygiene = ref.hygiene;
  variable.declared_at = span;
  variable.is_declaration = by_let;
  scopes_.back()[Name(ref.name, ref.hygiene)] = &variable;
  return &variable;
}

void VariableScopes::read(ast::VariableRef& ref) {
  inspect(ref);
  if (unassigned_.contains(ref.variable)) early_reads_.try_emplace(ref.variable, ref.span);
}

void VariableScopes::inspect(ast::VariableRef& ref) {
  ref.variable = find(ref);
  if (!ref.variable) report_undefined(ref);
}

void VariableScopes::assign(ast::VariableRef& ref) {
  ref.variable = find(ref);
  if (!ref.variable) ref.variable = declare(ref, ref.span, false);
  unassigned_.erase(ref.variable);
}

void VariableScopes::change(ast::VariableRef& ref) {
  ref.variable = find(ref);
  if (!ref.variable) report_undefined(ref);
  unassigned_.erase(ref.variable);
}

// The name is declared, so that it is reported once.
void VariableScopes::report_undefined(ast::VariableRef& ref) {
  auto report = diag_.error(DiagId::undefined_variable, ref.span,
                            "the variable `${}` is not known here", ref.name);
  explain_undefined(report, ref);
  ref.variable = declare(ref, ref.span, false);
  ref.variable->fixed_type = script_.types.error();
  ref.variable->type = ref.variable->fixed_type;
}

void VariableScopes::explain_undefined(diag::DiagnosticBuilder& report,
                                       const ast::VariableRef& ref) const {
  const std::string& name = ref.name;
  for (const Variable& other : probe_.variables) {
    if (other.name != name || other.hygiene != ref.hygiene || other.fixed_type)
      continue;  // a type here: was reported itself
    if (other.is_loop_variable) {
      report.label(other.declared_at, "`${}` lives only in this loop", name);
      return;
    }
    report.label(other.declared_at, "`${}` lives only in the block where it is {}", name,
                 other.is_declaration ? "declared" : "first assigned");
    if (other.is_declaration)
      report.hint("move `let ${};` before that block", name);
    else
      report.hint("declare it before that block: `let ${};`", name);
    return;
  }
  std::vector<std::string> names;
  for (const auto& scope : scopes_)
    for (const auto& [known, variable] : scope)
      if (known.second == ref.hygiene) names.push_back("$" + known.first);
  const std::string_view candidate = nearest("$" + name, std::span<const std::string>(names));
  lang::FoundBuiltin builtin{};
  if (!candidate.empty() && name.size() > 2)
    report.suggest(candidate);
  else if (lang::find_builtin(name, builtin))
    report.hint("the builtin has no `$`: `{}`", name);
  else
    report.hint("a variable begins with its first assignment: `${} = …;`", name);
}

void VariableScopes::report_shadowing(diag::Span span, const Variable& known) {
  diag_
      .error(DiagId::shadowed_variable, span, "`${}` is declared already; a name cannot be hidden",
             known.name)
      .label(known.declared_at, "`${}` is {} here", known.name,
             known.is_declaration ? "declared" : "first assigned")
      .hint("choose another name, or assign without `let`");
}

void VariableScopes::warn_of_unassigned() {
  for (const Variable& variable : probe_.variables) {
    const auto read_at = early_reads_.find(&variable);
    if (unassigned_.contains(&variable))
      diag_
          .warning(DiagId::never_assigned, variable.declared_at,
                   "`${}` is never assigned, so it is always 0", variable.name)
          .hint("assign it, or leave the declaration out");
    else if (read_at != early_reads_.end())
      diag_
          .warning(DiagId::used_before_assigned, read_at->second,
                   "`${}` is read before it is assigned: it is 0 then", variable.name)
          .hint("give it a value where it is declared: `let ${} = …;`", variable.name);
  }
}

}  // namespace sonde::sema
