// SPDX-License-Identifier: Apache-2.0
// Calls of builtins: the arguments against the signature of the table's row, then what a
// signature cannot say.
#include <fmt/format.h>

#include "image/format.h"
#include "image/layout.h"
#include "sema/check_types/checker.h"
#include "sema/unsupported.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::Builtin;
using lang::ParamType;

namespace {

constexpr std::uint64_t most_frames = 1024;
constexpr std::uint32_t default_frames = 127;
constexpr std::uint64_t most_lhist_buckets = 1000;

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

bool check_count(Checker& c, const Call& call, const lang::Signature& signature) {
  const std::size_t given = call.args.size(), least = signature.required();
  const std::size_t most = signature.variadic ? SIZE_MAX : signature.params.size();
  if (given >= least && given <= most) return true;
  const std::string_view name = lang::row(*call.builtin).name;
  const std::string wanted =
      least == most    ? "requires " + plural(least)
      : given < least  ? "requires at least " + plural(least)
                       : "takes up to " + plural(most);
  c.diag.error(DiagId::argument_count, call.span, "{}() {} ({} provided)", name, wanted, given)
      .hint("`{}`", lang::row(*call.builtin).signature);
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
    case ParamType::integer: return "integer";
    case ParamType::string: return "string";
    case ParamType::pointer: return "pointer";
    case ParamType::address: return "pointer, integer or string";
    default: return "any";
  }
}

// One argument against its parameter. False when it was reported or its type is not known yet.
bool check_argument(Checker& c, const Call& call, Expr* argument, const lang::Param& param) {
  const std::string_view name = lang::row(*call.builtin).name;
  if (param.type == ParamType::map) {
    const auto* ref = as<MapRef>(argument);
    if (ref && !ref->key) return true;
    c.check(argument);
    c.diag.error(DiagId::argument_type, argument->span, "{}() expects a map argument", name)
        .hint("name the map without a key: `{}(@x)`", name);
    return false;
  }
  if (param.literal && !is_literal_of(argument, param.type)) {
    const Type* type = c.check(argument);
    if (!type || type->is_error()) return false;
    c.diag.error(DiagId::argument_type, argument->span, "{}() expects a{} literal ({} provided)",
                 name, param.type == ParamType::integer ? "n integer" : " string",
                 as<IntegerLiteral>(argument) ? "int" : type_name(type))
        .hint("`{}` must be known when the script is compiled", param.name);
    return false;
  }
  // The length of a format string is not limited by max_strlen.
  if (param.literal && param.type == ParamType::string) {
    argument->type = c.types().string(
        static_cast<std::uint32_t>(as<StringLiteral>(argument)->value.size() + 1));
    return true;
  }
  const Type* type = c.check_value(argument);
  if (!type || type->is_error()) return false;
  if (fits_param(type, param.type)) return true;
  c.diag.error(DiagId::argument_type, argument->span, "{}() only supports {} arguments ({} provided)",
               name, param_words(param.type), type_name(type));
  return false;
}

bool check_place(Checker& c, const Call& call) {
  const lang::BuiltinRow& row = lang::row(*call.builtin);
  if (lang::contains(row.probes, c.probe->kind)) return true;
  c.diag.error(DiagId::wrong_probe, call.span,
               "The {} builtin can not be used with '{}' probes", call.name,
               lang::row(c.probe->kind).name)
      .hint("it works in {}", probe_list(row.probes));
  return false;
}

const Type* stack_type(Checker& c, const Call& call, TypeKind kind) {
  std::uint32_t limit = default_frames;
  for (const Expr* argument : call.args) {
    if (const auto* mode = as<Identifier>(argument)) {
      if (mode->name == "bpftrace") continue;
      const bool known = mode->name == "perf" || mode->name == "raw" || mode->name == "build_id";
      if (known)
        not_supported_yet(c.diag, mode->span, lang::Construct::stack_mode);
      else
        c.diag.error(DiagId::argument_type, mode->span,
                     "Error parsing stack mode: {}: Invalid value for stack_mode: valid values are "
                     "bpftrace, raw, perf, and build_id.",
                     mode->name);
      return c.types().error();
    }
    const auto* literal = as<IntegerLiteral>(argument);
    if (!literal || literal->negative || literal->value == 0 || literal->value > most_frames) {
      c.diag.error(DiagId::argument_type, argument->span,
                   "{}([int limit]): expected a literal from 1 to {}", call.name, most_frames);
      return c.types().error();
    }
    limit = static_cast<std::uint32_t>(literal->value);
  }
  if (c.script.config.text(lang::ConfigKey::stack_mode) != "bpftrace") {
    not_supported_yet(c.diag, call.span, lang::Construct::stack_mode);
    return c.types().error();
  }
  return c.types().intern({.kind = kind, .size_bytes = 8, .stack_limit = limit});
}

const Type* str_type(Checker& c, const Call& call) {
  const auto limit =
      static_cast<std::uint32_t>(c.script.config.number(lang::ConfigKey::max_strlen));
  const auto* length = call.args.size() == 2 ? as<IntegerLiteral>(call.args[1]) : nullptr;
  if (!length) return c.types().string(limit);
  if (length->negative || length->value == 0) {
    c.diag.error(DiagId::argument_type, length->span, "str() expects a length above 0");
    return c.types().error();
  }
  if (length->value > limit) {
    c.diag.warning(DiagId::string_too_long, length->span,
                   "length param ({}) is too long and will be shortened to {} bytes (see "
                   "BPFTRACE_MAX_STRLEN)",
                   length->value, limit);
    return c.types().string(limit);
  }
  return c.types().string(static_cast<std::uint32_t>(length->value));
}

const Type* args_type(Checker& c) {
  const bool record = c.probe->kind == lang::ProbeKind::tracepoint;
  const std::string name = record ? fmt::format("struct tracepoint:{}:{}_args", c.probe->target,
                                                c.probe->function)
                                  : "the arguments of " + c.probe->name;
  return c.types().intern({.kind = TypeKind::c_struct, .name = name});
}

const Type* context_type(Checker& c) {
  const bool registers = lang::row(c.probe->kind).context == lang::Context::registers;
  return c.types().pointer(c.struct_type(registers ? "pt_regs" : "bpf_perf_event_data"),
                           lang::AddressSpace::kernel);
}

const Type* func_type(Checker& c) {
  const bool user = lang::row(c.probe->kind).address_space == lang::AddressSpace::user;
  return user ? c.types().intern({.kind = TypeKind::usym, .size_bytes = 16})
              : c.types().intern({.kind = TypeKind::ksym, .size_bytes = 8});
}

// print(): what can be shown, and where top and divisor make sense.
void check_print(Checker& c, Call& call) {
  auto* ref = as<MapRef>(call.args[0]);
  if (ref && !ref->key) return;
  if (call.args.size() > 1)
    c.diag.error(DiagId::argument_count, call.span,
                 "Non-map print() only takes 1 argument, {} found", call.args.size());
  const Type* type = c.check(call.args[0]);
  if (!type || type->is_error()) return;
  const bool arguments = type->is(TypeKind::c_struct) && type->btf == 0;
  if (type->is(TypeKind::none) || type->is(TypeKind::void_) || arguments)
    c.diag.error(DiagId::not_printable, call.span, "{} type passed to print() is not printable",
                 type_name(type));
  else if (type->is(TypeKind::c_struct))
    not_supported_yet(c.diag, call.args[0]->span, lang::Construct::struct_value);
  else if (type->is(TypeKind::array))
    not_supported_yet(c.diag, call.args[0]->span, lang::Construct::array_value);
}

bool accepts(const image::FormatPiece& piece, const Type* type) {
  if (piece.conversion == 's') return !type->is(TypeKind::none) && !type->is(TypeKind::void_);
  constexpr std::string_view numbers = "diuoxXcp";
  return numbers.find(piece.conversion) != std::string_view::npos && type->is_scalar();
}

std::string conversion_name(const image::FormatPiece& piece) {
  std::string name(1, piece.conversion);
  if (piece.variant != 0) name += piece.variant;
  return name;
}

void check_conversion(Checker& c, const image::FormatPiece& piece, Expr* argument) {
  // An aggregation as an argument is read inside the probe, which %d never accepted.
  if (auto* ref = as<MapRef>(argument);
      ref && ref->map->value && ref->map->value->is_aggregation() && piece.conversion != 's') {
    c.use_key(*ref);
    c.diag.error(DiagId::format_type, argument->span,
                 "unsupported format specifier for type '{}': {}", type_name(ref->map->value),
                 conversion_name(piece))
        .hint("print the map: `print({})`", ref->map->name);
    return;
  }
  const Type* type = c.check_value(argument);
  if (!type || type->is_error()) return;
  if (type->is(TypeKind::c_struct) || type->is(TypeKind::array)) {
    not_supported_yet(c.diag, argument->span,
                      type->is(TypeKind::array) ? lang::Construct::array_value
                                                : lang::Construct::struct_value);
    return;
  }
  if (accepts(piece, type)) return;
  auto report =
      c.diag.error(DiagId::format_type, argument->span,
                   "unsupported format specifier for type '{}': {}", type_name(type),
                   conversion_name(piece));
  if (piece.conversion != 's') report.hint("`%s` prints a value of any type");
}

}  // namespace

void Checker::check_printf(Call& call) {
  const auto* format = as<StringLiteral>(call.args[0]);
  if (!format) return;
  std::size_t next = 1;
  std::size_t wanted = 0;
  for (const image::FormatPiece& piece : image::parse_format(format->value)) {
    if (piece.conversion == 0) continue;
    ++wanted;
    if (next < call.args.size()) check_conversion(*this, piece, call.args[next++]);
  }
  const std::size_t given = call.args.size() - 1;
  if (given == wanted) return;
  for (std::size_t i = next; i < call.args.size(); ++i) check(call.args[i]);
  diag.error(DiagId::format_count, call.span,
             "{} arguments for format string ({} supplied, {} expected)",
             given < wanted ? "not enough" : "too many", given, wanted);
}

bool Checker::check_arguments(Call& call, const lang::Signature& signature) {
  if (!check_count(*this, call, signature)) return false;
  bool complete = true;
  for (std::size_t i = 0; i < call.args.size() && i < signature.params.size(); ++i) {
    // print() takes a map by name, kstack() a mode: they look at these arguments themselves.
    if (signature.params[i].type == ParamType::any && !signature.params[i].literal) continue;
    complete &= check_argument(*this, call, call.args[i], signature.params[i]);
  }
  return complete;
}

const Type* Checker::check_aggregation(Call& call) {
  const lang::Signature signature = lang::parse_signature(lang::row(*call.builtin).signature);
  call.type = types().error();
  if (!check_arguments(call, signature)) {
    for (const Expr* argument : call.args)
      if (!argument->type) return nullptr;
    return types().error();
  }
  const bool is_signed =
      !call.args.empty() && call.args[0]->type->is_integer() && call.args[0]->type->is_signed;
  const auto literal = [&](std::size_t i) { return as<IntegerLiteral>(call.args[i])->value; };
  Type type{.size_bytes = 8, .is_signed = is_signed};
  switch (*call.builtin) {
    case Builtin::count: type.kind = TypeKind::count; break;
    case Builtin::sum: type.kind = TypeKind::sum; break;
    case Builtin::min: type.kind = TypeKind::min; break;
    case Builtin::max: type.kind = TypeKind::max; break;
    case Builtin::avg: type.kind = TypeKind::avg; break;
    case Builtin::stats: type.kind = TypeKind::stats; break;
    case Builtin::hist: {
      const std::uint64_t bits = call.args.size() == 2 ? literal(1) : 0;
      if (bits > 5) {
        diag.error(DiagId::argument_type, call.args[1]->span, "hist: bits {} must be 0..5", bits);
        return types().error();
      }
      type = {.kind = TypeKind::hist, .size_bytes = 8};
      type.hist_bits = static_cast<std::uint32_t>(bits);
      break;
    }
    case Builtin::lhist: {
      const std::uint64_t min = literal(1), max = literal(2), step = literal(3);
      const auto bad = [&](std::size_t i, std::string text) {
        diag.error(DiagId::argument_type, call.args[i]->span, "{}", text);
        return types().error();
      };
      if (as<IntegerLiteral>(call.args[1])->negative)
        return bad(1, "lhist: invalid min value (must be non-negative literal)");
      if (as<IntegerLiteral>(call.args[2])->negative)
        return bad(2, "lhist: invalid max value (must be non-negative literal)");
      if (as<IntegerLiteral>(call.args[3])->negative || step == 0)
        return bad(3, "lhist() step must be >= 1 (0 provided)");
      if (min > max)
        return bad(1, fmt::format("lhist() min must be less than max (provided min {} and max {})",
                                  min, max));
      if ((max - min) / step > most_lhist_buckets)
        return bad(3, fmt::format("lhist() too many buckets, must be <= {} (would need {})",
                                  most_lhist_buckets, (max - min) / step));
      if (step > max - min)
        return bad(3, fmt::format("lhist() step is too large for the given range (provided step {} "
                                  "for range {})",
                                  step, max - min));
      type = {.kind = TypeKind::lhist, .size_bytes = 8};
      type.lhist_min = min;
      type.lhist_max = max;
      type.lhist_step = step;
      break;
    }
    default: SONDE_UNREACHABLE("an aggregation of the table has no type");
  }
  return call.type = types().intern(type);
}

// The key is checked as a use of the map.
const Type* Checker::check_delete(Call& call) {
  auto* ref = call.args.empty() ? nullptr : as<MapRef>(call.args[0]);
  if (!ref || ref->key) return types().boolean();
  MapRef use = *ref;
  if (call.args.size() == 2) use.key = call.args[1];
  if (call.args.size() == 1 && ref->map->shape_known && ref->map->keyed) {
    diag.error(DiagId::map_shape, call.span,
               "call to delete() with a single argument expects a map without explicit keys (scalar "
               "map)")
        .hint("name the key: `delete({}, key)`, or remove all: `clear({})`", ref->name, ref->name);
    return types().error();
  }
  use_key(use);
  return types().boolean();
}

const Type* Checker::check_call(Call& call) {
  if (!call.builtin) {  // reported by resolve_names
    for (Expr* argument : call.args) check(argument);
    return types().error();
  }
  const lang::BuiltinRow& row = lang::row(*call.builtin);
  const lang::Signature signature = lang::parse_signature(row.signature);
  if (!check_place(*this, call)) return types().error();
  if (row.aggregation) {
    diag.error(DiagId::misplaced_aggregation, call.span,
               "{}() must be assigned directly to a map", call.name)
        .hint("`@x = {}(…);`", call.name);
    return types().error();
  }
  const bool complete = check_arguments(call, signature);
  switch (*call.builtin) {
    case Builtin::args: return args_type(*this);
    case Builtin::ctx: return context_type(*this);
    case Builtin::func: return func_type(*this);
    case Builtin::comm: return types().string(16);
    case Builtin::curtask:
      return types().pointer(struct_type("task_struct"), lang::AddressSpace::kernel);
    case Builtin::kstack: return stack_type(*this, call, TypeKind::kstack);
    case Builtin::ustack: return stack_type(*this, call, TypeKind::ustack);
    case Builtin::str: return complete ? str_type(*this, call) : types().error();
    case Builtin::printf:
      if (!call.args.empty()) check_printf(call);
      return types().void_type();
    case Builtin::print:
      if (!call.args.empty()) check_print(*this, call);
      return types().void_type();
    case Builtin::delete_: return check_delete(call);
    default: break;
  }
  if (signature.result == "void") return types().void_type();
  if (signature.result == "bool") return types().boolean();
  SONDE_ASSERT(signature.result == "uint32" || signature.result == "uint64",
               "a signature in builtins.def has a result that check_call does not know");
  return types().integer(signature.result == "uint32" ? 4 : 8, false);
}

}  // namespace sonde::sema
