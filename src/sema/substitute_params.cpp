// SPDX-License-Identifier: Apache-2.0
// Puts the positional parameters in the place of `$1` and `$#`: an integer literal when the text
// reads as one, else a string; always a string inside str().
#include "ast/match.h"
#include "sema/parameter_value.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

using namespace ast;

struct Substitution {
  Script& script;
  diag::Diagnostics& diag;

  const std::string* param(const PositionalParam& ref) {
    if (ref.number >= 1 && ref.number <= script.params.size() &&
        !script.params[ref.number - 1].empty())
      return &script.params[ref.number - 1];
    diag.warning(diag::DiagId::missing_parameter, ref.span,
                 "positional parameter ${} is empty or not given, so it is 0 (or \"\" in str())",
                 ref.number)
        .hint("parameters stand behind the script: `sonde script.bt first second`");
    return nullptr;
  }

  Expr* integer(diag::Span span, std::uint64_t magnitude, bool negative) {
    negative = negative && magnitude != 0;
    return make<IntegerLiteral>(script.arena, span, negative ? ~magnitude + 1 : magnitude,
                                negative);
  }

  Expr* value(const PositionalParam& ref) {
    const std::string* text = param(ref);
    if (!text) return integer(ref.span, 0, false);
    const ParameterInteger number = parse_parameter_integer(*text);
    if (number.problem.empty()) return integer(ref.span, number.magnitude, number.negative);
    return make<StringLiteral>(script.arena, ref.span, *text);
  }

  // `str($1)`, `str($1 + k)`: the text, without its first k bytes. Null when it is neither.
  Expr* text_of(Expr* argument) {
    std::uint64_t skip = 0;
    const auto* ref = as<PositionalParam>(argument);
    if (const auto* sum = as<Binary>(argument); sum && sum->op == BinaryOp::add) {
      const auto* offset = as<IntegerLiteral>(sum->rhs);
      ref = offset ? as<PositionalParam>(sum->lhs) : nullptr;
      skip = offset ? offset->value : 0;
    }
    if (!ref) return nullptr;
    const std::string* text = param(*ref);
    std::string cut = text && skip < text->size() ? text->substr(skip) : std::string();
    return make<StringLiteral>(script.arena, argument->span, std::move(cut));
  }

  template <typename Slot>
  void visit(Slot& slot) {
    if constexpr (std::is_same_v<Slot, Expr*>) {
      if (const auto* ref = as<PositionalParam>(slot)) {
        slot = value(*ref);
      } else if (as<PositionalCount>(slot)) {
        slot = integer(slot->span, script.params.size(), false);
      } else if (auto* call = as<Call>(slot); call && call->name == "str" && !call->args.empty()) {
        if (Expr* text = text_of(call->args[0])) call->args[0] = text;
      }
    }
    for_each_child(*slot, [this](auto& child) { visit(child); });
  }
};

}  // namespace

void substitute_params(Script& script, diag::Diagnostics& diagnostics) {
  Substitution substitution{script, diagnostics};
  for_each_child(*script.program, [&](auto& item) { substitution.visit(item); });
}

}  // namespace sonde::sema
