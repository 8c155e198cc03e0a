// SPDX-License-Identifier: Apache-2.0
// The tokens of one text, made by Flex (lexer.l). The scanner adds what single rules cannot
// know: which start condition the parser's position asks for, which token came before, and
// which braces are open.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostics.h"
#include "diag/span.h"
#include "parser/grammar.hh"

namespace sonde::parser {

// What the parser can read next. `item` holds for one token: the text of an attach point, a C
// definition, or the word that begins another item. In `predicate`, a `/` before `{` closes.
enum class Position : std::uint8_t { item, code, predicate };

class Scanner {
 public:
  struct Token {
    Grammar::symbol_kind_type kind = Grammar::symbol_kind::S_YYEMPTY;
    diag::Span span;
  };

  Scanner(diag::FileId file, std::string_view text, std::span<const std::string> params,
          diag::Diagnostics& diagnostics);
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;
  ~Scanner();

  Grammar::symbol_type next();

  // Collects the places of all tokens, and leaves attach points as they are written.
  void hand_out(std::vector<diag::Span>* tokens) { tokens_ = tokens; }

  // Called by actions that run before the next token is asked for: after a reduction in a
  // state that has no other choice, which Bison does without look-ahead.
  void expect(Position position);

  // After a syntax error the parser skips tokens; what is wrong inside them is not reported.
  void start_recovery() { recovering_ = true; }
  void end_recovery() { recovering_ = false; }

  diag::Diagnostics& diagnostics() { return diagnostics_; }

  // The `{` that a message has named as not closed; the end of the file is no news then.
  void blame(diag::Span brace) { blamed_brace_ = brace; }
  bool was_blamed(diag::Span brace) const { return brace.known() && brace == blamed_brace_; }

  // The last token given out, which is the one that a syntax error is about, and the one
  // before it.
  const Token& current() const { return current_; }
  const Token& previous() const { return previous_; }
  // The innermost `{` before `offset` that is not closed; unknown when there is none.
  diag::Span open_brace_before(std::uint32_t offset) const;
  std::string_view text(diag::Span span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }

 private:
  friend class LexerRules;
  void remember(const Grammar::symbol_type& symbol);

  diag::FileId file_;
  std::string_view text_;
  std::span<const std::string> params_;
  diag::Diagnostics& diagnostics_;
  void* flex_ = nullptr;

  Position position_ = Position::item;
  diag::Span span_;  // of the token that a rule is looking at
  Token current_;
  Token previous_;
  std::vector<diag::Span>* tokens_ = nullptr;
  std::vector<diag::Span> open_braces_;
  // To be given out before anything else is read.
  std::size_t missing_braces_ = 0;
  bool missing_semicolon_ = false;
  bool recovering_ = false;
  diag::Span blamed_brace_;
};

}  // namespace sonde::parser
