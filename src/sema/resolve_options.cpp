// SPDX-License-Identifier: Apache-2.0
// Puts the named parameters of the command line in the place of getopt(), and settings in the
// place of `config.name`.
#include <algorithm>
#include <map>

#include "ast/match.h"
#include "ast/ops.h"
#include "base/text.h"
#include "lang/builtins.h"
#include "sema/parameter_value.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

using namespace ast;
using diag::DiagId;

enum class OptionType : std::uint8_t { flag, unsigned_integer, signed_integer, text };

// The first getopt() of a name.
struct ScriptOption {
  OptionType type = OptionType::flag;
  const Expr* fallback = nullptr;  // null: `false`
  std::string description;
  diag::Span fallback_at, described_at;
};

// The fields of the record `config`, in the order of the language.
constexpr lang::ConfigKey record_order[] = {
    lang::ConfigKey::cpp_demangle,
    lang::ConfigKey::lazy_symbolication,
    lang::ConfigKey::print_maps_on_exit,
    lang::ConfigKey::use_blazesym,
    lang::ConfigKey::show_debug_info,
    lang::ConfigKey::log_size,
    lang::ConfigKey::max_bpf_progs,
    lang::ConfigKey::max_cat_bytes,
    lang::ConfigKey::max_map_keys,
    lang::ConfigKey::max_probes,
    lang::ConfigKey::max_strlen,
    lang::ConfigKey::on_stack_limit,
    lang::ConfigKey::perf_rb_pages,
    lang::ConfigKey::str_trunc_trailer,
    lang::ConfigKey::unstable_import_statement,
    lang::ConfigKey::unstable_tseries,
    lang::ConfigKey::unstable_typeinfo,
    lang::ConfigKey::unstable_dw_ustack,
    lang::ConfigKey::missing_probes,
    lang::ConfigKey::stack_mode,
    lang::ConfigKey::license,
};

const Expr* literal_of(const Expr* expr, bool& negative) {
  const auto* unary = as<Unary>(expr);
  if (unary && unary->op == UnaryOp::negate && as<IntegerLiteral>(unary->operand)) {
    negative = as<IntegerLiteral>(unary->operand)->value != 0;
    return expr;
  }
  const auto* integer = as<IntegerLiteral>(expr);
  if (integer) negative = integer->negative;
  return integer || as<StringLiteral>(expr) || as<BooleanLiteral>(expr) ? expr : nullptr;
}

struct OptionResolution {
  Script& script;
  diag::Diagnostics& diag;
  std::map<std::string, ScriptOption> options = {};

  // --- values ------------------------------------------------------------------------------

  // Nobody wrote the cast, so nobody is told that it is not needed.
  Expr* typed(diag::Span span, std::string_view type, Expr* value) {
    diag::Span silent = span;
    silent.in_library = true;
    auto* name = make<TypeName>(script.arena, silent, "", std::string(type), nullptr, nullptr,
                                std::vector<std::int64_t>{});
    return make<Cast>(script.arena, silent, name, value);
  }

  Expr* integer(diag::Span span, std::uint64_t magnitude, bool negative) {
    const std::uint64_t value = negative ? ~magnitude + 1 : magnitude;
    return make<IntegerLiteral>(script.arena, span, value, negative && magnitude != 0);
  }

  Expr* in_type(diag::Span span, OptionType type, Expr* value) {
    if (type == OptionType::unsigned_integer) return typed(span, "uint64", value);
    if (type == OptionType::signed_integer) return typed(span, "int64", value);
    return value;
  }

  Expr* fallback(diag::Span span, const ScriptOption& option) {
    if (!option.fallback) return make<BooleanLiteral>(script.arena, span, false);
    return in_type(span, option.type, clone_as(*option.fallback, script.arena));
  }

  Expr* bad_value(const NamedParam& param, std::string_view problem, diag::Span span) {
    const std::string value = param.value ? fmt::format(" (value: {})", *param.value) : "";
    diag.error(DiagId::command_line, {}, "program command line option --{} {}{}", param.name,
               problem, value);
    return make<BadExpr>(script.arena, span);
  }

  Expr* given(const NamedParam& param, const ScriptOption& option, diag::Span span) {
    switch (option.type) {
      case OptionType::flag: {
        const auto flag = param.value ? parse_flag(*param.value) : std::optional(true);
        if (!flag) return bad_value(param, "expects a boolean (e.g. 'true')", span);
        return make<BooleanLiteral>(script.arena, span, *flag);
      }
      case OptionType::text:
        if (!param.value) return bad_value(param, "expects a string", span);
        return make<StringLiteral>(script.arena, span, *param.value);
      case OptionType::unsigned_integer:
      case OptionType::signed_integer: break;
    }
    if (!param.value) return bad_value(param, "expects an integer", span);
    ParameterInteger number = parse_parameter_integer(*param.value);
    const bool is_signed = option.type == OptionType::signed_integer;
    if (number.problem.empty() && ((number.negative && !is_signed) ||
                                   (is_signed && !number.negative && number.magnitude >> 63 != 0)))
      number.problem = "value is out of range";
    if (!number.problem.empty()) return bad_value(param, number.problem, span);
    return in_type(span, option.type, integer(span, number.magnitude, number.negative));
  }

  // --- getopt ------------------------------------------------------------------------------

  bool check_count(const Call& call) {
    if (!call.args.empty() && call.args.size() <= 3) return true;
    diag.error(DiagId::argument_count, call.span, "getopt() {} ({} provided)",
               call.args.empty() ? "requires at least one argument" : "takes up to 3 arguments",
               call.args.size())
        .hint("write `{}`", lang::usage(lang::Builtin::getopt));
    return false;
  }

  // What a call says of its option; null, and reported, when that cannot be used.
  ScriptOption* declare(const Call& call) {
    if (!check_count(call)) return nullptr;
    const auto* name = as<StringLiteral>(call.args[0]);
    if (!name || name->value.empty()) {
      diag.error(DiagId::bad_getopt, call.args[0]->span,
                 "the name of an option must be a string literal");
      return nullptr;
    }
    ScriptOption said;
    if (call.args.size() > 1) {
      bool negative = false;
      said.fallback = literal_of(call.args[1], negative);
      said.fallback_at = call.args[1]->span;
      if (!said.fallback) {
        diag.error(DiagId::bad_getopt, said.fallback_at,
                   "the default of an option must be a string, integer or boolean literal");
        return nullptr;
      }
      if (as<StringLiteral>(said.fallback))
        said.type = OptionType::text;
      else if (!as<BooleanLiteral>(said.fallback))
        said.type = negative ? OptionType::signed_integer : OptionType::unsigned_integer;
    } else {
      said.fallback_at = call.span;
    }
    if (call.args.size() > 2) {
      const auto* description = as<StringLiteral>(call.args[2]);
      if (!description) {
        diag.error(DiagId::bad_getopt, call.args[2]->span,
                   "the description of an option must be a string literal");
        return nullptr;
      }
      said.description = description->value;
      said.described_at = description->span;
    }
    return merge(name->value, said);
  }

  static bool same_fallback(const ScriptOption& a, const ScriptOption& b) {
    const auto is_false = [](const Expr* e) {
      return !e || (as<BooleanLiteral>(e) && !as<BooleanLiteral>(e)->value);
    };
    if (is_false(a.fallback) || is_false(b.fallback))
      return is_false(a.fallback) && is_false(b.fallback);
    return equal(*a.fallback, *b.fallback);
  }

  ScriptOption* merge(const std::string& name, const ScriptOption& said) {
    const auto [known, is_new] = options.try_emplace(name, said);
    ScriptOption& option = known->second;
    if (is_new) return &option;
    if (!same_fallback(option, said)) {
      diag.error(DiagId::bad_getopt, said.fallback_at,
                 "the option `{}` has another default here than before", name)
          .label(option.fallback_at, "its first default");
      return nullptr;
    }
    if (option.description.empty()) {
      option.description = said.description;
      option.described_at = said.described_at;
    } else if (!said.description.empty() && said.description != option.description) {
      diag.error(DiagId::bad_getopt, said.described_at,
                 "the option `{}` has another description here than before", name)
          .label(option.described_at, "its first description");
    }
    return &option;
  }

  Expr* resolve(const Call& call) {
    const ScriptOption* option = declare(call);
    if (!option) return make<BadExpr>(script.arena, call.span);
    const std::string& name = as<StringLiteral>(call.args[0])->value;
    const auto param = std::ranges::find(script.named_params, name, &NamedParam::name);
    return param == script.named_params.end() ? fallback(call.span, *option)
                                              : given(*param, *option, call.span);
  }

  // --- config ------------------------------------------------------------------------------

  Expr* setting(lang::ConfigKey key, diag::Span span) {
    switch (lang::row(key).type) {
      case lang::ConfigType::boolean:
        return make<BooleanLiteral>(script.arena, span, script.config.flag(key));
      case lang::ConfigType::number: return integer(span, script.config.number(key), false);
      case lang::ConfigType::text: break;
    }
    return make<StringLiteral>(script.arena, span, script.config.text(key));
  }

  Expr* setting(const FieldRef& field) {
    const auto rows = lang::config_keys();
    const auto found = std::ranges::find(rows, field.field, &lang::ConfigRow::name);
    if (found != rows.end())
      return setting(static_cast<lang::ConfigKey>(found - rows.begin()), field.span);
    std::vector<std::string_view> names;
    for (const lang::ConfigRow& row : rows) names.push_back(row.name);
    diag.error(DiagId::unknown_field, field.field_span, "there is no setting `{}`", field.field)
        .suggest(nearest(field.field, std::span<const std::string_view>(names)));
    return make<BadExpr>(script.arena, field.span);
  }

  Expr* settings(diag::Span span) {
    std::vector<RecordField*> fields;
    for (const lang::ConfigKey key : record_order)
      fields.push_back(make<RecordField>(script.arena, span, std::string(lang::row(key).name),
                                         setting(key, span)));
    return make<RecordExpr>(script.arena, span, std::move(fields));
  }

  // --- walk --------------------------------------------------------------------------------

  static bool is_config(const Expr* expr) {
    const auto* word = as<Identifier>(expr);
    return word && word->name == "config";
  }

  template <typename Slot>
  void visit(Slot& slot) {
    if constexpr (std::is_same_v<Slot, Expr*>) {
      const auto* field = as<FieldRef>(slot);
      if (field && is_config(field->object)) {
        slot = setting(*field);
        return;
      }
      if (is_config(slot)) {
        slot = settings(slot->span);
        return;
      }
      if (const auto* call = as<Call>(slot); call && call->name == "getopt") {
        slot = resolve(*call);
        return;
      }
    }
    for_each_child(*slot, [this](auto& child) { visit(child); });
  }

  // --- the command line --------------------------------------------------------------------

  void describe() {
    std::string text = "HINT: expected program options:\n";
    for (const auto& [name, option] : options)
      text += "--" + name + (option.description.empty() ? "" : ": " + option.description) + "\n";
    script.options_help = std::move(text);
  }

  void check_unknown() {
    std::string expected;
    std::vector<std::string> names;
    for (const auto& [name, option] : options) {
      expected += (expected.empty() ? "--" : ", --") + name;
      names.push_back(name);
    }
    for (const NamedParam& param : script.named_params) {
      if (options.contains(param.name)) continue;
      if (param.name == "help") return describe();
      auto report = diag.error(DiagId::command_line, {},
                               "unexpected program command line options: --{}", param.name);
      const std::string_view meant = nearest(param.name, std::span<const std::string>(names));
      if (!meant.empty()) report.hint("did you mean `--{}`?", meant);
      if (names.empty())
        report.hint("no custom program options defined.");
      else
        report.hint("expected program options: {}", expected);
    }
  }
};

}  // namespace

void resolve_options(Script& script, diag::Diagnostics& diagnostics) {
  OptionResolution resolution{script, diagnostics};
  for_each_child(*script.program, [&](auto& item) { resolution.visit(item); });
  resolution.check_unknown();
}

}  // namespace sonde::sema
