// SPDX-License-Identifier: Apache-2.0
// Calls of builtins: the arguments against the signature of the table's row, then what a
// signature cannot say.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::Builtin;
using lang::ParamType;

namespace {

constexpr unsigned most_signals = 64;

std::string probe_list(lang::ProbeSet set) {
  std::string list;
  for (std::size_t i = 0; i < lang::probe_kinds().size(); ++i)
    if (lang::contains(set, static_cast<lang::ProbeKind>(i)))
      list += (list.empty() ? "'" : ", '") + std::string(lang::probe_kinds()[i].name) + "'";
  return list;
}

std::string plural(std::size_t count, std::string_view none = "no arguments") {
  if (count == 0) return std::string(none);
  return count == 1 ? "one argument" : fmt::format("{} arguments", count);
}

// A map by name may be what the function wants.
void check_arguments_of_unknown(Checker& c, Call& call) {
  for (Expr* argument : call.args)
    if (const auto* ref = as<MapRef>(argument); !ref || ref->key) c.check(argument);
}

bool check_count(Checker& c, Call& call, const lang::Signature& signature) {
  const std::size_t given = call.args.size(), least = signature.required();
  const std::size_t most = signature.variadic ? SIZE_MAX : signature.params.size();
  if (given >= least && given <= most) return true;
  check_arguments_of_unknown(c, call);
  const std::string_view name = lang::row(*call.builtin).name;
  const std::string wanted = least == most   ? "requires " + plural(least)
                             : given < least ? "requires at least " + plural(least)
                                             : "takes up to " + plural(most);
  c.diag.error(DiagId::argument_count, call.span, "{}() {} ({} provided)", name, wanted, given)
      .hint("write `{}`", lang::usage(*call.builtin));
  return false;
}

bool is_literal_of(const Expr* expr, ParamType type) {
  return type == ParamType::integer ? as<IntegerLiteral>(expr) != nullptr
                                    : as<StringLiteral>(expr) != nullptr;
}

bool fits_param(const Type* type, ParamType param) {
  switch (param) {
    case ParamType::any: return true;
    // Comparisons were integers up to 0.23, so scripts write sum(a == b).
    case ParamType::integer: return type->is_integer() || type->is(TypeKind::boolean);
    case ParamType::string: return type->is(TypeKind::string);
    case ParamType::pointer: return type->is(TypeKind::pointer);
    case ParamType::address:
      return type->is_integer() || type->is(TypeKind::pointer) || type->is(TypeKind::string) ||
             type->is(TypeKind::array);
    case ParamType::map: return false;
  }
  return false;
}

std::string_view param_words(ParamType type) {
  switch (type) {
    case ParamType::integer: return "an integer";
    case ParamType::string: return "a string";
    case ParamType::pointer: return "a pointer";
    case ParamType::address: return "a pointer, integer or string";
    default: return "a value";
  }
}

// `$1`: a number when its text is one.
bool is_parameter(std::string_view written) {
  return written.size() > 1 && written[0] == '$' && written[1] >= '0' && written[1] <= '9';
}

// One argument against its parameter. False when it was reported or its type is not known yet.
bool check_argument(Checker& c, const Call& call, Expr* argument, const lang::Param& param) {
  const std::string_view name = lang::row(*call.builtin).name;
  if (param.type == ParamType::map) {
    const auto* ref = as<MapRef>(argument);
    if (ref && !ref->key) return true;
    if (!ref) c.check(argument);
    auto report =
        c.diag.error(DiagId::argument_type, argument->span, "{}() expects a whole map", name);
    if (ref)
      report.hint("without the key: `{}({})`", name, ref->name);
    else
      report.hint("maps start with `@`: `{}(@x)`", name);
    return false;
  }
  if (param.literal && !is_literal_of(argument, param.type)) {
    const Type* type = c.check(argument);
    if (!type || type->is_error()) return false;
    const bool wrong_type = !fits_param(type, param.type);
    auto report = c.diag.error(
        DiagId::argument_type, argument->span, "the {} of {}() must be {}, found {}", param.name,
        name, param.type == ParamType::integer ? "an integer literal" : "a string literal",
        wrong_type ? fmt::format("'{}'", type_name(type)) : "a value that is not a literal");
    const std::string_view written = c.script.sources.text(argument->span);
    if (!wrong_type)
      report.hint("it must be known when the script is compiled");
    else if (param.type == ParamType::string && is_parameter(written))
      report.hint("the parameter reads as a number; `str({})` is its text", written);
    else if (param.type == ParamType::string && call.builtin == Builtin::printf)
      report.hint("`printf(\"%d\", …)`, or `print(…)` without a format");
    else
      report.hint("write `{}`", lang::usage(*call.builtin));
    return false;
  }
  // The length of a format string is not limited by max_strlen.
  if (param.literal && param.type == ParamType::string) {
    argument->type =
        c.types().string(static_cast<std::uint32_t>(as<StringLiteral>(argument)->value.size() + 1));
    return true;
  }
  const Type* type = c.check_value(argument);
  if (!type || type->is_error()) return false;
  if (fits_param(type, param.type)) return true;
  c.diag
      .error(DiagId::argument_type, argument->span, "the {} of {}() must be {}, found '{}'",
             param.name, name, param_words(param.type), type_name(type))
      .hint("write `{}`", lang::usage(*call.builtin));
  return false;
}

bool takes_mode(const Call& call) {
  return call.builtin == Builtin::kstack || call.builtin == Builtin::ustack ||
         call.builtin == Builtin::dw_ustack;
}

bool check_place(Checker& c, const Call& call) {
  const lang::BuiltinRow& row = lang::row(*call.builtin);
  if (lang::contains(row.probes, c.probe->kind)) return true;
  if (c.probe->is_uncalled) return false;
  auto report = c.diag.error(DiagId::wrong_probe, call.span, "there is no `{}` in {} probes",
                             call.name, lang::row(c.probe->kind).name);
  if (call.builtin == Builtin::ctx && c.probe->kind == lang::ProbeKind::tracepoint)
    report.hint("use `args`");
  else if (call.builtin == Builtin::argN && c.probe->kind == lang::ProbeKind::tracepoint)
    report.hint("the fields of a tracepoint have names: `args.…`");
  else
    report.hint("it is in {}", probe_list(row.probes));
  return false;
}

void report_misplaced(Checker& c, Call& call) {
  check_arguments_of_unknown(c, call);
  auto report = c.diag.error(DiagId::misplaced_aggregation, call.span,
                             "{}() must be assigned directly to a map", call.name);
  std::string list;
  for (std::size_t i = 0; i < call.args.size(); ++i) list += i == 0 ? "…" : ", …";
  report.hint("`@x = {}({});`", call.name, list);
}

// `KILL` or `SIGKILL`.
std::optional<std::uint64_t> signal_number(std::string_view name) {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (unsigned number = 1; number <= most_signals; ++number)
    if (const char* known = ::sigabbrev_np(static_cast<int>(number)); known && name == known)
      return number;
  return std::nullopt;
}

void check_signal(Checker& c, Call& call) {
  Expr*& argument = call.args[0];
  if (const auto* name = as<StringLiteral>(argument)) {
    const auto number = signal_number(name->value);
    if (!number)
      c.diag.error(DiagId::argument_type, name->span, "there is no signal `{}`", name->value)
          .hint("a name such as \"KILL\" or \"SIGKILL\", or a number from 1 to {}", most_signals);
    else
      argument = make<IntegerLiteral>(c.script.arena, name->span, *number, false);
  }
  const Type* type = c.check_value(argument);
  if (!type || type->is_error() || as<StringLiteral>(argument)) return;
  const auto* literal = as<IntegerLiteral>(argument);
  if (!type->is_integer())
    c.diag.error(DiagId::argument_type, argument->span,
                 "the signal of {}() must be an integer or the name of one, found '{}'", call.name,
                 type_name(type));
  else if (literal && (literal->negative || literal->value < 1 || literal->value > most_signals))
    c.diag.error(DiagId::argument_type, argument->span, "signals have numbers from 1 to {}",
                 most_signals);
}

}  // namespace

// Literals are not known to be ones before that.
bool Checker::waits_for_answers(Call& call) {
  if (last_walk || !std::ranges::any_of(call.args, [](const Expr* argument) {
        return has_open_question(*argument);
      }))
    return false;
  check_arguments_of_unknown(*this, call);
  return true;
}

bool Checker::check_arguments(Call& call, const lang::Signature& signature) {
  if (!check_count(*this, call, signature)) return false;
  bool complete = true;
  for (std::size_t i = 0; i < call.args.size() && i < signature.params.size(); ++i) {
    // print() takes a map by name, kstack() a mode: they look at these arguments themselves.
    if (signature.params[i].type == ParamType::any && !signature.params[i].literal) continue;
    if (takes_mode(call)) continue;
    complete &= check_argument(*this, call, call.args[i], signature.params[i]);
  }
  return complete;
}

const Type* Checker::check_call(Call& call) {
  if (call.foreign) return check_foreign(call);
  if (!call.builtin) {  // reported by resolve_names
    check_arguments_of_unknown(*this, call);
    return types().error();
  }
  const lang::BuiltinRow& row = lang::row(*call.builtin);
  const lang::Signature signature = lang::parse_signature(row.signature);
  if (!check_place(*this, call)) return types().error();
  // is_scalar() is known before the types are; what is left of it has a wrong argument.
  if (row.runs == lang::Runs::in_sema && call.builtin != Builtin::is_scalar) {
    if (!check_count(*this, call, signature)) return types().error();
    check_arguments_of_unknown(*this, call);
    return check_compile_time(call);
  }
  if (waits_for_answers(call)) return nullptr;
  if (row.unsafe && !script.unsafe && !probe->is_uncalled)
    diag.error(DiagId::unsafe_call, call.span,
               "{}() changes the traced system, which needs --unsafe", row.name);
  if (row.aggregation) {
    report_misplaced(*this, call);
    return types().error();
  }
  const bool complete = check_arguments(call, signature);
  switch (*call.builtin) {
    case Builtin::args: return check_args(call);
    case Builtin::argN: return check_numbered_argument(call);
    case Builtin::ctx: return context_type();
    case Builtin::func: return function_type();
    case Builtin::retval: return check_retval(call);
    case Builtin::curtask:
      return types().pointer(struct_type("task_struct"), lang::AddressSpace::kernel);
    case Builtin::kstack: return stack_type(call, TypeKind::kstack);
    case Builtin::ustack: return stack_type(call, TypeKind::ustack);
    case Builtin::dw_ustack: return check_unwinding(call);
    case Builtin::kptr:
      return complete ? check_space_call(call, lang::AddressSpace::kernel) : types().error();
    case Builtin::uptr:
      return complete ? check_space_call(call, lang::AddressSpace::user) : types().error();
    case Builtin::str:
    case Builtin::buf:
    case Builtin::strlen:
    case Builtin::strcap:
    case Builtin::strncmp:
    case Builtin::str_concat:
    case Builtin::memcmp:
    case Builtin::bswap:
    case Builtin::strerror:
    case Builtin::signal_name:
    case Builtin::syscall_name: return check_text_call(call, signature, complete);
    case Builtin::ksym:
    case Builtin::usym:
    case Builtin::kaddr:
    case Builtin::uaddr:
    case Builtin::username:
    case Builtin::ntop:
    case Builtin::pton:
    case Builtin::macaddr:
    case Builtin::cgroupid:
    case Builtin::cgroup_path:
    case Builtin::nsecs:
    case Builtin::strftime: return check_value_call(call, signature, complete);
    case Builtin::pid:
    case Builtin::tid:
    case Builtin::comm:
    case Builtin::path:
    case Builtin::reg:
    case Builtin::percpu_kaddr:
    case Builtin::skboutput:
    case Builtin::socket_cookie:
    case Builtin::write_user: return check_kernel_call(call, signature, complete);
    case Builtin::probe: return probe_name_type(call);
    case Builtin::probetype: return types().error();  // arguments, which were reported
    case Builtin::printf:
    case Builtin::errorf:
    case Builtin::warnf:
    case Builtin::cat:
    case Builtin::system:
      if (!call.args.empty()) check_printf(call);
      return types().void_type();
    case Builtin::debugf:
      if (!call.args.empty()) check_debugf(call);
      return types().void_type();
    case Builtin::join:
      if (!call.args.empty()) check_join(call);
      return types().void_type();
    case Builtin::unwatch:
      diag.warning(DiagId::without_effect, call.span,
                   "unwatch() does nothing: the watchpoints that it removed are gone")
          .hint("leave it out; a watchpoint that removes itself can be written as a condition");
      return types().void_type();
    case Builtin::signal:
    case Builtin::signal_thread:
      if (!call.args.empty()) check_signal(*this, call);
      return types().void_type();
    case Builtin::print:
      if (!call.args.empty()) check_print(call);
      return types().void_type();
    case Builtin::delete_:
    case Builtin::has_key:
    case Builtin::find:
    case Builtin::len: return check_map_call(call);
    default: break;
  }
  if (signature.result == "void") return types().void_type();
  if (signature.result == "bool") return types().boolean();
  if (signature.result == "int32") return types().integer(4, true);
  if (signature.result == "uint8") return types().integer(1, false);
  SONDE_ASSERT(signature.result == "uint32" || signature.result == "uint64",
               "a signature in builtins.def has a result that check_call does not know");
  return types().integer(signature.result == "uint32" ? 4 : 8, false);
}

}  // namespace sonde::sema
