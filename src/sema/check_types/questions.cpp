// SPDX-License-Identifier: Apache-2.0
// Questions about types: `sizeof`, `offsetof`, `typeinfo` and the predicates `is_str()` and so
// on. Each becomes a literal as soon as the types that it asks for are known, between two rounds
// of inference; until then it has no type, and nothing is concluded from it. What was asked for
// keeps its type from then on: the answer may have decided which code belongs to the script.
#include <fmt/format.h>

#include <algorithm>

#include "sema/check_types/checker.h"
#include "sema/passes.h"
#include "target/callable_functions.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::Builtin;

namespace {

bool is_predicate(const Call& call) {
  if (!call.builtin || call.builtin == Builtin::is_scalar) return false;
  const lang::BuiltinRow& row = lang::row(*call.builtin);
  return row.runs == lang::Runs::in_sema && row.signature.starts_with("bool ");
}

bool is_question(const Node& node) {
  const auto* call = as<Call>(&node);
  return as<SizeofExpr>(&node) || as<OffsetofExpr>(&node) || as<TypeinfoExpr>(&node) ||
         as<ComptimeExpr>(&node) || (call && is_predicate(*call));
}

template <typename Test>
bool any_of(const Node& node, const Test& test) {
  if (test(node)) return true;
  bool found = false;
  for_each_child(const_cast<Node&>(node),
                 [&](auto* child) { found = found || any_of(*child, test); });
  return found;
}

struct Answers {
  Checker& c;
  // Only of what nothing is assigned to any more whose type is not known.
  bool settled_only = true;
  bool answered = false;

  bool is_settled(const Node& node) {
    return !any_of(node, [](const Node& n) {
      const auto* variable = as<VariableRef>(&n);
      const auto* map = as<MapRef>(&n);
      return (variable && variable->variable && variable->variable->waits) ||
             (map && map->map && map->map->waits);
    });
  }

  void lock(Node& node, diag::Span question) {
    if (auto* variable = as<VariableRef>(&node); variable && !variable->variable->locked_at.known())
      variable->variable->locked_at = question;
    if (auto* map = as<MapRef>(&node); map && !map->map->locked_at.known())
      map->map->locked_at = question;
    for_each_child(node, [&](auto* child) { lock(*child, question); });
  }

  Expr* answer(Expr& question) {
    if (settled_only && !is_settled(question)) return &question;
    Expr* literal = c.answer(question);
    if (!literal) return &question;
    lock(question, question.span);
    answered = true;
    return literal;
  }

  template <typename Slot>
  void visit(Slot& slot) {
    // The branches of `if comptime` are not looked at before one is chosen.
    if (auto* node = as<IfExpr>(slot); node && as<ComptimeExpr>(node->condition)) {
      visit(node->condition);
      return;
    }
    for_each_child(*slot, [this](auto& child) { visit(child); });
    if constexpr (std::is_same_v<Slot, Expr*>)
      if (is_question(*slot) && !as<ComptimeExpr>(slot)) slot = answer(*slot);
  }

  void visit_all() {
    for (const auto& probe : c.script.probes) {
      c.probe = probe.get();
      if (probe->predicate) visit(probe->predicate);
      visit(probe->body);
    }
  }
};

Expr* integer(Checker& c, const Expr& at, std::uint64_t value) {
  return make<IntegerLiteral>(c.script.arena, at.span, value, false);
}

Expr* boolean(Checker& c, const Expr& at, bool value) {
  return make<BooleanLiteral>(c.script.arena, at.span, value);
}

Expr* text(Checker& c, const Expr& at, std::string value) {
  return make<StringLiteral>(c.script.arena, at.span, std::move(value));
}

Expr* answer_about_kernel(Checker& c, const Call& call) {
  const auto* name = call.args.size() == 1 ? as<StringLiteral>(call.args[0]) : nullptr;
  if (!name) return nullptr;
  bool is_so = target::has_callable_function(c.script.target, name->value);
  if (call.builtin == Builtin::kfunc_allowed)
    is_so = is_so && !c.probe->is_uncalled &&
            c.script.target.may_call(name->value, program_kind(*c.probe));
  return boolean(c, call, is_so);
}

Expr* answer_predicate(Checker& c, const Call& call) {
  if (call.builtin == Builtin::kfunc_exist || call.builtin == Builtin::kfunc_allowed)
    return answer_about_kernel(c, call);
  const Expr* argument = call.args.empty() ? nullptr : call.args[0];
  const Type* type = argument ? argument->type : nullptr;
  if (const auto* ref = as<MapRef>(argument); ref && !ref->key) type = c.type_of_map(*ref);
  if (!type || type->is_error() || call.args.size() != 1) return nullptr;
  switch (*call.builtin) {
    case Builtin::is_array: return boolean(c, call, type->is(TypeKind::array));
    case Builtin::is_integer: return boolean(c, call, type->is_integer());
    case Builtin::is_unsigned_integer:
      return boolean(c, call, type->is_integer() && !type->is_signed);
    case Builtin::is_literal:
      return boolean(c, call,
                     as<IntegerLiteral>(argument) || as<BooleanLiteral>(argument) ||
                         as<StringLiteral>(argument));
    case Builtin::is_ptr: return boolean(c, call, type->is(TypeKind::pointer));
    case Builtin::is_str: return boolean(c, call, type->is(TypeKind::string));
    default: SONDE_UNREACHABLE("a predicate of the table is not answered");
  }
}

// `(btf_id = …, base_type = "int", full_type = "uint32")`
Expr* answer_typeinfo(Checker& c, const TypeinfoExpr& node, const Type& type) {
  const auto field = [&](std::string_view name, Expr* value) {
    return make<RecordField>(c.script.arena, node.span, std::string(name), value);
  };
  return make<RecordExpr>(c.script.arena, node.span,
                          std::vector<RecordField*>{
                              field("btf_id", integer(c, node, type.btf)),
                              field("base_type", text(c, node, base_type_name(type))),
                              field("full_type", text(c, node, type_name(&type))),
                          });
}

}  // namespace

bool has_open_question(const Node& node) { return any_of(node, is_question); }

bool answer_questions(Script& script, diag::Diagnostics& diagnostics) {
  diag::Diagnostics silent;
  Checker checker{script, silent};
  Answers answers{checker};
  answers.visit_all();
  if (!answers.answered) {
    answers.settled_only = false;
    answers.visit_all();
  }
  if (answers.answered) fold_constants(script, diagnostics);
  return answers.answered;
}

const Type* Checker::type_of_map(const MapRef& ref) {
  const Map& map = *ref.map;
  if (!map.shape_known) return nullptr;
  return map.keyed ? map.key : map.value;
}

const Type* Checker::asked_type(const TypeName* of_type, Expr* of_expr) {
  if (of_type) return resolve_type_name(*of_type);
  if (const auto* ref = as<MapRef>(of_expr); ref && !ref->key) return type_of_map(*ref);
  return check(of_expr);
}

Expr* Checker::answer(Expr& question) {
  if (auto* call = as<Call>(&question)) return answer_predicate(*this, *call);
  const auto known = [](const Type* type) { return type && !type->is_error(); };
  if (auto* node = as<SizeofExpr>(&question)) {
    const Type* type = asked_type(node->of_type, node->of_expr);
    return known(type) ? integer(*this, question, size_in_language(*type)) : nullptr;
  }
  if (auto* node = as<TypeinfoExpr>(&question)) {
    const Type* type = asked_type(node->of_type, node->of_expr);
    return known(type) ? answer_typeinfo(*this, *node, *type) : nullptr;
  }
  auto& node = *as<OffsetofExpr>(&question);
  const Type* type = asked_type(node.of_type, node.of_expr);
  if (!known(type)) return nullptr;
  const auto offset = find_offset(node, *type);
  return offset ? integer(*this, question, *offset) : nullptr;
}

const Type* Checker::check_question(Expr& question) {
  match(
      question, [&](SizeofExpr& n) { asked_type(n.of_type, n.of_expr); },
      [&](TypeinfoExpr& n) { asked_type(n.of_type, n.of_expr); },
      [&](OffsetofExpr& n) {
        const Type* type = asked_type(n.of_type, n.of_expr);
        if (type && !type->is_error()) find_offset(n, *type);
      },
      [](Expr&) {});
  return last_walk ? types().error() : nullptr;
}

const Type* Checker::check_comptime(ComptimeExpr& node) {
  const Type* type = check(node.operand);
  if (!last_walk || !type || type->is_error()) return last_walk ? types().error() : nullptr;
  diag.error(DiagId::not_constant, node.operand->span,
             "`comptime` needs a value that is known when the script is compiled")
      .hint("literals, positional parameters, types, and what is computed from them are known");
  return types().error();
}

}  // namespace sonde::sema
