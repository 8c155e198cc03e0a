// SPDX-License-Identifier: Apache-2.0
#include "sema/parameter_value.h"

#include <algorithm>

#include "base/durations.h"
#include "base/text.h"

namespace sonde::sema {

namespace {

constexpr std::string_view c_suffixes[] = {"", "u", "ul", "ull", "l", "ll"};

constexpr std::string_view no_integer = "invalid integer";

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Takes digits, with single `_` between them, off the front. False when there are none.
bool take_digits(std::string_view& text, unsigned base, ParameterInteger& number) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '_' && at > 0 && at + 1 < text.size() &&
        digit_of(text[at + 1]) < static_cast<int>(base))
      continue;
    const int digit = digit_of(text[at]);
    if (digit >= static_cast<int>(base)) break;
    if (__builtin_mul_overflow(number.magnitude, base, &number.magnitude) ||
        __builtin_add_overflow(number.magnitude, static_cast<unsigned>(digit), &number.magnitude))
      number.problem = out_of_range;
  }
  text.remove_prefix(at);
  return at > 0;
}

void scale(ParameterInteger& number, std::uint64_t factor) {
  if (__builtin_mul_overflow(number.magnitude, factor, &number.magnitude))
    number.problem = out_of_range;
}

// `1e6`: one digit from 1 to 9, and an exponent without leading zero.
void take_exponent(std::string_view& text, ParameterInteger& number) {
  const bool has_exponent = text.size() > 1 && (text[0] == 'e' || text[0] == 'E') &&
                            text[1] >= '1' && text[1] <= '9' && number.magnitude >= 1 &&
                            number.magnitude <= 9;
  if (!has_exponent) return;
  text.remove_prefix(1);
  ParameterInteger exponent;
  take_digits(text, 10, exponent);
  if (exponent.magnitude > 20) number.problem = out_of_range;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(exponent.magnitude, 20); ++i)
    scale(number, 10);
}

}  // namespace

ParameterInteger parse_parameter_integer(std::string_view text) {
  ParameterInteger number;
  if (text.starts_with('-')) {
    number.negative = true;
    text.remove_prefix(1);
  }
  unsigned base = 10;
  const std::string start = to_lower(text.substr(0, 2));
  if (start == "0x") base = 16;
  if (start == "0b") base = 2;
  if (base != 10)
    text.remove_prefix(2);
  else if (text.size() > 1 && text[0] == '0' && digit_of(text[1]) < 10)
    base = 8;
  if (!take_digits(text, base, number)) {
    number.problem = no_integer;
    return number;
  }
  if (base == 10) take_exponent(text, number);
  const std::string suffix = to_lower(text);
  const auto* const unit = std::ranges::find(duration_units, suffix, &DurationUnit::suffix);
  number.is_duration = unit != std::end(duration_units);
  const bool is_known =
      number.is_duration || std::ranges::find(c_suffixes, suffix) != std::end(c_suffixes);
  if (!is_known || (base == 16 && !text.empty())) {
    number.problem = "invalid trailing bytes";
    return number;
  }
  if (number.is_duration) scale(number, unit->nanoseconds);
  constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
  if (number.negative && number.magnitude > lowest) number.problem = out_of_range;
  return number;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  const ParameterInteger number = parse_parameter_integer(text);
  const bool is_count = number.problem.empty() && !number.negative && !number.is_duration;
  return is_count && number.magnitude > 0 ? std::optional(number.magnitude) : std::nullopt;
}

}  // namespace sonde::sema
