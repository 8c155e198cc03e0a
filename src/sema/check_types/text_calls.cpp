// SPDX-License-Identifier: Apache-2.0
// str(), buf(), and the calls that measure and compare text and bytes.
#include <algorithm>

#include "sema/check_types/argument_kinds.h"
#include "sema/check_types/checker.h"

namespace sonde::sema {

using namespace ast;
using diag::DiagId;
using lang::Builtin;

namespace {

// Strings shorter than this have one more byte, which tells whether they were cut. Longer ones
// give up the place of their NUL for that.
constexpr std::uint32_t shortest_without_spare = 1024;
// What str_concat() makes, and the names of errors, signals and system calls.
constexpr std::uint32_t concatenated_bytes = 1024, name_bytes = 64;

std::uint32_t longest_string(const Checker& c) {
  return static_cast<std::uint32_t>(c.script.config.number(lang::ConfigKey::max_strlen));
}

const Type* string_for(Checker& c, std::uint32_t length) {
  return c.types().string(length < shortest_without_spare ? length + 1 : length);
}

// The literal length of str() or buf(), cut to `limit`. 0 when it was reported.
std::uint32_t literal_length(Checker& c, const Call& call, const IntegerLiteral& length,
                             std::uint32_t limit) {
  if (length.negative || length.value == 0) {
    c.diag
        .error(DiagId::argument_type, length.span, "the length of {}() must be above 0", call.name)
        .hint("{}", call.builtin == Builtin::str
                        ? "without a length it reads up to max_strlen bytes"
                        : "it counts the bytes that are read");
    return 0;
  }
  if (length.value <= limit) return static_cast<std::uint32_t>(length.value);
  c.diag
      .warning(DiagId::string_too_long, length.span,
               "the length {} is more than max_strlen allows, so {}() reads {} bytes", length.value,
               call.name, limit)
      .hint("`config = {{ max_strlen = {} }}`", length.value);
  return limit;
}

const Type* str_type(Checker& c, const Call& call) {
  const std::uint32_t limit = longest_string(c);
  const auto* length = call.args.size() == 2 ? as<IntegerLiteral>(call.args[1]) : nullptr;
  if (!length) return string_for(c, limit);
  const std::uint32_t bytes = literal_length(c, call, *length, limit);
  return bytes == 0 ? c.types().error() : string_for(c, bytes);
}

// What is read has one type, whatever the arguments are: a length that is not known yet is known
// to be no literal.
const Type* str_of_unknown(Checker& c, const Call& call) {
  for (const Expr* argument : call.args)
    if (argument->type && argument->type->is_error()) return c.types().error();
  return call.args.empty() || call.args.size() > 2 ? c.types().error() : nullptr;
}

const Type* buf_type(Checker& c, const Call& call) {
  Expr* data = call.args[0];
  const Type* type =
      check_kind(c, call, data, "data",
                 {TypeKind::array, TypeKind::string, TypeKind::pointer, TypeKind::integer},
                 "an array, a string or a pointer");
  if (!type || type->is_error()) return type;
  const auto* text = as<StringLiteral>(data);
  const std::uint32_t size = text ? type->size_bytes - 1 : type->in_memory() ? type->size_bytes : 0;
  if (call.args.size() == 1) {
    if (size != 0) return c.types().buffer(size);
    c.diag.error(DiagId::argument_type, call.span, "buf() of '{}' needs a length", type_name(type))
        .hint("`buf(…, 16)`");
    return c.types().error();
  }
  const std::uint32_t limit = type->in_memory() ? type->size_bytes : longest_string(c);
  const auto* length = as<IntegerLiteral>(call.args[1]);
  if (!length) return c.types().buffer(limit);
  if (type->in_memory() && !length->negative && length->value > limit)
    return c.types().buffer(limit);
  const std::uint32_t bytes = literal_length(c, call, *length, limit);
  return bytes == 0 ? c.types().error() : c.types().buffer(bytes);
}

void check_text(Checker& c, const Call& call, Expr* text) {
  const Type* type =
      check_kind(c, call, text, "text", {TypeKind::string, TypeKind::array, TypeKind::pointer},
                 "a string, an array of bytes or a pointer to one");
  if (!type || type->is_error() || type->is(TypeKind::string)) return;
  const Type* element = type->element;
  if (element && element->is_integer() && element->size_bytes == 1) return;
  c.diag.error(DiagId::argument_type, text->span, "{}() counts bytes of text, found '{}'",
               call.name, type_name(type));
}

void check_memcmp(Checker& c, const Call& call) {
  for (std::size_t i = 0; i < 2; ++i)
    check_kind(c, call, call.args[i], i == 0 ? "first value" : "second value",
               {TypeKind::array, TypeKind::string, TypeKind::pointer, TypeKind::integer},
               "an array, a string or a pointer");
  const auto* length = as<IntegerLiteral>(call.args[2]);
  if (length && (length->negative || length->value > longest_string(c)))
    c.diag
        .error(DiagId::argument_type, length->span, "memcmp() compares 0 to {} bytes",
               longest_string(c))
        .hint("max_strlen is the limit");
}

const Type* bswap_type(Checker& c, const Call& call) {
  const Type* type = call.args[0]->type;
  return c.types().integer(type->is_integer() ? type->size_bytes : 1, false);
}

bool has_count(const Call& call, const lang::Signature& signature) {
  return call.args.size() >= signature.required() && call.args.size() <= signature.params.size();
}

}  // namespace

const Type* check_kind(Checker& c, const Call& call, Expr* argument, std::string_view name,
                       std::initializer_list<TypeKind> kinds, std::string_view words) {
  const Type* type = c.check_value(argument);
  if (!type || type->is_error()) return type;
  if (std::ranges::find(kinds, type->kind) != kinds.end()) return type;
  c.diag
      .error(DiagId::argument_type, argument->span, "the {} of {}() must be {}, found '{}'", name,
             call.name, words, type_name(type))
      .hint("write `{}`", lang::usage(*call.builtin));
  return c.types().error();
}

const Type* Checker::check_text_call(Call& call, const lang::Signature& signature, bool complete) {
  if (!has_count(call, signature)) return types().error();
  switch (*call.builtin) {
    case Builtin::str: return complete ? str_type(*this, call) : str_of_unknown(*this, call);
    case Builtin::buf: return buf_type(*this, call);
    case Builtin::strlen:
    case Builtin::strcap: check_text(*this, call, call.args[0]); return types().uint64();
    case Builtin::strncmp:
      if (const auto* length = as<IntegerLiteral>(call.args[2]); length && length->negative)
        diag.error(DiagId::argument_type, length->span,
                   "the length of strncmp() cannot be negative")
            .hint("it is how many bytes are compared: `strncmp(a, b, 4)`");
      return types().uint64();
    case Builtin::memcmp: check_memcmp(*this, call); return types().integer(4, true);
    case Builtin::bswap: return complete ? bswap_type(*this, call) : nullptr;
    case Builtin::str_concat: return types().string(concatenated_bytes);
    default: return types().string(name_bytes);
  }
}

}  // namespace sonde::sema
