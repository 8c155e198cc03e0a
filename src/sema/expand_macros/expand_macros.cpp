// SPDX-License-Identifier: Apache-2.0
// Puts the bodies of macros and functions in the place of their calls. A macro of the script wins
// over one of the library and over a builtin; inside the library only the library is looked at.
#include <algorithm>

#include "ast/ops.h"
#include "base/text.h"
#include "lang/builtins.h"
#include "lang/planned.h"
#include "sema/expand_macros/expander.h"
#include "sema/modules.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;

bool takes(const Macro& macro, std::span<Expr* const> args) {
  return std::ranges::equal(macro.params, args, [](const MacroParam* param, const Expr* argument) {
    const ArgumentKind wanted = kind_of(*param);
    return wanted == ArgumentKind::expression || wanted == kind_of(argument);
  });
}

const Macro* find_taking(const std::vector<Macro*>& macros, std::span<Expr* const> args) {
  const auto found = std::ranges::find_if(macros, [&](const Macro* m) { return takes(*m, args); });
  return found == macros.end() ? nullptr : *found;
}

bool is_builtin(std::string_view name) {
  lang::FoundBuiltin found{};
  return lang::find_builtin(name, found) || lang::is_planned(lang::PlannedGroup::builtin, name);
}

std::string plural(std::size_t count) {
  return count == 1 ? "one argument" : fmt::format("{} arguments", count);
}

// Says what the closest definition wants: one with as many parameters if there is any.
void explain_mismatch(diag::DiagnosticBuilder& report, const std::string& name,
                      const std::vector<Macro*>& macros, std::span<Expr* const> args) {
  const auto same_count =
      std::ranges::find_if(macros, [&](const Macro* m) { return m->params.size() == args.size(); });
  if (same_count == macros.end()) {
    const Macro& macro = *macros.front();
    report.label(macro.span, "the closest definition of {}() takes {}, and the call has {}", name,
                 plural(macro.params.size()), args.size());
    return;
  }
  const Macro& macro = **same_count;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const ArgumentKind wanted = kind_of(*macro.params[i]), given = kind_of(args[i]);
    if (wanted == ArgumentKind::expression || wanted == given) continue;
    report.label(args[i]->span, "{}() wants {} for `{}`, and this is {}", name, words(wanted),
                 macro.params[i]->name, words(given));
    report.label(macro.params[i]->span, "the parameter in the closest definition");
    return;
  }
}

// "`ppid()` or `ppid(task)`"
std::string usages(const std::vector<Macro*>& macros) {
  std::string text;
  for (const Macro* macro : macros) {
    text += (text.empty() ? "`" : " or `") + macro->name + "(";
    for (std::size_t i = 0; i < macro->params.size(); ++i)
      text += (i == 0 ? "" : ", ") + macro->params[i]->name;
    text += ")`";
  }
  return text;
}

// A type is an argument of macros that want one, and nothing else.
struct StrayTypes {
  diag::Diagnostics& diag;

  void visit(Node& node) {
    if (as<TypeArg>(&node))
      diag.error(DiagId::misplaced_type, node.span,
                 "`typeof` is an argument only of a macro that takes a type")
          .hint("`sizeof(…)` and `typeinfo(…)` give values that say something of a type");
    for_each_child(node, [this](auto* child) { visit(*child); });
  }
};

}  // namespace

ArgumentKind kind_of(const MacroParam& param) {
  if (param.name.starts_with('$')) return ArgumentKind::variable;
  return param.name.starts_with('@') ? ArgumentKind::map : ArgumentKind::expression;
}

ArgumentKind kind_of(const Expr* argument) {
  if (as<VariableRef>(argument)) return ArgumentKind::variable;
  const auto* map = as<MapRef>(argument);
  return map && !map->key ? ArgumentKind::map : ArgumentKind::expression;
}

std::string_view words(ArgumentKind kind) {
  switch (kind) {
    case ArgumentKind::variable: return "a variable";
    case ArgumentKind::map: return "a map";
    case ArgumentKind::expression: return "an expression";
  }
  SONDE_UNREACHABLE("every kind of argument has words");
}

Expr* Expander::bad(diag::Span span) { return make<BadExpr>(script.arena, span); }

bool Expander::reports_recursion(const Node& definition, std::string_view name, diag::Span call) {
  const auto first = std::ranges::find(open, &definition, &Open::definition);
  if (first == open.end()) return false;
  std::string chain;
  for (auto step = first; step != open.end(); ++step) chain += std::string(step->name) + " > ";
  chain += name;
  diag.error(DiagId::recursive_call, call, "`{}` calls itself: {}", name, chain)
      .hint("its body takes the place of the call, so it would never end; use a loop");
  return true;
}

// Far above what a script can run as; a chain of macros that call the next one twice gets here.
constexpr unsigned most_expansions = 20000;
constexpr std::size_t most_nodes = 500'000;

bool Expander::start(Expansion& expansion, diag::Span call, bool library) {
  expansion = {{++last_number}, call, 0, library};
  const auto id = library ? call.expansion : script.sources.add_expansion(call);
  if (id && last_number <= most_expansions) {
    expansion.id = *id;
    return true;
  }
  report_too_much(call);
  return false;
}

void Expander::report_too_much(diag::Span call) {
  if (std::exchange(is_too_much, true)) return;
  diag.error(DiagId::too_many_expansions, call, "macros and functions expand to too much code")
      .hint("at most {} calls are expanded, to {} operators, values and statements",
            most_expansions, most_nodes);
}

bool Expander::may_copy(const Extent& extent, std::size_t levels, diag::Span call) {
  nodes += extent.nodes;
  if (is_too_much || nodes > most_nodes) {
    report_too_much(call);
    return false;
  }
  if (depth + levels + extent.depth <= maximum_depth) return true;
  diag.error(DiagId::too_deep, call, "the body of this call nests code in more than {} levels",
             maximum_depth);
  return false;
}

void Expander::place(Node& body, const Expansion& expansion) {
  respan(body, [&](diag::Span span) {
    if (!expansion.library) {
      span.expansion = expansion.id;
      return span;
    }
    diag::Span place = expansion.call;
    place.in_library = true;
    return place;
  });
}

Expr* Expander::expand(const std::string& name, std::vector<Expr*>& args, diag::Span call,
                       bool is_word) {
  const bool from_library = call.in_library;
  const std::vector<Macro*> none;
  const auto own = macros.find(name);
  const std::vector<Macro*>& of_script = own == macros.end() || from_library ? none : own->second;
  const Macro* macro = find_taking(of_script, args);
  const auto function = macro || from_library ? functions.end() : functions.find(name);
  if (function != functions.end() && !is_word) return call_function(*function->second, args, call);
  bool library = false;
  const std::vector<Macro*>& of_library =
      macro || !script.modules ? none : script.modules->library_macros(name);
  if (!macro) {
    macro = find_taking(of_library, args);
    library = macro != nullptr;
  }
  if (!macro) {
    const std::vector<Macro*>& closest = of_script.empty() ? of_library : of_script;
    const bool is_function = function != functions.end();
    if ((closest.empty() && !is_function) || is_builtin(name)) return nullptr;
    if (is_word && (is_function || !closest.empty())) {
      diag.error(DiagId::missing_parentheses, call, "`{}` is a {}", name,
                 is_function ? "function" : "macro with parameters")
          .hint("call it: `{}(…)`", name);
      return bad(call);
    }
    auto report = diag.error(DiagId::macro_arguments, call,
                             "the arguments of {}() fit no definition of it", name);
    if (!of_script.empty())
      explain_mismatch(report, name, closest, args);
    else
      report.hint("it is called {}", usages(closest));
    return bad(call);
  }
  Expansion expansion;
  if (reports_recursion(*macro, name, call) || !start(expansion, call, library) ||
      !may_copy(extent_of(*macro->body), 0, call))
    return bad(call);
  BlockExpr* body = instantiate(*macro, args, expansion);
  open.push_back({macro, macro->name});
  visit(*body);
  open.pop_back();
  body->span = call;
  // A value alone stands for itself, so that a literal stays one. What has a name does not: it
  // could be changed.
  const bool is_value =
      body->stmts.empty() && body->value && kind_of(body->value) == ArgumentKind::expression;
  return is_value ? body->value : body;
}

void Expander::visit(Expr*& slot) {
  std::vector<Expr*> none;
  if (auto* word = as<Identifier>(slot)) {
    if (Expr* made = expand(word->name, none, word->span, true)) slot = made;
    return;
  }
  if (auto* call = as<Call>(slot)) {
    if (Expr* made = expand(call->name, call->args, call->span, false)) {
      slot = made;
      return;
    }
  }
  visit(static_cast<Node&>(*slot));
}

void Expander::visit(Node& node) {
  ++depth;
  for_each_child(node, [this](auto& child) {
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(child)>, Expr*>)
      visit(child);
    else
      visit(static_cast<Node&>(*child));
  });
  --depth;
}

void expand_macros(Script& script, diag::Diagnostics& diagnostics) {
  Expander expander{script, diagnostics};
  expander.collect();
  for (Item* item : script.program->items) expander.visit(*item);
  expander.keep_uncalled();
  for (Item* item : script.program->items) StrayTypes{diagnostics}.visit(*item);
}

}  // namespace sonde::sema
