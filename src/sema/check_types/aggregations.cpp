// SPDX-License-Identifier: Apache-2.0
// Aggregations: `@x = count()`, and what their literal arguments may be.
#include <fmt/format.h>

#include <optional>

#include "image/layout.h"
#include "sema/check_types/checker.h"
#include "sema/unstable.h"
#include "target/features.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::Builtin;

namespace {

constexpr std::uint64_t most_lhist_buckets = 1000;
constexpr std::uint64_t most_hist_bits = 5;

std::string literal_text(const IntegerLiteral& literal) {
  return literal.negative ? std::to_string(static_cast<std::int64_t>(literal.value))
                          : std::to_string(literal.value);
}

const Type* bad_argument(Checker& c, const Call& call, std::size_t index, const std::string& text) {
  c.diag.error(DiagId::argument_type, call.args[index]->span, "{}", text)
      .hint("write `{}`", lang::usage(*call.builtin));
  return c.types().error();
}

const Type* hist_type(Checker& c, const Call& call) {
  Type type{.kind = TypeKind::hist, .size_bytes = 8};
  if (call.args.size() == 2) {
    const auto& bits = *as<IntegerLiteral>(call.args[1]);
    if (bits.negative || bits.value > most_hist_bits)
      return bad_argument(c, call, 1,
                          fmt::format("the bits of hist() are 0 to {}, found {}", most_hist_bits,
                                      literal_text(bits)));
    type.hist_bits = static_cast<std::uint32_t>(bits.value);
  }
  return c.types().intern(type);
}

const Type* lhist_type(Checker& c, const Call& call) {
  constexpr std::string_view names[] = {"", "minimum", "maximum", "step"};
  for (std::size_t i = 1; i <= 3; ++i)
    if (const auto& literal = *as<IntegerLiteral>(call.args[i]); literal.negative)
      return bad_argument(c, call, i,
                          fmt::format("the {} of lhist() cannot be negative, found {}", names[i],
                                      literal_text(literal)));
  const auto literal = [&](std::size_t i) { return as<IntegerLiteral>(call.args[i])->value; };
  const std::uint64_t min = literal(1), max = literal(2), step = literal(3);
  if (step == 0) return bad_argument(c, call, 3, "the step of lhist() is at least 1, found 0");
  if (min >= max)
    return bad_argument(c, call, 1,
                        fmt::format("the minimum of lhist() must be below its maximum, found {} "
                                    "and {}",
                                    min, max));
  const std::uint64_t range = max - min, buckets = range / step;
  if (buckets > most_lhist_buckets)
    return bad_argument(c, call, 3,
                        fmt::format("lhist() would have {} buckets, at most {} are possible: make "
                                    "the step {} or more",
                                    buckets, most_lhist_buckets,
                                    (range + most_lhist_buckets - 1) / most_lhist_buckets));
  if (step > range)
    return bad_argument(
        c, call, 3,
        fmt::format("the step of lhist() is larger than its range: {} and {}", step, range));
  Type type{.kind = TypeKind::lhist, .size_bytes = 8};
  type.lhist_min = min;
  type.lhist_max = max;
  type.lhist_step = step;
  return c.types().intern(type);
}

// What a tseries() is asked to keep; nothing for a word that is none.
std::optional<image::Reduction> find_reduction(std::string_view name) {
  using image::Reduction;
  constexpr std::pair<std::string_view, Reduction> known[] = {{"avg", Reduction::avg},
                                                              {"max", Reduction::max},
                                                              {"min", Reduction::min},
                                                              {"sum", Reduction::sum}};
  for (const auto& [word, reduction] : known)
    if (word == name) return reduction;
  return std::nullopt;
}

const Type* tseries_type(Checker& c, const Call& call) {
  check_unstable(c.script, c.diag, lang::ConfigKey::unstable_tseries, "tseries()", call.span);
  const Type* sample = call.args[0]->type;
  Type type{.kind = TypeKind::tseries, .size_bytes = 8};
  type.is_signed = sample->is_integer() && sample->is_signed;
  const auto& interval = *as<IntegerLiteral>(call.args[1]);
  if (interval.negative || interval.value == 0)
    return bad_argument(c, call, 1,
                        fmt::format("the interval of tseries() is at least 1 ns, found {}",
                                    literal_text(interval)));
  if (call.args.size() == 4) {
    const std::string& name = as<StringLiteral>(call.args[3])->value;
    const auto reduction = find_reduction(name);
    if (!reduction)
      return bad_argument(
          c, call, 3,
          fmt::format("tseries() aggregates by \"avg\", \"max\", \"min\" or \"sum\", found \"{}\"",
                      name));
    type.reduction = *reduction;
  }
  const auto& points = *as<IntegerLiteral>(call.args[2]);
  if (points.negative || points.value == 0 || points.value > image::most_series_points)
    return bad_argument(c, call, 2,
                        fmt::format("tseries() can keep 1 to {} intervals, found {}",
                                    image::most_series_points, literal_text(points)));
  type.series_interval_ns = interval.value;
  type.series_points = static_cast<std::uint32_t>(points.value);
  return c.types().intern(type);
}

TypeKind kind_of(Builtin builtin) {
  switch (builtin) {
    case Builtin::count: return TypeKind::count;
    case Builtin::sum: return TypeKind::sum;
    case Builtin::min: return TypeKind::min;
    case Builtin::max: return TypeKind::max;
    case Builtin::avg: return TypeKind::avg;
    case Builtin::stats: return TypeKind::stats;
    case Builtin::hist: return TypeKind::hist;
    case Builtin::lhist: return TypeKind::lhist;
    case Builtin::tseries: return TypeKind::tseries;
    default: SONDE_UNREACHABLE("an aggregation of the table has no type");
  }
}

}  // namespace

const Type* Checker::check_aggregation(Call& call) {
  const lang::Signature signature = lang::parse_signature(lang::row(*call.builtin).signature);
  if (waits_for_answers(call)) return nullptr;
  call.type = types().error();
  if (!check_arguments(call, signature)) {
    for (const Expr* argument : call.args)
      if (!argument->type) return nullptr;
    return types().error();
  }
  const TypeKind kind = kind_of(*call.builtin);
  if (kind == TypeKind::hist) return call.type = hist_type(*this, call);
  if (kind == TypeKind::lhist) return call.type = lhist_type(*this, call);
  if (kind == TypeKind::tseries) return call.type = tseries_type(*this, call);
  const bool is_signed =
      !call.args.empty() && call.args[0]->type->is_integer() && call.args[0]->type->is_signed;
  return call.type = types().aggregation(kind, is_signed);
}

bool Checker::need(target::Feature feature, diag::Span span, std::string_view what) {
  if (script.target.has(feature)) return true;
  diag.error(DiagId::kernel_too_old, span, "{} needs Linux {} or newer; this is {}", what,
             target::feature_since(feature), script.target.release());
  return false;
}

const Type* Checker::read_type(const Map& map, diag::Span span) {
  const Type& value = *map.value;
  if (!value.is_aggregation()) return settled(&value);
  switch (value.kind) {
    case TypeKind::count:
    case TypeKind::sum:
    case TypeKind::min:
    case TypeKind::max:
    case TypeKind::avg: break;
    default:
      diag.error(DiagId::not_a_value, span, "'{}' has no single number: it cannot be a value",
                 type_name(&value))
          .label(map.typed_at, "`{}` got its type here", map.name)
          .hint("print the whole map: `print({})`", map.name);
      return types().error();
  }
  if (!need(target::Feature::percpu_lookup, span, "reading what all CPUs have aggregated"))
    return types().error();
  return types().integer(8, value.is_signed);
}

const Type* Checker::check_shown(Expr* expr) {
  auto* ref = as<MapRef>(expr);
  if (!ref || !ref->map->value || !ref->map->value->is(TypeKind::stats)) return check_value(expr);
  use_key(*ref);
  const bool can = need(target::Feature::percpu_lookup, ref->span, "reading a stats() value");
  return ref->type = can ? ref->map->value : types().error();
}

namespace {

// What all calls for one map must agree on.
std::string parameters(const Type& t) {
  constexpr std::string_view reductions[] = {"", ", \"avg\"", ", \"max\"", ", \"min\"",
                                             ", \"sum\""};
  if (t.is(TypeKind::hist)) return fmt::format("{} bits", t.hist_bits);
  if (t.is(TypeKind::lhist))
    return fmt::format("({}, {}, {})", t.lhist_min, t.lhist_max, t.lhist_step);
  return fmt::format("({}, {}{})", t.series_interval_ns, t.series_points,
                     reductions[static_cast<std::size_t>(t.reduction)]);
}

}  // namespace

void Checker::report_other_aggregation(const Map& map, const Type* type, diag::Span span) {
  const bool is_series = type->is(TypeKind::tseries);
  const std::string_view what = is_series ? "intervals" : "buckets";
  diag.error(DiagId::type_mismatch, span,
             "every {} of one map must have the same {}: `{}` has {}, found {}",
             is_series                  ? "tseries()"
             : type->is(TypeKind::hist) ? "hist()"
                                        : "lhist()",
             what, map.name, parameters(*map.value), parameters(*type))
      .label(map.typed_at, "`{}` got its {} here", map.name, what)
      .hint("use another map");
}

}  // namespace sonde::sema
