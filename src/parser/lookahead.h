// SPDX-License-Identifier: Apache-2.0
// Questions about the text that follows, for the few places where one token of look-ahead
// does not say what a character means. They read bytes, never tokens, so they cannot get out
// of step with the start conditions of the lexer. `at` is the first byte to look at.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sonde::parser {

// Names that can not be the type of a cast, the first field of a record or the parameter of a
// macro (syntax.md 1.2): `pid`, `arg0`, `__builtin_…`.
bool is_builtin_name(std::string_view word);

// The first byte that is neither blank nor in a comment; 0 at the end of the text.
char next_byte(std::string_view text, std::size_t at);

// Behind the `(` of an operand: a type, `)`, and then something that begins an operand, unless
// the type could not be an expression anyway.
bool cast_follows(std::string_view text, std::size_t at);

// Behind the `(` of `sizeof` and the like: a type, then `)` or `,`.
bool type_follows(std::string_view text, std::size_t at);

// At a word that begins a statement: it begins the next item instead, because the text is
// `word:…`, or the word is at the start of its line and `{` follows, or it is `macro name`.
bool item_follows(std::string_view text, std::size_t at);

// Behind `struct`, `union` or `enum` at the top of a script.
struct CDefinitionText {
  std::size_t end = 0;         // of the definition with its attributes, or where the error is
  std::size_t open_brace = 0;  // 0: there is none, so this is no definition
  bool closed = false;
};
CDefinitionText read_c_definition(std::string_view text, std::size_t at);

}  // namespace sonde::parser
