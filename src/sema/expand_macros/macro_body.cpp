// SPDX-License-Identifier: Apache-2.0
// The body of a macro for one call.
#include "ast/ops.h"
#include "sema/expand_macros/expander.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;

struct Argument {
  const Expr* written = nullptr;
  Expr* expanded = nullptr;  // when it is first used; by then the calls in it are expanded too
  Extent extent = {};        // of `expanded`
};

struct Substitution {
  Expander& expander;
  const Macro& macro;
  const Expander::Expansion& expansion;
  const std::size_t levels;  // of the body
  std::map<std::string, Argument, std::less<>> arguments = {};

  Arena& arena() { return expander.script.arena; }

  Argument* find(std::string_view name) {
    const auto found = arguments.find(name);
    return found == arguments.end() ? nullptr : &found->second;
  }

  // --- values ------------------------------------------------------------------------------

  // In parentheses of its own when it has a name: the macro may read it, not change it.
  Expr* value_of(Argument& argument) {
    if (!argument.expanded) {
      argument.expanded = clone_as(*argument.written, arena());
      expander.visit(argument.expanded);
      argument.extent = extent_of(*argument.expanded);
    }
    if (!expander.may_copy(argument.extent, levels, expansion.call))
      return expander.bad(argument.written->span);
    Expr* copy = clone_as(*argument.expanded, arena());
    if (kind_of(copy) == ArgumentKind::expression) return copy;
    return make<BlockExpr>(arena(), copy->span, std::vector<Stmt*>{}, copy);
  }

  void substitute(VariableRef& ref) {
    if (Argument* argument = find("$" + ref.name)) {
      const auto& given = *as<VariableRef>(argument->written);
      ref.name = given.name;
      ref.hygiene = given.hygiene;
    } else {
      ref.hygiene = expansion.hygiene;
    }
  }

  void substitute(MapRef& ref) {
    if (Argument* argument = find(ref.name)) {
      ref.name = as<MapRef>(argument->written)->name;
      return;
    }
    expander.diag
        .error(DiagId::unhygienic_map, ref.span, "the macro `{}` uses the map `{}` of the script",
               macro.name, ref.name)
        .hint("a macro only knows the maps that it is given: `macro {}({}{}) {{ … }}`", macro.name,
              ref.name, macro.params.empty() ? "" : ", …");
  }

  // --- types -------------------------------------------------------------------------------

  void report_not_a_type(TypeName& type, const Argument& argument) {
    expander.diag
        .error(DiagId::misplaced_type, type.span, "`{}` is used as a type here, and is a value",
               type.name)
        .label(argument.written->span, "the argument")
        .hint("types are passed as `typeof(…)`");
    type.of_expr = expander.bad(type.span);
    type.name.clear();
  }

  // `t`, `t*`, `struct t`, where t stands for a type. True when nothing of the body is left in it.
  bool substitute(TypeName& type) {
    Argument* argument = type.of_expr || type.of_type ? nullptr : find(type.name);
    if (!argument) return move_value(type);
    const auto* given = as<TypeArg>(argument->written);
    if (!given) {
      report_not_a_type(type, *argument);
      return true;
    }
    const TypeName* source = given->argument;
    if (source->of_type && source->suffixes.empty()) source = source->of_type;
    TypeName& copy = *clone_as(*source, arena());
    if (copy.of_expr) expander.visit(copy.of_expr);
    std::vector<std::int64_t> suffixes = copy.suffixes;
    suffixes.insert(suffixes.end(), type.suffixes.begin(), type.suffixes.end());
    if (type.tag.empty()) type.tag = copy.tag;
    type.name = copy.name;
    type.of_expr = copy.of_expr;
    type.of_type = copy.of_type;
    type.suffixes = std::move(suffixes);
    return true;
  }

  // `sizeof(e)` is read as the size of a type; e may stand for a value.
  template <typename Holder>
  bool move_value(Holder& holder) {
    if (!holder.of_type || !holder.of_type->tag.empty() || !holder.of_type->suffixes.empty())
      return false;
    Argument* argument = find(holder.of_type->name);
    if (!argument || as<TypeArg>(argument->written)) return false;
    holder.of_type = nullptr;
    holder.of_expr = value_of(*argument);
    return true;
  }

  // `offsetof(t, field)`, where `field` stands for `a` or `a.b`.
  void substitute_path(OffsetofExpr& node) {
    Argument* argument = node.path.size() == 1 ? find(node.path[0]) : nullptr;
    if (!argument) return;
    std::vector<std::string> path;
    const Expr* part = argument->written;
    for (const auto* field = as<FieldRef>(part); field; field = as<FieldRef>(part)) {
      path.insert(path.begin(), field->field);
      part = field->object;
    }
    if (const auto* first = as<Identifier>(part)) {
      path.insert(path.begin(), first->name);
      node.path = std::move(path);
      return;
    }
    expander.diag
        .error(DiagId::macro_arguments, argument->written->span,
               "`{}` stands for the name of a field, and this is none", node.path[0])
        .label(node.span, "it is used here");
  }

  // --- walk --------------------------------------------------------------------------------

  template <typename Slot>
  void visit(Slot& slot) {
    if constexpr (std::is_same_v<Slot, Expr*>) {
      const auto* word = as<Identifier>(slot);
      Argument* argument = word ? find(word->name) : nullptr;
      if (argument) {
        slot = value_of(*argument);
        return;
      }
    }
    // What took the place of a parameter comes from the caller and is left alone.
    const bool is_done = match(
        *static_cast<Node*>(slot),
        [&](VariableRef& n) {
          substitute(n);
          return true;
        },
        [&](MapRef& n) {
          substitute(n);
          return false;
        },
        [&](TypeName& n) { return substitute(n); }, [&](SizeofExpr& n) { return move_value(n); },
        [&](TypeinfoExpr& n) { return move_value(n); },
        [&](OffsetofExpr& n) {
          substitute_path(n);
          return move_value(n);
        },
        [](Node&) { return false; });
    if (!is_done) for_each_child(*slot, [&](auto& child) { visit(child); });
  }
};

}  // namespace

BlockExpr* Expander::instantiate(const Macro& macro, const std::vector<Expr*>& args,
                                 const Expansion& expansion) {
  BlockExpr* body = clone_as(*macro.body, script.arena);
  place(*body, expansion);
  Substitution substitution{*this, macro, expansion, extent_of(*body).depth};
  for (std::size_t i = 0; i < args.size(); ++i)
    substitution.arguments[macro.params[i]->name].written = args[i];
  substitution.visit(body);
  return body;
}

}  // namespace sonde::sema
