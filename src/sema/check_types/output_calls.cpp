// SPDX-License-Identifier: Apache-2.0
// printf() and print(): what can be shown, and which conversion takes which type.
#include <fmt/format.h>

#include <algorithm>

#include "image/format.h"
#include "sema/check_types/argument_kinds.h"
#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;

namespace {

constexpr std::size_t most_printf_values = 127;
// MAX_TRACE_PRINTK_VARARGS, kernel/trace/bpf_trace.c
constexpr std::size_t most_debugf_values = 3;

std::string count_of(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count == 0 ? "no" : std::to_string(count), what,
                     count == 1 ? "" : "s");
}

std::string values_are(std::size_t count) {
  return count_of(count, "value") + (count == 1 ? " is" : " are");
}

bool accepts(const image::FormatPiece& piece, const Type* type) {
  if (piece.conversion == 's') return true;
  if (piece.conversion == 'r') return type->is(TypeKind::buffer);
  if (piece.conversion == 'g' && piece.variant == 'r') return type->is_integer();
  constexpr std::string_view numbers = "diuoxXcp";
  return numbers.find(piece.conversion) != std::string_view::npos && type->is_scalar();
}

std::string conversion_name(const image::FormatPiece& piece) {
  std::string name = "%";
  name += piece.conversion;
  if (piece.variant != 0) name += piece.variant;
  return name;
}

// An aggregation that is many numbers: nothing shows it but print() of the map.
bool is_drawn(const Type* type) {
  return type->is(TypeKind::hist) || type->is(TypeKind::lhist) || type->is(TypeKind::tseries);
}

void bad_conversion(Checker& c, const Call& call, const image::FormatPiece& piece,
                    const Expr* argument, const Type* type) {
  auto report =
      c.diag.error(DiagId::format_type, call.span, "`{}` does not take a value of type '{}'",
                   conversion_name(piece), type_name(type));
  report.label(argument->span, "this is '{}'", type_name(type));
  if (piece.conversion == 'r')
    report.hint("`%r` shows bytes: `buf(…, 16)`");
  else if (is_drawn(type))
    report.hint("print the map: `print({})`", as<MapRef>(argument)->name);
  else if (type->is(TypeKind::stats))
    report.hint("`%s` prints it");
  else if (type->is_aggregation())
    report.hint("`%s` prints it; a cast reads the number: `(int64)@…`");
  else if (type->is(TypeKind::string))
    report.hint("`%s` prints text");
  else
    report.hint("`%s` prints a value of any type");
}

void check_conversion(Checker& c, const Call& call, const image::FormatPiece& piece,
                      Expr* argument) {
  // An aggregation as an argument is read inside the probe, which %d never accepted.
  if (auto* ref = as<MapRef>(argument);
      ref && ref->map->value && ref->map->value->is_aggregation() && piece.conversion != 's') {
    c.use_key(*ref);
    bad_conversion(c, call, piece, argument, ref->map->value);
    return;
  }
  const Type* type = c.check_shown(argument);
  if (!type || type->is_error() || !c.can_be_stored(type, argument->span)) return;
  if (!accepts(piece, type)) bad_conversion(c, call, piece, argument, type);
}

// What bpf_bprintf_prepare (kernel/bpf/helpers.c) understands of a conversion.
bool is_known_to_kernel(const image::FormatPiece& piece, const Type* type) {
  if (piece.alternate || piece.precision >= 0) return false;
  if (piece.length == image::Length::hh || piece.length == image::Length::h) return false;
  if (piece.conversion == 's') return type->is(TypeKind::string);
  return std::string_view("diuxXp").contains(piece.conversion);
}

void check_for_kernel(Checker& c, const Call& call, const std::string& format) {
  std::size_t next = 1;
  for (const image::FormatPiece& piece : image::parse_format(format)) {
    if (piece.conversion == 0 || next >= call.args.size()) continue;
    const Expr* argument = call.args[next++];
    if (!argument->type || argument->type->is_error() || is_known_to_kernel(piece, argument->type))
      continue;
    c.diag
        .error(DiagId::format_type, call.span,
               "the text is written by the kernel, which does not know this conversion")
        .label(argument->span, "of this value")
        .hint("it knows %d, %u, %x, %p, all but the last also with `l`, and %s of strings");
  }
  const auto is_plain = [](char byte) {
    return (byte >= ' ' && byte <= '~') || (byte >= '\t' && byte <= '\r');
  };
  if (!std::ranges::all_of(format, is_plain))
    c.diag.error(DiagId::format_type, call.args[0]->span,
                 "the text is written by the kernel, which takes only ASCII");
}

}  // namespace

void Checker::check_debugf(Call& call) {
  const auto* format = as<StringLiteral>(call.args[0]);
  if (!format) return;
  diag.warning(DiagId::debug_output, call.span,
               "debugf() writes to the kernel's trace pipe, which is slow and shared with others: "
               "it is for debugging only")
      .hint("`printf` prints here");
  check_printf(call);
  check_for_kernel(*this, call, format->value);
  if (call.args.size() > most_debugf_values + 1)
    diag.error(DiagId::argument_count, call.span, "debugf() takes up to {} values ({} provided)",
               most_debugf_values, call.args.size() - 1)
        .hint("write the rest by another call");
}

void Checker::check_join(Call& call) {
  check_kind(*this, call, call.args[0], "strings", {TypeKind::pointer, TypeKind::integer},
             "a pointer to pointers");
}

void Checker::check_printf(Call& call) {
  const auto* format = as<StringLiteral>(call.args[0]);
  if (!format) return;
  const std::size_t given = call.args.size() - 1;
  std::size_t wanted = 0;
  for (const image::FormatPiece& piece : image::parse_format(format->value)) {
    if (piece.conversion == 0) continue;
    ++wanted;
    if (wanted <= given) check_conversion(*this, call, piece, call.args[wanted]);
  }
  for (std::size_t i = wanted + 1; i <= given; ++i) check(call.args[i]);
  if (given > most_printf_values) {
    diag.error(DiagId::argument_count, call.span, "{}() takes up to {} values ({} provided)",
               call.name, most_printf_values, given)
        .hint("print the rest by another call");
  } else if (given < wanted) {
    diag.error(DiagId::format_count, call.span, "the format has {}, but only {} given",
               count_of(wanted, "conversion"), values_are(given))
        .hint("`%%` prints a percent sign");
  } else if (given > wanted) {
    diag.error(DiagId::format_count, call.span, "the format has {}, but {} given",
               count_of(wanted, "conversion"), values_are(given))
        .label(call.args[wanted + 1]->span, "no conversion shows this")
        .hint("`%d` shows a number, `%s` a value of any type");
  }
}

// A map by name needs no key; everything else is a value.
void Checker::check_print(Call& call) {
  for (std::size_t i = 1; i < call.args.size(); ++i)
    if (const auto* literal = as<IntegerLiteral>(call.args[i]); literal && literal->negative)
      diag.error(DiagId::argument_type, literal->span, "the {} of print() cannot be negative",
                 i == 1 ? "top" : "divisor");
  auto* ref = as<MapRef>(call.args[0]);
  if (ref && !ref->key) {
    if (call.args.size() > 1 && ref->map->value && ref->map->value->is(TypeKind::stats))
      diag.warning(DiagId::argument_type, call.args[1]->span,
                   "`top` and `divisor` look only at the averages of `{}`, which holds stats()",
                   ref->name)
          .hint("`print({})` prints all of it", ref->name);
    return;
  }
  if (call.args.size() > 1)
    diag.error(DiagId::argument_count, call.span,
               "print() of a value takes one argument ({} provided)", call.args.size())
        .hint("`top` and `divisor` are for whole maps: `print(@x, 5)`");
  const Type* type = ref ? check_shown(ref) : check(call.args[0]);
  if (!type || type->is_error()) return;
  if (type->is(TypeKind::none) || type->is(TypeKind::void_))
    diag.error(DiagId::not_printable, call.args[0]->span, "this has no value to print")
        .hint("the value of a block or macro is the expression at its end, without `;`");
  else if (type->space == lang::AddressSpace::context)
    diag.error(DiagId::not_printable, call.args[0]->span,
               "the context of a probe cannot be printed: it is an address of the kernel's own")
        .hint("its fields can, and so can its address: `(uint64)ctx`");
  else
    can_be_stored(type, call.args[0]->span);
}

}  // namespace sonde::sema
