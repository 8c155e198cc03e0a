// SPDX-License-Identifier: Apache-2.0
#include "sema/probes/body_use.h"

#include <algorithm>
#include <cstdint>

#include "ast/match.h"
#include "base/text.h"

namespace sonde::sema {

namespace {

// Of `arg0` 1, of `arg1` 2; of other words 0.
unsigned numbered_argument(std::string_view word) {
  if (!word.starts_with("arg")) return 0;
  const auto number = parse_u64(word.substr(3));
  return number && *number < UINT16_MAX ? static_cast<unsigned>(*number) + 1 : 0;
}

// Have their value from the registers at the place of the probe, or change them.
constexpr std::string_view register_words[] = {"ctx", "reg", "override"};

constexpr std::string_view typed_calls[] = {"skboutput", "socket_cookie", "kfunc_allowed"};

bool needs_typed_context(const ast::Call& call) {
  return std::ranges::find(typed_calls, call.name) != std::end(typed_calls) ||
         (call.name == "comm" && !call.args.empty());
}

struct Finder {
  BodyUse use;

  void name(std::string_view word) {
    use.name |= word == "probe";
    use.args |= word == "args";
    use.retval |= word == "retval";
    // `ctx` has its own type in some probes; `uaddr` counts from the function.
    use.numbered_arguments = std::max(use.numbered_arguments, numbered_argument(word));
    use.details |= word == "args" || word == "uaddr" || word == "ctx";
    const auto* registers = std::ranges::find(register_words, word);
    if (registers != std::end(register_words)) use.registers_for = *registers;
  }

  void visit(ast::Node* node) {
    if (const auto* identifier = ast::as<ast::Identifier>(node)) name(identifier->name);
    if (const auto* call = ast::as<ast::Call>(node)) {
      name(call->name);
      use.typed_context |= needs_typed_context(*call);
      use.at_compile |= call->name == "static_assert" || call->name == "fail";
    }
    use.at_compile |= ast::as<ast::ComptimeExpr>(node) || ast::as<ast::SizeofExpr>(node) ||
                      ast::as<ast::TypeinfoExpr>(node);
    ast::for_each_child(*node, [this](auto* child) { visit(child); });
  }
};

}  // namespace

BodyUse body_use(const ast::Probe& probe) {
  Finder finder;
  if (probe.predicate) finder.visit(probe.predicate);
  finder.visit(probe.body);
  return finder.use;
}

}  // namespace sonde::sema
