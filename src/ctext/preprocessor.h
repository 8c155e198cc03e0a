// SPDX-License-Identifier: Apache-2.0
// The `#` lines that need no headers: #define, #undef and conditions; and the tokens that are
// left, with object-like macros replaced. Everything else is for libclang.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ctext/tokens.h"

namespace sonde::ctext {

struct MacroTokens {
  std::vector<Token> tokens;
  diag::Span span;  // of the whole line
  bool is_function = false;
};

class Preprocessor {
 public:
  // Names that are defined from the start, to nothing else than 1.
  explicit Preprocessor(std::vector<std::string> predefined);

  // Goes through one piece of C text; what it defines holds for the following ones.
  Parsed<std::vector<Token>> read(std::string_view text, diag::Span span);
  // After the last piece: conditions that are still open are a problem.
  Parsed<bool> finish() const;

  const std::map<std::string, MacroTokens, std::less<>>& macros() const { return macros_; }

 private:
  struct Condition {
    diag::Span span;
    bool active = false;  // the lines now are taken
    bool taken = false;   // one branch was
    bool outer = false;   // the lines around it are taken
    bool has_else = false;
  };
  bool active() const { return conditions_.empty() || conditions_.back().active; }
  Parsed<bool> directive(std::span<const Token> line);
  Parsed<bool> condition(std::string_view word, std::span<const Token> line);
  Parsed<bool> define(std::span<const Token> line);
  Parsed<bool> is_defined(const Token& name) const;
  Parsed<bool> evaluate(std::span<const Token> tokens, diag::Span span);
  Parsed<bool> expand(const Token& token, diag::Span use, std::vector<std::string_view>& open,
                      std::vector<Token>& out);

  std::map<std::string, MacroTokens, std::less<>> macros_;
  std::set<std::string, std::less<>> predefined_;
  std::vector<Condition> conditions_;
  std::size_t expanded_ = 0;  // tokens of macros that were put in their place
};

}  // namespace sonde::ctext
