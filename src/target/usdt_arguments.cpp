// SPDX-License-Identifier: Apache-2.0
// systemtap: includes/sys/sdt.h, "_SDT_ARG"; operands are in the AT&T syntax of x86, which the
// documentation of GNU as describes.
#include "target/usdt_arguments.h"

#include <cctype>
#include <optional>

#include "base/text.h"

namespace sonde::target {

namespace {

using Kind = UsdtArgument::Kind;

constexpr std::string_view unknown_form = "it is written in a form that is not known";
constexpr std::string_view floating_point = "it is a floating-point number";

std::optional<std::int64_t> parse_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto value = parse_u64(text);
  if (!value) return std::nullopt;
  return static_cast<std::int64_t>(negative ? -*value : *value);
}

// `-16`, `name`, `name+4`, `4+name`, `name-4+8`, or nothing. False: it is something else.
bool parse_displacement(std::string_view text, UsdtArgument& argument) {
  while (!text.empty()) {
    std::size_t end = 1;
    while (end < text.size() && text[end] != '+' && text[end] != '-') ++end;
    std::string_view term = text.substr(0, end);
    text.remove_prefix(end);
    if (const auto number = parse_number(term)) {
      argument.number += *number;
      continue;
    }
    if (term.starts_with('+')) term.remove_prefix(1);
    const auto first = static_cast<unsigned char>(term.empty() ? ' ' : term.front());
    if (!argument.symbol.empty() || (!std::isalpha(first) && first != '_' && first != '.'))
      return false;
    if (term.find('@') != std::string_view::npos) return false;  // `name@GOTPCREL`
    argument.symbol = term;
  }
  return true;
}

bool holds_floats(std::string_view name) {
  return name.starts_with("xmm") || name.starts_with("ymm") || name.starts_with("zmm") ||
         name.starts_with("st");
}

Kind x86_register(std::string_view name, UsdtArgument& argument) {
  argument.base = name;
  if (!holds_floats(name)) return Kind::in_register;
  argument.problem = floating_point;
  return Kind::unreadable;
}

// `DISPLACEMENT(%base,%index,SCALE)`, of which all but the displacement may be missing.
Kind x86_memory(std::string_view text, UsdtArgument& argument) {
  if (text.empty()) return Kind::unreadable;
  const std::size_t bracket = text.find('(');
  if (!parse_displacement(text.substr(0, bracket), argument)) return Kind::unreadable;
  if (bracket == std::string_view::npos) return Kind::in_memory;
  if (!text.ends_with(')')) return Kind::unreadable;
  const auto parts = split(text.substr(bracket + 1, text.size() - bracket - 2), ',');
  if (parts.size() > 3) return Kind::unreadable;
  const auto take = [](std::string_view part, std::string& name) {
    part = trim(part);
    if (part.starts_with('%')) name = part.substr(1);
    return part.empty() || !name.empty();
  };
  if (!take(parts[0], argument.base)) return Kind::unreadable;
  if (parts.size() > 1 && !take(parts[1], argument.index)) return Kind::unreadable;
  if (parts.size() > 2) {
    const auto scale = parse_u64(trim(parts[2]));
    if (!scale || (*scale != 1 && *scale != 2 && *scale != 4 && *scale != 8))
      return Kind::unreadable;
    argument.scale = static_cast<std::uint8_t>(*scale);
  }
  if (argument.base != "rip") return Kind::in_memory;
  // Only the assembler knew from where such a number counts.
  argument.base.clear();
  return argument.symbol.empty() ? Kind::unreadable : Kind::in_memory;
}

Kind x86_operand(std::string_view text, UsdtArgument& argument) {
  if (text.starts_with('%') && text.find_first_of(":(") == std::string_view::npos)
    return x86_register(text.substr(1), argument);
  if (!text.starts_with('$')) return x86_memory(text, argument);
  const auto number = parse_number(text.substr(1));
  argument.number = number.value_or(0);
  return number ? Kind::constant : Kind::unreadable;
}

// `-4`, `8`; with an `f` behind it for floating-point numbers. False: this is no size.
bool parse_size(std::string_view text, UsdtArgument& argument) {
  argument.is_signed = text.starts_with('-');
  if (argument.is_signed) text.remove_prefix(1);
  if (text.ends_with('f')) {
    argument.problem = floating_point;
    text.remove_suffix(1);
  }
  const auto size = parse_u64(text);
  if (!size || (*size != 1 && *size != 2 && *size != 4 && *size != 8)) return false;
  argument.size_bytes = static_cast<std::uint8_t>(*size);
  return true;
}

UsdtArgument parse_argument(std::string_view text) {
  UsdtArgument argument;
  bool is_known = true;
  // Before systemtap 1.7 they had no size.
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    is_known = parse_size(text.substr(0, at), argument);
    text.remove_prefix(at + 1);
  }
  Kind kind = Kind::unreadable;
  if (is_known && argument.problem.empty()) kind = x86_operand(text, argument);
  if (kind != Kind::unreadable) {
    argument.kind = kind;
    return argument;
  }
  return {.problem = argument.problem.empty() ? std::string(unknown_form) : argument.problem};
}

}  // namespace

std::vector<UsdtArgument> parse_usdt_arguments(std::string_view text) {
  std::vector<UsdtArgument> arguments;
  for (const std::string_view operand : split(text, ' '))
    if (!operand.empty()) arguments.push_back(parse_argument(operand));
  return arguments;
}

}  // namespace sonde::target
