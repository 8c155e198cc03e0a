// SPDX-License-Identifier: Apache-2.0
// Takes the definitions of macros and functions out of the script and checks them by themselves.
#include <algorithm>
#include <set>

#include "sema/expand_macros/expander.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;

// What may not stand in a body.
struct BodyCheck {
  diag::Diagnostics& diag;
  const Macro* macro;  // null: a function
  int loops = 0;

  void report_jump(const Stmt& stmt, std::string_view word) {
    auto report = diag.error(DiagId::macro_body, stmt.span, "`{}` is not allowed in a {}", word,
                             macro ? "macro" : "function");
    if (word == "return")
      report.hint("the value of a macro is the expression at its end");
    else
      report.hint("it belongs into a loop, and there is none around it");
  }

  void check_let(const Let& let) {
    if (!macro) return;
    const auto param =
        std::ranges::find(macro->params, "$" + let.variable->name, &MacroParam::name);
    if (param == macro->params.end()) return;
    diag.error(DiagId::macro_body, join(let.span, let.variable->span),
               "`${}` is a parameter of the macro and cannot be declared again", let.variable->name)
        .label((*param)->span, "the parameter")
        .hint("choose another name");
  }

  void visit(Node& node) {
    const auto children = [&] { for_each_child(node, [this](auto* child) { visit(*child); }); };
    const auto loop = [&] {
      ++loops;
      children();
      --loops;
    };
    match(
        node,
        [&](Return& n) {
          if (macro) report_jump(n, "return");
          children();
        },
        [&](Break& n) {
          if (loops == 0) report_jump(n, "break");
        },
        [&](Continue& n) {
          if (loops == 0) report_jump(n, "continue");
        },
        [&](Let& n) {
          check_let(n);
          children();
        },
        [&](While&) { loop(); }, [&](ForRange&) { loop(); }, [&](ForMap&) { loop(); },
        [&](Node&) { children(); });
  }
};

template <typename Param>
void check_names(const std::vector<Param*>& params, std::string_view sigil,
                 diag::Diagnostics& diag) {
  for (std::size_t i = 0; i < params.size(); ++i)
    for (std::size_t before = 0; before < i; ++before)
      if (params[before]->name == params[i]->name)
        diag.error(DiagId::redefinition, params[i]->span, "two parameters are called `{}{}`", sigil,
                   params[i]->name)
            .label(params[before]->span, "the first one")
            .hint("choose another name for one of them");
}

// Whether each `return` of a function gives what the function is to give.
struct ReturnCheck {
  diag::Diagnostics& diag;
  const Subprogram& function;
  bool found = false;

  void visit(Node& node) {
    if (const auto* stmt = as<Return>(&node)) {
      found = found || stmt->value;
      if (stmt->value && !has_result(function))
        diag.error(DiagId::bad_return, stmt->span, "`{}` has no result, and this returns one",
                   function.name)
            .label(function.result->span, "`void` is its type")
            .hint("write `return;`, or the type of the value in place of `void`");
      else if (!stmt->value && has_result(function))
        diag.error(DiagId::bad_return, stmt->span, "`{}` has a result, and this returns none",
                   function.name)
            .label(function.result->span, "the type of its result")
            .hint("write `return …;` with a value");
    }
    for_each_child(node, [this](auto* child) { visit(*child); });
  }
};

void check_function(const Subprogram& function, diag::Diagnostics& diag) {
  check_names(function.params, "$", diag);
  BodyCheck{diag, nullptr}.visit(*function.body);
  ReturnCheck returns{diag, function};
  returns.visit(*function.body);
  if (has_result(function) && !returns.found)
    diag.error(DiagId::bad_return, function.span, "`{}` has a result and no `return` that gives it",
               function.name)
        .label(function.result->span, "the type of its result")
        .hint("a function without a result has the type `void`");
}

// Whether `earlier` takes whatever `later` takes, so that `later` is never called.
bool hides(const Macro& earlier, const Macro& later) {
  return std::ranges::equal(
      earlier.params, later.params, [](const MacroParam* a, const MacroParam* b) {
        return kind_of(*a) == ArgumentKind::expression || kind_of(*a) == kind_of(*b);
      });
}

}  // namespace

bool has_result(const Subprogram& function) {
  return function.result->name != "void" || !function.result->suffixes.empty();
}

void Expander::collect() {
  for (Item* item : script.program->items) {
    if (auto* macro = as<Macro>(item)) {
      check_names(macro->params, "", diag);
      BodyCheck{diag, macro}.visit(*macro->body);
      Macros& same_name = macros[macro->name];
      for (const Macro* earlier : same_name)
        if (hides(*earlier, *macro))
          diag.error(DiagId::redefinition, macro->span, "the macro `{}` is defined twice",
                     macro->name)
              .label(earlier->span, "the first definition takes the same arguments")
              .hint("give one of them another name, or another number of parameters");
      same_name.push_back(macro);
    } else if (auto* function = as<Subprogram>(item)) {
      const std::size_t messages = diag.all().size();
      check_function(*function, diag);
      if (diag.all().size() == messages) definitions.push_back(function);
      const auto [known, is_new] = functions.try_emplace(function->name, function);
      if (!is_new)
        diag.error(DiagId::redefinition, function->span, "the function `{}` is defined twice",
                   function->name)
            .label(known->second->span, "the first definition")
            .hint("give one of them another name");
    }
  }
  for (const auto& [name, function] : functions)
    if (const auto macro = macros.find(name); macro != macros.end())
      diag.error(DiagId::redefinition, function->span, "`{}` is a macro and a function", name)
          .label(macro->second.front()->span, "the macro")
          .hint("give one of them another name");
  std::erase_if(script.program->items,
                [](const Item* item) { return as<Macro>(item) || as<Subprogram>(item); });
}

}  // namespace sonde::sema
