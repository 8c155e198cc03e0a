// SPDX-License-Identifier: Apache-2.0
#include "parser/literals.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <optional>
#include <utility>

#include "base/durations.h"
#include "diag/diagnostics.h"

namespace sonde::parser {

namespace {

using diag::DiagId;
using diag::Diagnostics;
using diag::Span;

// `count` bytes of `whole`, from byte `first`.
Span part(Span whole, std::size_t first, std::size_t count) {
  const auto begin = whole.begin + static_cast<std::uint32_t>(first);
  return {whole.file, begin, begin + static_cast<std::uint32_t>(count)};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// -1 for what is not a hexadecimal digit.
int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  const int lower = std::tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct Suffix {
  std::string_view text;  // lower case
  std::uint64_t scale;
  std::uint64_t maximum;
};

constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t any_signed = std::numeric_limits<std::int64_t>::max();

constexpr Suffix no_suffix = {"", 1, any};
// A C suffix limits the value and has no other meaning.
constexpr Suffix c_suffixes[] = {
    {"u", 1, std::numeric_limits<std::uint32_t>::max()},
    {"l", 1, any_signed},
    {"ll", 1, any_signed},
    {"ul", 1, any},
    {"lu", 1, any},
    {"ull", 1, any},
    {"llu", 1, any},
};
std::optional<Suffix> find_suffix(std::string_view text, bool duration_allowed) {
  if (text.empty()) return no_suffix;
  for (const DurationUnit& unit : duration_units)
    if (duration_allowed && text == unit.suffix) return Suffix{text, unit.nanoseconds, any};
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const Suffix& s : c_suffixes)
    if (lower == s.text) return s;
  return std::nullopt;
}

// One literal being read. After an error the value is 0.
struct IntegerReader {
  std::string_view text;
  Span span;
  Diagnostics& diagnostics;
  std::size_t at = 0;
  std::uint64_t value = 0;
  bool too_big = false;

  std::uint64_t fail(Span where, std::string_view message, std::string_view hint = {}) {
    auto report = diagnostics.error(DiagId::bad_integer, where, "syntax: {}", message);
    if (!hint.empty()) report.hint("{}", hint);
    return 0;
  }
  std::uint64_t overflow(std::uint64_t maximum) {
    return fail(span, fmt::format("overflow error, maximum value is {}: {}", maximum, text),
                maximum == any ? "integers have 64 bits; the largest is `0xffffffffffffffff`"
                               : "without the suffix the limit is higher");
  }

  void multiply(std::uint64_t factor) { too_big |= __builtin_mul_overflow(value, factor, &value); }
  void append_digit(std::uint64_t base, std::uint64_t digit) {
    multiply(base);
    too_big |= __builtin_add_overflow(value, digit, &value);
  }

  // Digits and `_` from `at` on; those of hexadecimal end at the first other letter.
  void read_digits(int base) {
    for (; at < text.size(); ++at) {
      if (text[at] == '_') continue;
      const int digit = digit_value(text[at]);
      if (digit < 0 || (base != 16 && digit > 9)) break;
      append_digit(static_cast<std::uint64_t>(base), static_cast<std::uint64_t>(digit));
    }
  }

  std::uint64_t finish(bool duration_allowed) {
    const std::string_view suffix_text = text.substr(at);
    if (text[at - 1] == '_')
      return fail(part(span, at - 1, 1), "trailing underscore in integer literal",
                  "`_` stands between digits: `1_000`");
    const std::optional<Suffix> suffix = find_suffix(suffix_text, duration_allowed);
    if (!suffix)
      return fail(part(span, at, suffix_text.size()),
                  fmt::format("invalid integer suffix '{}'", suffix_text),
                  text.starts_with("0b") || text.starts_with("0B")
                      ? "there are no binary numbers in scripts; hexadecimal ones begin with `0x`"
                      : "durations end with `ns`, `us`, `ms`, `s`, `m`, `h` or `d`");
    multiply(suffix->scale);
    if (too_big || value > suffix->maximum) return overflow(suffix->maximum);
    return value;
  }

  std::uint64_t read_hexadecimal() {
    at = 2;
    if (text.size() == 2 || digit_value(text[2]) < 0)
      return fail(span, fmt::format("hexadecimal digits expected after {}", text.substr(0, 2)),
                  "hexadecimal numbers look like `0x1f`");
    read_digits(16);
    return finish(false);
  }

  std::uint64_t read_octal() {
    std::size_t last = 1;
    while (last < text.size() && (is_digit(text[last]) || text[last] == '_')) ++last;
    const std::size_t wrong = std::min(text.find_first_of("89"), text.size());
    if (wrong < last)
      return fail(
          part(span, wrong, 1), fmt::format("octal digit expected, found {}", text[wrong]),
          "a number that begins with `0` is octal; a decimal one begins with another digit");
    read_digits(8);
    return finish(true);
  }

  // `at` is the `e`; an exponent is one more way to write zeros, so its sign is not known.
  std::uint64_t read_exponent() {
    const std::string_view exponent_text = text.substr(at + 1);
    const bool one_digit = at == 1 && text[0] != '0';
    if (!one_digit || exponent_text.empty() || exponent_text[0] < '1' || exponent_text[0] > '9') {
      const bool about_exponent = one_digit;
      return fail(span,
                  fmt::format("{} part of scientific literal must be 1-9: {}",
                              about_exponent ? "exponent" : "coefficient", text),
                  about_exponent ? "the exponent is above 0 and has no sign: `5e3`"
                                 : "one digit stands in front of the `e`: `5e3`");
    }
    const std::uint64_t coefficient = std::exchange(value, 0);
    ++at;
    read_digits(10);
    // 10^20 has more than 64 bits; bounds the loop below.
    const std::uint64_t exponent = too_big ? 20 : std::min<std::uint64_t>(value, 20);
    value = coefficient;
    for (std::uint64_t i = 0; i < exponent; ++i) multiply(10);
    return finish(true);
  }

  std::uint64_t read_decimal() {
    read_digits(10);
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) return read_exponent();
    return finish(true);
  }

  std::uint64_t read() {
    const char second = text.size() > 1 ? text[1] : '\0';
    if (text[0] == '0' && (second == 'x' || second == 'X')) return read_hexadecimal();
    if (text[0] == '0' && is_digit(second)) return read_octal();
    return read_decimal();
  }
};

// One string literal being read; `at` runs over the bytes between the quotes.
struct StringReader {
  std::string_view text;
  Span span;
  Diagnostics& diagnostics;
  std::size_t at = 1;
  std::string value = {};

  bool more() const { return at + 1 < text.size(); }

  void fail(Span where, std::string_view message, std::string_view hint) {
    diagnostics.error(DiagId::bad_string, where, "syntax: {}", message).hint("{}", hint);
  }

  void read_octal() {
    const std::size_t first = at;
    unsigned number = 0;
    while (more() && at < first + 3 && text[at] >= '0' && text[at] <= '7')
      number = number * 8 + static_cast<unsigned>(text[at++] - '0');
    if (number > 255)
      return fail(part(span, first, at - first), "octal escape sequence out of range",
                  "the largest is `\\377`");
    value += static_cast<char>(number);
  }

  void read_hexadecimal() {
    const std::size_t letter = at++;
    const std::size_t first = at;
    unsigned number = 0;
    while (more() && at < first + 2 && digit_value(text[at]) >= 0)
      number = number * 16 + static_cast<unsigned>(digit_value(text[at++]));
    if (at == first)
      return fail(part(span, letter, 1), "invalid hex escape sequence",
                  "one or two hexadecimal digits follow: `\\x0a`");
    value += static_cast<char>(number);
  }

  void read_escape() {
    constexpr std::pair<char, char> simple[] = {
        {'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'"', '"'}, {'\\', '\\'}};
    const char c = text[at];
    if (c >= '0' && c <= '7') return read_octal();
    if (c == 'x' || c == 'X') return read_hexadecimal();
    ++at;
    for (const auto& [letter, meaning] : simple) {
      if (c == letter) {
        value += meaning;
        return;
      }
    }
    fail(part(span, at - 1, 1), fmt::format("invalid escape character '\\{}'", c),
         "a backslash is written `\\\\`");
  }

  std::string read() {
    while (more()) {
      if (text[at] == '\\') {
        ++at;
        read_escape();
      } else {
        value += text[at++];
      }
    }
    return std::move(value);
  }
};

}  // namespace

std::uint64_t read_integer(std::string_view text, Span span, Diagnostics& diagnostics) {
  return IntegerReader{text, span, diagnostics}.read();
}

std::string read_string(std::string_view text, Span span, Diagnostics& diagnostics) {
  return StringReader{text, span, diagnostics}.read();
}

}  // namespace sonde::parser
