// SPDX-License-Identifier: Apache-2.0
// Puts a record of all arguments in the place of `args` as a whole, in probes whose arguments have
// names: to print it, to keep it, as a key. What is asked for by name is read alone.
#include "ast/match.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

using namespace ast;
using lang::ProbeKind;

// The names of a raw tracepoint's arguments; the first is the tracer's own `void *__data`.
std::vector<std::string> raw_names(const Script& script, const ResolvedProbe& probe) {
  std::vector<std::string> names;
  const target::Btf* btf = script.target.btf();
  if (!btf || probe.raw_prototype == 0) return names;
  for (const target::BtfParam& param : btf->params(probe.raw_prototype))
    names.emplace_back(param.name);
  if (!names.empty()) names.erase(names.begin());
  return names;
}

std::vector<std::string> trace_names(const ResolvedProbe& probe) {
  std::vector<std::string> names;
  if (probe.tracepoint)
    for (const target::TraceField& field : probe.tracepoint->fields) names.push_back(field.name);
  return names;
}

std::vector<std::string> kernel_names(const ResolvedProbe& probe) {
  std::vector<std::string> names;
  if (!probe.function_type) return names;
  const auto [btf, function] = *probe.function_type;
  for (const target::BtfParam& param : btf->params(btf->type(function).type))
    names.emplace_back(param.name);
  return names;
}

std::vector<std::string> user_names(Script& script, const ResolvedProbe& probe) {
  std::vector<std::string> names;
  target::UserTypes* program = script.type_sources.open_program(probe.place().target);
  if (!program) return names;
  if (const auto& params = program->params(probe.place().function))
    for (const target::UserParam& param : *params) names.push_back(param.name);
  return names;
}

struct Expansion {
  Script& script;
  const ResolvedProbe& probe;

  // `args` or `*args`
  static bool is_args(const Expr* expr) {
    const auto* unary = as<Unary>(expr);
    if (unary && unary->op == UnaryOp::dereference) return is_args(unary->operand);
    const auto* call = as<Call>(expr);
    return call && call->builtin == lang::Builtin::args;
  }

  std::vector<std::string> names() const {
    if (traces_kernel_function(probe)) return kernel_names(probe);
    switch (probe.kind) {
      case ProbeKind::tracepoint: return trace_names(probe);
      case ProbeKind::rawtracepoint: return raw_names(script, probe);
      case ProbeKind::uprobe: return user_names(script, probe);
      default: return {};
    }
  }

  // Null when the arguments have no names: then check_types says so.
  Expr* record(const Expr& args) {
    std::vector<RecordField*> fields;
    for (const std::string& name : names()) {
      if (name.empty()) return nullptr;
      auto* all = make<Call>(script.arena, args.span, "args", std::vector<Expr*>{});
      all->builtin = lang::Builtin::args;
      auto* value = make<FieldRef>(script.arena, args.span, all, name, args.span);
      fields.push_back(make<RecordField>(script.arena, args.span, name, value));
    }
    if (fields.empty()) return nullptr;
    return make<RecordExpr>(script.arena, args.span, std::move(fields));
  }

  template <typename Slot>
  void visit(Slot& slot) {
    if constexpr (std::is_same_v<Slot, Expr*>) {
      if (is_args(slot)) {
        if (Expr* whole = record(*slot)) slot = whole;
        return;
      }
      if (const auto* field = as<FieldRef>(slot); field && is_args(field->object)) return;
    }
    for_each_child(*slot, [this](auto& child) { visit(child); });
  }
};

}  // namespace

void expand_args(Script& script, diag::Diagnostics&) {
  for (const auto& probe : script.probes) {
    Expansion expansion{script, *probe};
    if (probe->predicate) expansion.visit(probe->predicate);
    expansion.visit(probe->body);
  }
}

}  // namespace sonde::sema
