// SPDX-License-Identifier: Apache-2.0
// Finds the variable, map or builtin behind each name. A builtin without parentheses becomes a
// Call, so that later passes know one form.
#include <map>

#include "ast/match.h"
#include "base/text.h"
#include "lang/builtins.h"
#include "lang/planned.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;

struct NameResolution {
  Script& script;
  diag::Diagnostics& diag;
  ResolvedProbe& probe;
  std::vector<std::map<std::string, Variable*, std::less<>>> scopes{};

  // --- variables -------------------------------------------------------------------------

  Variable* find_variable(std::string_view name) {
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
      if (const auto found = scope->find(name); found != scope->end()) return found->second;
    return nullptr;
  }

  Variable* declare(const VariableRef& ref, diag::Span span, bool by_let) {
    Variable& variable = probe.variables.emplace_back();
    variable.name = ref.name;
    variable.declared_at = span;
    variable.is_declaration = by_let;
    scopes.back()[ref.name] = &variable;
    return &variable;
  }

  void use(VariableRef& ref) {
    ref.variable = find_variable(ref.name);
    if (ref.variable) return;
    auto report = diag.error(DiagId::undefined_variable, ref.span,
                             "Undefined or undeclared variable: ${}", ref.name);
    for (const Variable& other : probe.variables) {
      if (other.name != ref.name) continue;
      report.label(other.declared_at, "`${}` lives only in the block where it is first assigned",
                   ref.name);
      report.hint("declare it before that block: `let ${};`", ref.name);
      return;
    }
    std::vector<std::string> names;
    for (const auto& scope : scopes)
      for (const auto& [name, variable] : scope) names.push_back("$" + name);
    report.suggest(nearest("$" + ref.name, std::span<const std::string>(names)));
  }

  void visit_let(Let& let) {
    if (let.value) visit(let.value);
    if (const Variable* known = find_variable(let.variable->name)) {
      diag.error(DiagId::shadowed_variable, join(let.span, let.variable->span),
                 "Variable ${} was already declared. Variable shadowing is not allowed.",
                 let.variable->name)
          .label(known->declared_at, "This is the initial {}.",
                 known->is_declaration ? "declaration" : "assignment");
      use(*let.variable);
      return;
    }
    const diag::Span span{let.span.file, let.span.begin, let.variable->span.end};
    let.variable->variable = declare(*let.variable, span, true);
  }

  // The ends are evaluated outside of the loop's own scope.
  void visit_range(ForRange& loop) {
    visit(loop.begin);
    visit(loop.end);
    if (const Variable* known = find_variable(loop.variable->name))
      diag.error(DiagId::shadowed_variable, loop.variable->span,
                 "Loop declaration shadows existing variable: ${}", loop.variable->name)
          .label(known->declared_at, "This is the initial {}.",
                 known->is_declaration ? "declaration" : "assignment");
    scopes.emplace_back();
    loop.variable->variable = declare(*loop.variable, loop.variable->span, true);
    visit(loop.body);
    scopes.pop_back();
  }

  void visit_assign(Assign& assign) {
    visit(assign.value);
    auto* variable = as<VariableRef>(assign.target);
    if (variable && !assign.op && !find_variable(variable->name))
      variable->variable = declare(*variable, variable->span, false);
    else
      visit(assign.target);
  }

  // --- maps ------------------------------------------------------------------------------

  void use(MapRef& ref) {
    for (Map& map : script.maps) {
      if (map.name != ref.name) continue;
      ref.map = &map;
      return;
    }
    Map& map = script.maps.emplace_back();
    map.name = ref.name;
    map.first_use = ref.span;
    ref.map = &map;
  }

  // --- builtins --------------------------------------------------------------------------

  bool report_planned(std::string_view name, diag::Span span) {
    if (!lang::is_planned(lang::PlannedGroup::builtin, name)) return false;
    diag.error(DiagId::not_supported_yet, span, "`{}` is not supported yet", name);
    return true;
  }

  std::string_view nearest_builtin(std::string_view name) {
    const auto names = lang::builtin_names();
    return nearest(name, std::span<const std::string_view>(names));
  }

  Expr* resolve(Identifier& identifier) {
    lang::FoundBuiltin found{};
    if (lang::find_builtin(identifier.name, found)) {
      if (!lang::row(found.builtin).bare) {
        diag.error(DiagId::missing_parentheses, identifier.span,
                   "`{}` is a function, expected `{}(…)`", identifier.name, identifier.name);
      }
      if (found.builtin == lang::Builtin::probe)
        return make<StringLiteral>(script.arena, identifier.span, probe.name);
      Call* call = make<Call>(script.arena, identifier.span, identifier.name, std::vector<Expr*>{});
      call->builtin = found.builtin;
      call->argument = found.argument;
      return call;
    }
    if (report_planned(identifier.name, identifier.span)) return &identifier;
    auto report = diag.error(DiagId::unknown_identifier, identifier.span,
                             "Unknown identifier: '{}'", identifier.name);
    if (find_variable(identifier.name))
      report.hint("variables start with `$`: `${}`", identifier.name);
    else
      report.suggest(nearest_builtin(identifier.name));
    return &identifier;
  }

  void resolve(Call& call) {
    lang::FoundBuiltin found{};
    if (lang::find_builtin(call.name, found)) {
      call.builtin = found.builtin;
      call.argument = found.argument;
      return;
    }
    if (report_planned(call.name, call.span)) return;
    diag.error(DiagId::unknown_function, call.span, "Unknown function: '{}'", call.name)
        .suggest(nearest_builtin(call.name));
  }

  // `delete(@m[k])` is the older spelling of `delete(@m, k)`.
  void split_delete(Call& call) {
    auto* ref = call.args.size() == 1 ? as<MapRef>(call.args[0]) : nullptr;
    if (call.builtin != lang::Builtin::delete_ || !ref || !ref->key) return;
    call.args.push_back(ref->key);
    call.args[0] = make<MapRef>(script.arena, ref->span, ref->name, nullptr);
  }

  void visit_arguments(Call& call) {
    split_delete(call);
    const bool takes_mode =
        call.builtin == lang::Builtin::kstack || call.builtin == lang::Builtin::ustack;
    for (Expr*& argument : call.args)
      if (!takes_mode || !as<Identifier>(argument)) visit(argument);
  }

  // --- walk ------------------------------------------------------------------------------

  void children(Node& node) {
    for_each_child(node, [this](auto& child) { visit(child); });
  }

  template <typename Slot>
  void visit(Slot& slot) {
    if constexpr (std::is_same_v<Slot, Expr*>) {
      if (auto* identifier = as<Identifier>(slot)) {
        slot = resolve(*identifier);
        return;
      }
    }
    match(
        *static_cast<Node*>(slot),
        [&](BlockExpr& block) {
          scopes.emplace_back();
          children(block);
          scopes.pop_back();
        },
        [&](Let& let) { visit_let(let); },
        [&](ForRange& loop) { visit_range(loop); },
        [&](Assign& assign) { visit_assign(assign); },
        [&](VariableRef& ref) { use(ref); },
        [&](MapRef& ref) {
          use(ref);
          children(ref);
        },
        [&](Call& call) {
          resolve(call);
          visit_arguments(call);
        },
        [&](Node& node) { children(node); });
  }
};

}  // namespace

void resolve_names(Script& script, diag::Diagnostics& diagnostics) {
  for (const auto& probe : script.probes) {
    NameResolution resolution{script, diagnostics, *probe};
    resolution.scopes.emplace_back();
    if (probe->predicate) resolution.visit(probe->predicate);
    resolution.visit(probe->body);
  }
}

}  // namespace sonde::sema
