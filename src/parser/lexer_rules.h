// SPDX-License-Identifier: Apache-2.0
// What the rules of lexer.l do when it takes more than naming a token.
#pragma once

#include <string_view>

#include "parser/scanner.h"

namespace sonde::parser {

class LexerRules {
 public:
  using Symbol = Grammar::symbol_type;

  explicit LexerRules(Scanner& scanner) : s_(scanner) {}

  // Flex has matched `length` bytes, or (negative) gives bytes back.
  void advance(int length);
  diag::Span span() const { return s_.span_; }
  std::string_view text() const { return s_.text(s_.span_); }
  diag::Span end_of_text() const;
  Position position() const { return s_.position_; }

  // What the script lacks and the parser needs: `}` before an item that was found inside a
  // block, and the `;` that an unterminated string has swallowed.
  bool has_missing_token() const { return s_.missing_semicolon_ || s_.missing_braces_ != 0; }
  Symbol missing_token();
  // At a word: it begins an item, so the blocks that are open miss their `}`. Reports it.
  bool begins_item_inside_block();

  bool is_shebang() const;
  // At `struct`, `union` or `enum`: where the definition ends. Reports what is wrong with it.
  std::size_t c_definition_end();
  Symbol c_definition(std::uint32_t begin);
  // A line for the C preprocessor.
  Symbol c_line();

  Symbol attach_point();
  Symbol word();
  Symbol open_parenthesis();
  Symbol slash();
  Symbol integer();
  Symbol string();
  Symbol single_quoted();
  Symbol positional();

  Symbol unterminated_string();
  Symbol lone_dollar();
  Symbol unknown_byte();

 private:
  // Reports unless the parser is skipping, and makes the token that starts its recovery.
  template <typename... Args>
  Symbol bad_token(diag::DiagId id, std::string_view hint, fmt::format_string<Args...> format,
                   Args&&... args);
  std::string with_parameters();
  std::size_t append_parameter(std::size_t at, std::string& out);

  Scanner& s_;
};

}  // namespace sonde::parser
