// SPDX-License-Identifier: Apache-2.0
// Puts the text of an object-like C macro, as an expression, in the place of its name.
#include <algorithm>

#include "ast/match.h"
#include "ast/ops.h"
#include "parser/parser.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;

struct Expansion {
  Script& script;
  const ctext::CText& c_text;
  diag::Diagnostics& diag;
  std::vector<std::string> open = {};  // the macros whose text is walked now
  std::size_t depth = 0;               // of the walk
  std::size_t read = 0;                // bytes of text, each time that a macro is used
  bool is_too_much = false;            // was reported

  // Null when the name stays: it is none of a macro, or inside of its own text.
  Expr* expand(const Identifier& identifier) {
    const auto& macros = c_text.macros;
    const auto macro = macros.find(identifier.name);
    if (macro == macros.end()) return nullptr;
    // C11 6.10.3.4: inside of what it stands for it is a name like others. Headers define macros
    // as themselves beside enumerators: `#define IPPROTO_TCP IPPROTO_TCP`.
    if (std::ranges::find(open, identifier.name) != open.end()) return nullptr;
    const std::string& text = macro->second.text;
    // Macros that contain another one twice make more code than anybody can wait for.
    constexpr std::size_t most_text = 100'000;
    read += text.size();
    if (is_too_much || read > most_text) return report_too_much(identifier);
    Expr* expr = parser::parse_expression(text, identifier.span, script.arena);
    if (!expr) {
      auto report = diag.error(DiagId::c_macro, identifier.span,
                               "the C macro `{}` is no expression of the language: `{}`",
                               identifier.name, text);
      if (macro->second.span.known()) report.label(macro->second.span, "it is defined here");
      return failed(identifier);
    }
    if (depth + extent_of(*expr).depth > maximum_depth) return report_too_much(identifier);
    open.push_back(identifier.name);
    visit(expr);
    open.pop_back();
    return expr;
  }

  Expr* report_too_much(const Identifier& identifier) {
    if (!std::exchange(is_too_much, true))
      diag.error(DiagId::too_many_expansions, identifier.span,
                 "the C macros that are used expand to too much code");
    return failed(identifier);
  }

  // A value, so that nobody complains about the name again.
  Expr* failed(const Identifier& identifier) {
    script.has_unread_names = true;
    return make<IntegerLiteral>(script.arena, identifier.span, std::uint64_t{0}, false);
  }

  void report_function(const Call& call) {
    diag.error(DiagId::c_macro, call.span,
               "`{}` is a C macro with parameters, which only C text can use", call.name)
        .hint("write it as `macro {}(…) {{ … }}`", call.name);
    script.has_unread_names = true;
  }

  template <typename Slot>
  void visit(Slot& slot) {
    if constexpr (std::is_same_v<Slot, Expr*>) {
      if (const auto* identifier = as<Identifier>(slot)) {
        if (Expr* expr = expand(*identifier)) slot = expr;
        return;
      }
      if (const auto* call = as<Call>(slot); call && c_text.function_macros.contains(call->name))
        report_function(*call);
    }
    ++depth;
    for_each_child(*slot, [this](auto& child) { visit(child); });
    --depth;
  }
};

}  // namespace

void expand_c_macros(Script& script, diag::Diagnostics& diagnostics) {
  const ctext::CText* c_text = script.type_sources.c_text();
  if (!c_text || (c_text->macros.empty() && c_text->function_macros.empty())) return;
  Expansion expansion{script, *c_text, diagnostics};
  for_each_child(*script.program, [&](auto& item) { expansion.visit(item); });
}

}  // namespace sonde::sema
