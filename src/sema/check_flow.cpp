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
  if (as<Return>(&stmt) || as<Leave>(&stmt) || as<Break>(&stmt) || as<Continue>(&stmt)) return true;
  const auto* expression = as<ExprStmt>(&stmt);
  const auto* call = expression ? as<Call>(expression->expr) : nullptr;
  return call && call->builtin && lang::row(*call->builtin).ends_probe;
}

struct FlowCheck {
  diag::Diagnostics& diag;
  int loops = 0;

  void check_jump(const Stmt& stmt, std::string_view word) {
    if (loops != 0) return;
    auto report = diag.error(DiagId::jump_outside_loop, stmt.span,
                             "`{}` outside of a `for` or `while` loop", word);
    report.hint("`return` ends the probe");
  }

  void check_reachable(const BlockExpr& block) {
    for (std::size_t i = 0; i < block.stmts.size(); ++i) {
      if (!ends_block(*block.stmts[i])) continue;
      const Node* next = i + 1 < block.stmts.size() ? static_cast<Node*>(block.stmts[i + 1])
                                                    : static_cast<Node*>(block.value);
      if (next)
        diag.warning(DiagId::unreachable, next->span,
                     "this can never run: the statement before it leaves the block")
            .label(block.stmts[i]->span, "this leaves the block")
            .hint("remove it, or leave the block only `if (…)`");
      return;
    }
  }

  void warn_of_while(const While& loop) {
    diag.warning(DiagId::while_deprecated, loop.span,
                 "While loops are deprecated and may be removed in the future.")
        .hint("a range has an end that the verifier sees: `for $i : 0..100 {{ … }}`");
  }

  void check_print(const Call& call) {
    if (loops == 0 || call.builtin != lang::Builtin::print || call.args.empty()) return;
    const auto* map = as<MapRef>(call.args[0]);
    if (!map || map->key) return;
    diag.warning(DiagId::print_in_loop, call.span,
                 "each turn prints `{}`, as it is when the reader gets to it", map->name)
        .hint("print it once, behind the loop");
  }

  void children(Node& node) {
    for_each_child(node, [this](auto* child) { visit(*child); });
  }

  void visit_loop(Node& body) {
    ++loops;
    visit(body);
    --loops;
  }

  // Conditions and ends of loops stand outside of them.
  void visit(Node& node) {
    match(
        node, [&](Break& n) { check_jump(n, "break"); },
        [&](Continue& n) { check_jump(n, "continue"); },
        [&](BlockExpr& n) {
          check_reachable(n);
          children(n);
        },
        [&](While& n) {
          warn_of_while(n);
          visit(*n.condition);
          visit_loop(*n.body);
        },
        [&](ForRange& n) {
          visit(*n.begin);
          visit(*n.end);
          visit_loop(*n.body);
        },
        [&](ForMap& n) { visit_loop(*n.body); },  //
        [&](Call& n) {
          check_print(n);
          children(n);
        },
        [&](Node& n) { children(n); });
  }
};

}  // namespace

void check_flow(Script& script, diag::Diagnostics& diagnostics) {
  for (const auto& probe : script.probes) {
    FlowCheck check{diagnostics};
    if (probe->predicate) check.visit(*probe->predicate);
    check.visit(*probe->body);
  }
}

}  // namespace sonde::sema
