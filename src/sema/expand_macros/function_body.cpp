// SPDX-License-Identifier: Apache-2.0
// The call of a function (`fn`): its body in a block of its own, behind parameters that are
// variables and in front of its result.
//
//   { let $a : T = argument; let $return : R; body; $return }
//
// What nothing calls is kept in this form as well, with arguments that nothing is known of, so that
// its body is checked.
#include <set>

#include "ast/ops.h"
#include "sema/expand_macros/expander.h"

namespace sonde::sema {

namespace {

std::string plural(std::size_t count) {
  if (count == 0) return "no arguments";
  return count == 1 ? "one argument" : fmt::format("{} arguments", count);
}

using namespace ast;
using diag::DiagId;

constexpr const char* result_name = "return";
constexpr std::size_t function_levels = 2;  // of the block and the node around the body

struct Body {
  Expander& expander;
  const Subprogram& function;
  const Expander::Expansion& expansion;

  Arena& arena() { return expander.script.arena; }

  VariableRef* variable(diag::Span span, std::string name) {
    return make<VariableRef>(arena(), span, std::move(name), expansion.hygiene);
  }

  // `return e;` assigns the result and leaves.
  void replace_return(Return& stmt, std::vector<Stmt*>& out) {
    if (stmt.value && has_result(function))
      out.push_back(make<Assign>(arena(), stmt.span, variable(stmt.span, result_name),
                                 std::optional<BinaryOp>(), stmt.value));
    out.push_back(make<Leave>(arena(), stmt.span));
  }

  void visit(Node& node) {
    if (auto* ref = as<VariableRef>(&node)) ref->hygiene = expansion.hygiene;
    if (auto* block = as<BlockExpr>(&node)) {
      std::vector<Stmt*> stmts;
      for (Stmt* stmt : block->stmts) {
        if (auto* leaves = as<Return>(stmt))
          replace_return(*leaves, stmts);
        else
          stmts.push_back(stmt);
      }
      block->stmts = std::move(stmts);
    }
    for_each_child(node, [this](auto* child) { visit(*child); });
  }
};

// The names of what is called in `node`.
void add_calls(Node& node, std::set<std::string, std::less<>>& names) {
  if (const auto* call = as<Call>(&node)) names.insert(call->name);
  for_each_child(node, [&](auto* child) { add_calls(*child, names); });
}

}  // namespace

BlockExpr* Expander::function_block(const Subprogram& function, std::span<Expr* const> args,
                                    const Expansion& expansion) {
  const diag::Span call = expansion.call;
  called.insert(&function);
  Body work{*this, function, expansion};
  Subprogram& copy = *clone_as(function, script.arena);
  place(copy, expansion);
  work.visit(*copy.body);
  std::vector<Stmt*> stmts;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const SubprogramParam& param = *copy.params[i];
    stmts.push_back(make<Let>(script.arena, args[i]->span, work.variable(param.span, param.name),
                              param.declared, args[i]));
  }
  // Nobody declared it, so nothing is to be said of it.
  diag::Span silent = copy.result->span;
  silent.in_library = true;
  if (has_result(function))
    stmts.push_back(
        make<Let>(script.arena, silent, work.variable(silent, result_name), copy.result, nullptr));
  open.push_back({&function, function.name});
  visit(*copy.body);
  open.pop_back();
  stmts.push_back(make<FunctionBody>(script.arena, call, copy.body));
  return make<BlockExpr>(script.arena, call, std::move(stmts),
                         has_result(function) ? work.variable(call, result_name) : nullptr);
}

Expr* Expander::call_function(const Subprogram& function, std::vector<Expr*>& args,
                              diag::Span call) {
  for (Expr*& argument : args) visit(argument);
  if (args.size() != function.params.size()) {
    diag.error(DiagId::argument_count, call, "{}() requires {} ({} provided)", function.name,
               plural(function.params.size()), args.size())
        .label(function.span, "the function is defined here")
        .hint("give one value for each of its parameters");
    return bad(call);
  }
  Expansion expansion;
  if (reports_recursion(function, function.name, call) || !start(expansion, call, false) ||
      !may_copy(extent_of(*function.body), function_levels, call))
    return bad(call);
  return function_block(function, args, expansion);
}

void Expander::keep_uncalled() {
  const auto keep = [this](Subprogram& function) {
    if (called.contains(&function) || is_too_much) return;
    std::vector<Expr*> args;
    for (const SubprogramParam* param : function.params) args.push_back(bad(param->span));
    const Expansion expansion{{++last_number}, function.span, 0, false};
    BlockExpr* body = function_block(function, args, expansion);
    body->value = nullptr;
    function.body = body;
    script.program->items.push_back(&function);
  };
  // What another one calls is checked there.
  std::set<std::string, std::less<>> names;
  for (const Subprogram* function : definitions) add_calls(*function->body, names);
  for (Subprogram* function : definitions)
    if (!names.contains(function->name)) keep(*function);
  for (Subprogram* function : definitions) keep(*function);
}

}  // namespace sonde::sema
