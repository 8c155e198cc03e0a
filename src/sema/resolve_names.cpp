// SPDX-License-Identifier: Apache-2.0
// Finds the variable, map or builtin behind each name. A builtin without parentheses becomes a
// Call, so that later passes know one form.
#include <algorithm>
#include <map>

#include "ast/match.h"
#include "base/text.h"
#include "lang/builtins.h"
#include "lang/planned.h"
#include "sema/c_types.h"
#include "sema/modules.h"
#include "sema/passes.h"
#include "sema/unstable.h"
#include "sema/variable_scopes.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;

struct NameResolution {
  Script& script;
  diag::Diagnostics& diag;
  ResolvedProbe& probe;
  VariableScopes scopes{script, diag, probe};
  std::map<std::string, std::string_view> nearest_ = {};  // by what was not found
  int inspections = 0;                                    // how many `sizeof` and the like are open

  // --- variables -------------------------------------------------------------------------

  void visit_let(Let& let) {
    if (let.declared) visit(let.declared);
    if (let.value) visit(let.value);
    const diag::Span span = join(let.span, let.variable->span);
    let.variable->variable = scopes.find(*let.variable);
    if (let.variable->variable) {
      scopes.report_shadowing(span, *let.variable->variable);
      return;
    }
    let.variable->variable = scopes.declare(*let.variable, span, true);
    if (!let.value) scopes.expect_assignment(*let.variable->variable);
  }

  // The ends are evaluated outside of the loop's own scope.
  void visit_range(ForRange& loop) {
    visit(loop.begin);
    visit(loop.end);
    visit_body(*loop.variable, loop.body);
  }

  void visit_map_loop(ForMap& loop) {
    use(*loop.map);
    loop.map->map->has_key_use = true;
    visit_body(*loop.variable, loop.body);
  }

  void visit_body(VariableRef& variable, BlockExpr* body) {
    if (const Variable* known = scopes.find(variable))
      scopes.report_shadowing(variable.span, *known);
    scopes.enter();
    variable.variable = scopes.declare(variable, variable.span, true);
    variable.variable->is_loop_variable = true;
    visit(body);
    scopes.leave();
  }

  void visit_assign(Assign& assign) {
    check_not_inspected(*assign.target, assign.span);
    visit(assign.value);
    auto* variable = as<VariableRef>(assign.target);
    if (!variable)
      visit(assign.target);
    else if (assign.op)
      scopes.change(*variable);
    else
      scopes.assign(*variable);
  }

  void visit_change(IncDec& change) {
    check_not_inspected(*change.target, change.span);
    if (auto* variable = as<VariableRef>(change.target))
      scopes.change(*variable);
    else
      visit(change.target);
  }

  // --- types of expressions --------------------------------------------------------------

  // The operand of `sizeof` and the like has a type, but is never executed.
  void visit_inspected(Node& inspection) {
    ++inspections;
    children(inspection);
    --inspections;
  }

  void check_not_inspected(const Expr& target, diag::Span span) {
    if (inspections != 0 && as<MapRef>(&target))
      diag.error(DiagId::inspected_assignment, span,
                 "a map cannot be assigned here: only the type is asked for, nothing is executed")
          .hint("assign it in a statement before");
  }

  // One of the branches will be left out, and nothing in it matters then.
  void visit_comptime_if(IfExpr& node) {
    visit(node.condition);
    const auto visit_branch = [&](auto& branch) {
      const std::size_t before = diag.all().size();
      visit(branch);
      auto& found = script.in_branches[branch];
      for (diag::Diagnostic& d : diag.take_since(before)) found.push_back(std::move(d));
    };
    visit_branch(node.then);
    if (node.otherwise) visit_branch(node.otherwise);
  }

  // --- maps ------------------------------------------------------------------------------

  void use(MapRef& ref) {
    for (Map& map : script.maps) {
      if (map.name != ref.name) continue;
      if (!map.first_use.known()) map.first_use = ref.span;
      ref.map = &map;
      return;
    }
    Map& map = script.maps.emplace_back();
    map.name = ref.name;
    map.first_use = ref.span;
    ref.map = &map;
  }

  // --- builtins --------------------------------------------------------------------------

  // `__builtin_pid` is the low-level spelling of `pid`.
  static std::string_view without_prefix(std::string_view name) {
    constexpr std::string_view prefix = "__builtin_";
    return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  }

  static bool find_builtin(std::string_view name, lang::FoundBuiltin& found) {
    return lang::find_builtin(without_prefix(name), found);
  }

  bool report_planned(std::string_view name, diag::Span span) {
    if (!lang::is_planned(lang::PlannedGroup::builtin, without_prefix(name))) return false;
    diag.error(DiagId::not_supported_yet, span, "`{}` is not supported yet", name);
    return true;
  }

  // A macro may ask for the same name in thousands of places.
  std::string_view nearest_builtin(const std::string& name) {
    const auto [known, is_new] = nearest_.try_emplace(name);
    if (is_new) known->second = find_nearest_builtin(name);
    return known->second;
  }

  std::string_view find_nearest_builtin(std::string_view name) {
    auto names = lang::builtin_names();
    if (script.modules)
      for (const std::string_view of_library : script.modules->library_names())
        names.push_back(of_library);
    return nearest(name, std::span<const std::string_view>(names));
  }

  void report_unknown(const Identifier& identifier) {
    const std::string& name = identifier.name;
    if (report_planned(name, identifier.span) || script.has_unread_names) return;
    auto report =
        diag.error(DiagId::unknown_identifier, identifier.span, "nothing is called `{}`", name);
    if (scopes.find(name))
      report.hint("variables start with `$`: `${}`", name);
    else if (std::ranges::any_of(script.maps, [&](const Map& m) { return m.name == "@" + name; }))
      report.hint("maps start with `@`: `@{}`", name);
    else if (name.starts_with("sarg"))
      report.hint("arguments on the stack are read as `*(reg(\"sp\") + 8)` and so on");
    else if (const std::string_view candidate = nearest_builtin(name); !candidate.empty())
      report.suggest(candidate);
    else
      report.hint("text is written in double quotes: `\"{}\"`", name);
  }

  // Null when it is none.
  Expr* enumerator(const Identifier& identifier) {
    const auto found = script.type_sources.find_enumerator(identifier.name);
    if (!found) return nullptr;
    const bool negative =
        found->value > INT64_MAX && found->enumeration.btf->type(found->enumeration.id).is_signed;
    auto* literal = make<IntegerLiteral>(script.arena, identifier.span, found->value, negative);
    literal->enumeration = wide_enum(script.types, *found->enumeration.btf, found->enumeration.id);
    return literal;
  }

  Expr* resolve(Identifier& identifier) {
    lang::FoundBuiltin found{};
    if (!find_builtin(identifier.name, found)) {
      if (Expr* value = enumerator(identifier)) return value;
      report_unknown(identifier);
      return &identifier;
    }
    if (!lang::row(found.builtin).bare) {
      diag.error(DiagId::missing_parentheses, identifier.span, "`{0}` is a function",
                 identifier.name)
          .hint("call it: `{}`", lang::usage(found.builtin));
      return &identifier;
    }
    if (Expr* literal = known_value(found.builtin, identifier.span)) return literal;
    Call* call = make<Call>(script.arena, identifier.span, identifier.name, std::vector<Expr*>{});
    call->builtin = found.builtin;
    call->argument = found.argument;
    return call;
  }

  // `probe` (of one place), `probetype` and `has_cpid` are known here; null for all others.
  Expr* known_value(std::optional<lang::Builtin> builtin, diag::Span span) {
    if (builtin == lang::Builtin::has_cpid)
      return make<BooleanLiteral>(script.arena, span, has_child());
    if (builtin == lang::Builtin::cpid && !has_child())
      diag.warning(DiagId::no_child, span, "`cpid` is 0: no command is started")
          .hint("start one with `-c COMMAND`, or ask first: `if comptime (has_cpid) {{ … }}`");
    if (builtin == lang::Builtin::probe && probe.places.size() == 1)
      return make<StringLiteral>(script.arena, span, probe.place().name);
    if (builtin != lang::Builtin::probetype) return nullptr;
    return make<StringLiteral>(script.arena, span, std::string(lang::row(probe.kind).type_name));
  }

  bool has_child() const { return script.process && !script.process->pid; }

  void resolve(Call& call) {
    lang::FoundBuiltin found{};
    if (find_builtin(call.name, found)) {
      call.builtin = found.builtin;
      call.argument = found.argument;
      return;
    }
    if (script.modules) call.foreign = script.modules->find_foreign(call.name);
    if (call.foreign) return;
    if (report_planned(call.name, call.span) || script.has_unread_names) return;
    diag.error(DiagId::unknown_function, call.span, "there is no function `{}`", call.name)
        .suggest(nearest_builtin(call.name));
  }

  // `delete(@m[k])` is the older spelling of `delete(@m, k)`.
  void split_delete(Call& call) {
    auto* ref = call.args.size() == 1 ? as<MapRef>(call.args[0]) : nullptr;
    if (call.builtin != lang::Builtin::delete_ || !ref || !ref->key) return;
    call.args.push_back(ref->key);
    call.args[0] = make<MapRef>(script.arena, ref->span, ref->name, nullptr);
  }

  // Words that are arguments of their own: stack modes, clocks, namespaces.
  static bool takes_words(const Call& call) {
    using enum lang::Builtin;
    if (!call.builtin) return true;  // reported; a word may have meant something there
    return call.builtin == kstack || call.builtin == ustack || call.builtin == dw_ustack ||
           call.builtin == pid || call.builtin == tid || call.builtin == nsecs;
  }

  // The word for what a call without argument does.
  static void drop_default_word(Call& call) {
    const auto* word = call.args.size() == 1 ? as<Identifier>(call.args[0]) : nullptr;
    if (!word) return;
    using enum lang::Builtin;
    const bool is_default =
        (word->name == "boot" && call.builtin == nsecs) ||
        (word->name == "curr_ns" && (call.builtin == pid || call.builtin == tid));
    if (is_default) call.args.clear();
  }

  // `f(@m, key, …)`
  static bool names_key(const Call& call) {
    using enum lang::Builtin;
    return call.builtin == delete_ || call.builtin == has_key || call.builtin == find;
  }

  void visit_arguments(Call& call) {
    split_delete(call);
    drop_default_word(call);
    const bool words = takes_words(call);
    for (std::size_t i = 0; i < call.args.size(); ++i) {
      Expr*& argument = call.args[i];
      auto* variable = as<VariableRef>(argument);
      if (variable && i == 2 && call.builtin == lang::Builtin::find)
        scopes.change(*variable);
      else if (!words || !as<Identifier>(argument))
        visit(argument);
    }
    if (call.args.size() > 1 && names_key(call))
      if (const auto* ref = as<MapRef>(call.args[0]); ref && !ref->key)
        ref->map->has_key_use = true;
  }

  // --- walk ------------------------------------------------------------------------------

  void children(Node& node) {
    for_each_child(node, [this](auto& child) { visit(child); });
  }

  template <typename Slot>
  void visit(Slot& slot) {
    if constexpr (std::is_same_v<Slot, Expr*>) {
      if (auto* identifier = as<Identifier>(slot)) {
        slot = resolve(*identifier);
        return;
      }
      if (auto* call = as<Call>(slot); call && call->args.empty()) {
        resolve(*call);
        if (Expr* text = known_value(call->builtin, call->span)) slot = text;
        return;
      }
    }
    match(
        *static_cast<Node*>(slot),
        [&](BlockExpr& block) {
          scopes.enter();
          children(block);
          scopes.leave();
        },
        [&](Let& let) { visit_let(let); }, [&](ForRange& loop) { visit_range(loop); },
        [&](ForMap& loop) { visit_map_loop(loop); }, [&](Assign& assign) { visit_assign(assign); },
        [&](IncDec& change) { visit_change(change); },
        [&](VariableRef& ref) { inspections == 0 ? scopes.read(ref) : scopes.inspect(ref); },
        [&](IfExpr& node) {
          if (as<ComptimeExpr>(node.condition))
            visit_comptime_if(node);
          else
            children(node);
        },
        [&](MapRef& ref) {
          use(ref);
          if (ref.key) ref.map->has_key_use = true;
          children(ref);
        },
        [&](Call& call) {
          resolve(call);
          visit_arguments(call);
        },
        [&](Unary& node) {
          auto* variable = as<VariableRef>(node.operand);
          if (node.op == UnaryOp::address_of && variable)
            scopes.change(*variable);  // who has its address may assign it
          else
            children(node);
        },
        [&](SizeofExpr& node) { visit_inspected(node); },
        [&](OffsetofExpr& node) { visit_inspected(node); },
        [&](TypeinfoExpr& node) {
          check_unstable(script, diag, lang::ConfigKey::unstable_typeinfo, "typeinfo", node.span);
          visit_inspected(node);
        },
        [&](TypeName& node) { visit_inspected(node); },  //
        [&](Node& node) { children(node); });
  }
};

}  // namespace

void resolve_names(Script& script, diag::Diagnostics& diagnostics) {
  for (const auto& probe : script.probes) {
    NameResolution resolution{script, diagnostics, *probe};
    if (probe->predicate) resolution.visit(probe->predicate);
    resolution.visit(probe->body);
    resolution.scopes.warn_of_unassigned();
  }
}

}  // namespace sonde::sema
