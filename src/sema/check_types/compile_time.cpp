// SPDX-License-Identifier: Apache-2.0
// Calls that are over when the script is compiled: assert_str(), static_assert() and fail(). The
// predicates are in questions.cpp.
#include <array>
#include <cstdio>

#include "image/format.h"
#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::Builtin;

namespace {

bool is_byte(const Type* type) { return type && type->is_integer() && type->size_bytes == 1; }

const Type* check_assert_str(Checker& c, const Call& call) {
  const Type* type = call.args[0]->type;
  if (!type || type->is_error()) return type;
  const bool holds_bytes = type->is(TypeKind::array) || type->is(TypeKind::pointer);
  if (!type->is(TypeKind::string) && !(holds_bytes && is_byte(type->element)))
    c.diag.error(DiagId::argument_type, call.args[0]->span,
                 "expected a string, or an array of or pointer to int8, found '{}'",
                 type_name(type));
  return c.types().void_type();
}

// A message, when it is known.
const std::string* literal_text(const Expr* expr) {
  const auto* literal = as<StringLiteral>(expr);
  return literal ? &literal->value : nullptr;
}

bool report_not_constant(Checker& c, const Expr& expr, std::string_view what) {
  if (c.last_walk && !(expr.type && expr.type->is_error()))
    c.diag.error(DiagId::not_constant, expr.span, "{} must be known when the script is compiled",
                 what);
  return false;
}

const Type* check_static_assert(Checker& c, const Call& call) {
  const auto* number = as<IntegerLiteral>(call.args[0]);
  const auto* truth = as<BooleanLiteral>(call.args[0]);
  const std::string* message = literal_text(call.args[1]);
  if (!number && !truth) {
    report_not_constant(c, *call.args[0], "the condition of static_assert()");
  } else if (!message) {
    report_not_constant(c, *call.args[1], "the message of static_assert()");
  } else if (!(truth ? truth->value : number->value != 0)) {
    c.diag.error(DiagId::static_assertion, call.span, "assertion failed: {}", *message);
  }
  return c.types().void_type();
}

std::string formatted(const image::FormatPiece& piece, const Expr& value) {
  std::string spec = "%";
  if (piece.left) spec += '-';
  if (piece.plus) spec += '+';
  if (piece.blank) spec += ' ';
  if (piece.alternate) spec += '#';
  if (piece.zero) spec += '0';
  spec += "*";
  if (piece.precision >= 0) spec += "." + std::to_string(piece.precision);
  std::array<char, 1024> out{};
  const auto* text = as<StringLiteral>(&value);
  const auto* number = as<IntegerLiteral>(&value);
  const auto* truth = as<BooleanLiteral>(&value);
  if (text || (truth && piece.conversion == 's')) {
    const std::string shown = text ? text->value : truth->value ? "true" : "false";
    std::snprintf(out.data(), out.size(), (spec + "s").c_str(), piece.width, shown.c_str());
  } else {
    const std::uint64_t bits = number ? number->value : truth && truth->value ? 1 : 0;
    const bool is_signed = piece.conversion == 's' || piece.conversion == 'p'
                               ? number && number->negative
                               : piece.conversion == 'd' || piece.conversion == 'i';
    char conversion = piece.conversion;
    if (conversion == 's') conversion = is_signed ? 'd' : 'u';
    if (conversion == 'p') conversion = 'x';
    spec += conversion == 'c' ? "c" : std::string("ll") + conversion;
    if (conversion == 'c')
      std::snprintf(out.data(), out.size(), spec.c_str(), piece.width, static_cast<int>(bits));
    else
      std::snprintf(out.data(), out.size(), spec.c_str(), piece.width, bits);
  }
  return out.data();
}

// All arguments are literals.
std::string formatted(const Call& call) {
  std::string out;
  std::size_t next = 1;
  for (const image::FormatPiece& piece : image::parse_format(*literal_text(call.args[0]))) {
    if (piece.conversion == 0)
      out += piece.literal;
    else if (next < call.args.size())
      out += formatted(piece, *call.args[next++]);
  }
  return out;
}

const Type* check_fail(Checker& c, Call& call) {
  if (!c.last_walk) return c.types().void_type();
  bool constant = literal_text(call.args[0]) || report_not_constant(c, *call.args[0], "the format");
  for (std::size_t i = 1; i < call.args.size(); ++i) {
    const Expr* value = call.args[i];
    if (as<IntegerLiteral>(value) || as<BooleanLiteral>(value) || as<StringLiteral>(value))
      continue;
    constant = report_not_constant(c, *value, "a value of fail()");
  }
  const std::size_t reported = c.diag.all().size();
  c.check_printf(call);
  if (constant && c.diag.all().size() == reported)
    c.diag.error(DiagId::script_failure, call.span, "{}", formatted(call));
  return c.types().void_type();
}

// A question about the kernel; what is wrong with it is told here.
const Type* check_function_name(Checker& c, Call& call) {
  const Expr* name = call.args[0];
  const bool is_reported = !name->type || name->type->is_error();
  if (!as<StringLiteral>(name) && c.last_walk && !is_reported)
    c.diag
        .error(DiagId::argument_type, name->span,
               "the function of {}() must be a string literal, found '{}'", call.name,
               type_name(name->type))
        .hint("write `{}`", lang::usage(*call.builtin));
  return c.check_question(call);
}

}  // namespace

const Type* Checker::check_compile_time(Call& call) {
  switch (*call.builtin) {
    case Builtin::assert_str: return check_assert_str(*this, call);
    case Builtin::static_assert_: return check_static_assert(*this, call);
    case Builtin::fail: return check_fail(*this, call);
    case Builtin::kfunc_exist:
    case Builtin::kfunc_allowed: return check_function_name(*this, call);
    default: return check_question(call);
  }
}

}  // namespace sonde::sema
