// SPDX-License-Identifier: Apache-2.0
#include "ctext/tokens.h"

#include <charconv>

#include "base/text.h"

namespace sonde::ctext {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_word(char c) { return starts_word(c) || is_digit(c); }

constexpr std::string_view long_marks[] = {
    "...", "<<=", ">>=", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "->", "++", "--", "##"};

struct Reader {
  std::string_view text;
  diag::Span span;
  std::size_t at = 0;
  bool line_start = true;
  std::vector<Token> tokens;

  char peek(std::size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\0';
  }
  diag::Span place(std::size_t begin, std::size_t end) const {
    return {span.file, span.begin + static_cast<std::uint32_t>(begin),
            span.begin + static_cast<std::uint32_t>(end)};
  }

  // Blanks, comments and continued lines. False at an unterminated comment.
  bool skip_gap() {
    while (at < text.size()) {
      if (peek() == '\n') {
        line_start = true;
        ++at;
      } else if (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\f' ||
                 peek() == '\v') {
        ++at;
      } else if (peek() == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
        at += peek(1) == '\n' ? 2 : 3;
      } else if (peek() == '/' && peek(1) == '/') {
        while (at < text.size() && peek() != '\n') ++at;
      } else if (peek() == '/' && peek(1) == '*') {
        const std::size_t end = text.find("*/", at + 2);
        if (end == std::string_view::npos) return false;
        at = end + 2;
      } else {
        return true;
      }
    }
    return true;
  }

  // Behind the closing quote; false when there is none on the line.
  bool skip_quoted(char quote) {
    for (++at; at < text.size() && peek() != '\n'; ++at) {
      if (peek() == '\\') {
        ++at;
      } else if (peek() == quote) {
        ++at;
        return true;
      }
    }
    return false;
  }

  TokenKind skip_token() {
    const char first = peek();
    if (starts_word(first)) {
      while (in_word(peek())) ++at;
      return TokenKind::word;
    }
    if (is_digit(first) || (first == '.' && is_digit(peek(1)))) {
      while (in_word(peek()) || peek() == '.') ++at;
      return TokenKind::number;
    }
    for (const std::string_view mark : long_marks) {
      if (!text.substr(at).starts_with(mark)) continue;
      at += mark.size();
      return TokenKind::mark;
    }
    ++at;
    return TokenKind::mark;
  }

  Parsed<std::vector<Token>> run() {
    for (;;) {
      const std::size_t gap = at;
      if (!skip_gap()) return wrong(place(gap, text.size()), "the comment has no end");
      if (at >= text.size()) return std::move(tokens);
      const std::size_t begin = at;
      TokenKind kind{};
      if (peek() == '"' || peek() == '\'') {
        const bool is_string = peek() == '"';
        kind = is_string ? TokenKind::string : TokenKind::character;
        // An apostrophe in `#error don't` is no constant; the line is not looked at.
        if (!skip_quoted(peek()) && is_string)
          return wrong(place(begin, at), "the string has no end");
      } else {
        kind = skip_token();
      }
      tokens.push_back({kind, text.substr(begin, at - begin), place(begin, at), line_start});
      line_start = false;
    }
  }
};

std::optional<CInteger> character_value(std::string_view text) {
  if (text.size() < 3 || text.back() != '\'') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (text.size() == 1)
    return CInteger{static_cast<std::uint64_t>(static_cast<signed char>(text[0]))};
  if (text[0] != '\\') return std::nullopt;
  text.remove_prefix(1);
  constexpr std::pair<char, char> escapes[] = {{'n', '\n'},  {'t', '\t'}, {'r', '\r'}, {'a', '\a'},
                                               {'b', '\b'},  {'f', '\f'}, {'v', '\v'}, {'\\', '\\'},
                                               {'\'', '\''}, {'"', '"'},  {'?', '?'}};
  if (text.size() == 1)
    for (const auto& [letter, value] : escapes)
      if (letter == text[0]) return CInteger{static_cast<std::uint64_t>(value)};
  const bool hex = text[0] == 'x';
  if (hex) text.remove_prefix(1);
  unsigned value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 8);
  if (error != std::errc() || end != text.data() + text.size() || value > 255) return std::nullopt;
  return CInteger{static_cast<std::uint64_t>(static_cast<signed char>(value))};
}

}  // namespace

Parsed<std::vector<Token>> read_tokens(std::string_view text, diag::Span span) {
  return Reader{text, span}.run();
}

std::optional<CInteger> integer_value(const Token& token) {
  if (token.kind == TokenKind::character) return character_value(token.text);
  if (token.kind != TokenKind::number) return std::nullopt;
  std::string_view text = token.text;
  CInteger number;
  while (!text.empty() && std::string_view("uUlL").contains(text.back())) {
    number.is_unsigned |= text.back() == 'u' || text.back() == 'U';
    text.remove_suffix(1);
  }
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X"))
    base = 16;
  else if (text.starts_with("0b") || text.starts_with("0B"))
    base = 2;
  else if (text.size() > 1 && text.starts_with('0'))
    base = 8;
  if (base == 16 || base == 2) text.remove_prefix(2);
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number.value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  number.is_unsigned |= number.value > INT64_MAX;
  return number;
}

}  // namespace sonde::ctext
