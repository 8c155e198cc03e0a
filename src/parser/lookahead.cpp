// SPDX-License-Identifier: Apache-2.0
#include "parser/lookahead.h"

#include <algorithm>
#include <iterator>

namespace sonde::parser {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_word(char c) { return starts_word(c) || is_digit(c); }
bool is_tag(std::string_view word) { return word == "struct" || word == "union" || word == "enum"; }
bool is_boolean(std::string_view word) { return word == "true" || word == "false"; }

// Reads forward through the text; what does not match is not consumed.
struct Cursor {
  std::string_view text;
  std::size_t at;

  bool done() const { return at >= text.size(); }
  char peek(std::size_t ahead = 0) const {
    return at + ahead < text.size() ? text[at + ahead] : '\0';
  }

  // Behind `mark`, or the end of the text.
  void skip_past(std::string_view mark) {
    const std::size_t found = text.find(mark, at);
    at = found == std::string_view::npos ? text.size() : found + mark.size();
  }
  bool skip_comment() {
    if (peek() != '/' || (peek(1) != '/' && peek(1) != '*')) return false;
    const bool line = peek(1) == '/';
    at += 2;
    skip_past(line ? "\n" : "*/");
    return true;
  }
  void skip_gap() {
    while (!done() && (is_blank(peek()) || skip_comment()))
      if (is_blank(peek())) ++at;
  }

  bool accept(char c) {
    skip_gap();
    if (peek() != c) return false;
    ++at;
    return true;
  }
  std::string_view word() {
    skip_gap();
    const std::size_t first = at;
    if (starts_word(peek()))
      while (in_word(peek())) ++at;
    return text.substr(first, at - first);
  }

  // At a quote: behind its partner.
  void skip_quoted() {
    const char quote = text[at++];
    while (!done() && peek() != quote && peek() != '\n') at += peek() == '\\' ? 2 : 1;
    at = std::min(at + 1, text.size());
  }
  // Behind an opening bracket: behind the closing one that belongs to it. False at the end of
  // the text.
  bool skip_balanced(char open, char close) {
    for (int depth = 1; !done();) {
      if (skip_comment()) continue;
      if (peek() == '"' || peek() == '\'') {
        skip_quoted();
        continue;
      }
      const char c = text[at++];
      if (c == open) ++depth;
      if (c == close && --depth == 0) return true;
    }
    return false;
  }
};

struct TypeText {
  bool found = false;
  bool bare_builtin = false;   // only a name, and one of the parser's builtins
  bool no_expression = false;  // `struct x`, `x*` and `x[]` in parentheses are only types
};

// `{* | [N]}`. An open `[` is left, so that no terminator is found.
void skip_suffixes(Cursor& cursor, TypeText& type) {
  for (;; type.bare_builtin = false) {
    if (cursor.accept('*')) {
      type.no_expression = true;
      continue;
    }
    Cursor bracket = cursor;
    if (!bracket.accept('[')) return;
    bracket.skip_gap();
    const std::size_t size = bracket.at;
    while (in_word(bracket.peek())) ++bracket.at;
    type.no_expression |= bracket.at == size;
    if (!bracket.accept(']')) return;
    cursor = bracket;
  }
}

TypeText read_type(Cursor& cursor) {
  const std::string_view first = cursor.word();
  if (first.empty() || is_boolean(first)) return {};
  TypeText type{.found = true};
  if (first == "typeof" && cursor.accept('(')) {
    if (!cursor.skip_balanced('(', ')')) return {};
    type.no_expression = true;
  } else if (is_tag(first) && !cursor.word().empty()) {
    type.no_expression = true;
  } else {
    type.bare_builtin = is_builtin_name(first);
  }
  skip_suffixes(cursor, type);
  return type;
}

// A byte that begins an operand. `!=`, `&&`, `->` and `-=` are no operators of an operand, so
// after them `(name)` is an expression in parentheses.
bool operand_starts(const Cursor& cursor) {
  const char c = cursor.peek();
  if (in_word(c)) return true;
  if (c == '!') return cursor.peek(1) != '=';
  if (c == '-') return cursor.peek(1) != '>' && cursor.peek(1) != '=';
  if (c == '*') return cursor.peek(1) != '=';
  if (c == '&') {
    const char operand = next_byte(cursor.text, cursor.at + 1);
    return operand == '$' || operand == '@';
  }
  return c != '\0' && std::string_view("$@\"(~").contains(c);
}

// `else {`, `comptime {`: words that a block may follow inside a block.
bool is_reserved_before_block(std::string_view word) {
  static constexpr std::string_view words[] = {
#define WORD(TEXT, SUMMARY) #TEXT,
#include "lang/words.def"
#undef WORD
  };
  return std::ranges::find(words, word) != std::end(words);
}

bool at_line_start(std::string_view text, std::size_t at) {
  return at == 0 || text[at - 1] == '\n';
}

}  // namespace

bool is_builtin_name(std::string_view word) {
  static constexpr std::string_view names[] = {"args",  "ctx", "dw_ustack", "kstack",
                                               "nsecs", "pid", "tid",       "ustack"};
  if (std::ranges::find(names, word) != std::end(names)) return true;
  if (word.starts_with("__builtin_")) return true;
  if (word.starts_with("sarg")) word.remove_prefix(1);
  if (!word.starts_with("arg") || word.size() == 3) return false;
  return std::ranges::all_of(word.substr(3), is_digit);
}

char next_byte(std::string_view text, std::size_t at) {
  Cursor cursor{text, at};
  cursor.skip_gap();
  return cursor.peek();
}

bool cast_follows(std::string_view text, std::size_t at) {
  Cursor cursor{text, at};
  const TypeText type = read_type(cursor);
  if (!type.found || type.bare_builtin || !cursor.accept(')')) return false;
  cursor.skip_gap();
  return type.no_expression || operand_starts(cursor);
}

bool type_follows(std::string_view text, std::size_t at) {
  Cursor cursor{text, at};
  const TypeText type = read_type(cursor);
  if (!type.found || type.bare_builtin) return false;
  cursor.skip_gap();
  return cursor.peek() == ')' || cursor.peek() == ',';
}

bool item_follows(std::string_view text, std::size_t at) {
  Cursor cursor{text, at};
  const bool first_on_line = at_line_start(text, at);
  const std::string_view word = cursor.word();
  if (cursor.peek() == ':') {
    const char part = cursor.peek(1);
    return in_word(part) || (part != '\0' && std::string_view("*/\"$").contains(part));
  }
  if (!first_on_line) return false;
  if (word == "macro" || word == "fn") return !cursor.word().empty();
  return cursor.accept('{') && !is_reserved_before_block(word);
}

CDefinitionText read_c_definition(std::string_view text, std::size_t at) {
  Cursor cursor{text, at};
  for (std::string_view word = cursor.word(); !word.empty(); word = cursor.word())
    if (word == "__attribute__" && cursor.accept('(')) cursor.skip_balanced('(', ')');
  CDefinitionText result;
  if (cursor.peek() != '{') {
    result.end = cursor.at;
    return result;
  }
  result.open_brace = cursor.at++;
  result.closed = cursor.skip_balanced('{', '}');
  result.end = cursor.at;
  while (cursor.word() == "__attribute__" && cursor.accept('(') && cursor.skip_balanced('(', ')'))
    result.end = cursor.at;
  return result;
}

}  // namespace sonde::parser
