// SPDX-License-Identifier: Apache-2.0
// C text as tokens that know their place in the script.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diag/span.h"

namespace sonde::ctext {

enum class TokenKind : std::uint8_t { end, word, number, string, character, mark };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  // of marks the longest: `<<`, `...`
  diag::Span span;
  bool first_on_line = false;

  bool is(std::string_view what) const {
    return (kind == TokenKind::word || kind == TokenKind::mark) && text == what;
  }
  bool is_word() const { return kind == TokenKind::word; }
};

// Why C text cannot be read here.
struct Problem {
  enum class Kind : std::uint8_t {
    wrong,   // no reader of C would take it
    beyond,  // C that needs a whole front end
  };
  Kind kind = Kind::wrong;
  diag::Span span;
  std::string text;
  std::string hint;
};

template <typename T>
using Parsed = std::expected<T, Problem>;

inline std::unexpected<Problem> wrong(diag::Span span, std::string text, std::string hint = {}) {
  return std::unexpected(Problem{Problem::Kind::wrong, span, std::move(text), std::move(hint)});
}
inline std::unexpected<Problem> beyond(diag::Span span, std::string text) {
  return std::unexpected(Problem{Problem::Kind::beyond, span, std::move(text), {}});
}

// `span` is where `text` stands; the tokens look into `text`. Comments are left out.
Parsed<std::vector<Token>> read_tokens(std::string_view text, diag::Span span);

// The value of a number or character constant; nothing when it is no integer of 64 bits.
struct CInteger {
  std::uint64_t value = 0;
  bool is_unsigned = false;  // by its suffix or its size
};
std::optional<CInteger> integer_value(const Token& token);

}  // namespace sonde::ctext
