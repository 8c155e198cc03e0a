// SPDX-License-Identifier: Apache-2.0
// Checks where break and continue stand, and warns of what can never run.
#include "ast/match.h"
#include "lang/builtins.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;

bool ends_block(const Stmt& stmt) {
  if (as<Return>(&stmt) || as<Break>(&stmt) || as<Continue>(&stmt)) return true;
  const auto* expression = as<ExprStmt>(&stmt);
  const auto* call = expression ? as<Call>(expression->expr) : nullptr;
  return call && call->builtin && lang::row(*call->builtin).ends_probe;
}

struct FlowCheck {
  diag::Diagnostics& diag;
  int loops = 0;

  void check_jump(const Stmt& stmt, std::string_view word) {
    if (loops == 0)
      diag.error(DiagId::jump_outside_loop, stmt.span,
                 "'{}' statement is not allowed in a probe", word)
          .hint("`return` ends the probe");
  }

  void check_reachable(const BlockExpr& block) {
    for (std::size_t i = 0; i < block.stmts.size(); ++i) {
      if (!ends_block(*block.stmts[i])) continue;
      const Node* next = i + 1 < block.stmts.size() ? static_cast<Node*>(block.stmts[i + 1])
                                                    : static_cast<Node*>(block.value);
      if (next) diag.warning(DiagId::unreachable, next->span, "Unreachable statement.");
      return;
    }
  }

  void visit(Node& node) {
    const bool is_loop = as<While>(&node) || as<ForMap>(&node) || as<ForRange>(&node);
    if (as<Break>(&node)) check_jump(static_cast<Stmt&>(node), "break");
    if (as<Continue>(&node)) check_jump(static_cast<Stmt&>(node), "continue");
    if (const auto* block = as<BlockExpr>(&node)) check_reachable(*block);
    if (as<While>(&node))
      diag.warning(DiagId::while_deprecated, node.span,
                   "While loops are deprecated and may be removed in the future.")
          .hint("For loops support ranges (e.g. `for ($x : $start..$end) {{ ... }}`), and can be "
                "used in place of while. These are more easily proven to be bounded by the "
                "verifier.");
    loops += is_loop;
    for_each_child(node, [this](auto* child) { visit(*child); });
    loops -= is_loop;
  }
};

}  // namespace

void check_flow(Script& script, diag::Diagnostics& diagnostics) {
  for (const auto& probe : script.probes) FlowCheck{diagnostics}.visit(*probe->body);
}

}  // namespace sonde::sema
