// SPDX-License-Identifier: Apache-2.0
#include "ctext/preprocessor.h"

#include <algorithm>

#include "base/result.h"
#include "ctext/constants.h"

namespace sonde::ctext {

namespace {

diag::Span span_of(std::span<const Token> line) {
  return diag::join(line.front().span, line.back().span);
}

// Words that C reserves for compilers; which of them a compiler defines is its business.
bool is_reserved(std::string_view name) {
  return name.size() > 1 && name[0] == '_' &&
         (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
}

}  // namespace

Preprocessor::Preprocessor(std::vector<std::string> predefined)
    : predefined_(predefined.begin(), predefined.end()) {}

Parsed<std::vector<Token>> Preprocessor::read(std::string_view text, diag::Span span) {
  SONDE_TRY(const std::vector<Token> tokens, read_tokens(text, span));
  std::vector<Token> out;
  for (std::size_t at = 0; at < tokens.size();) {
    if (tokens[at].first_on_line && tokens[at].is("#")) {
      std::size_t end = at + 1;
      while (end < tokens.size() && !tokens[end].first_on_line) ++end;
      SONDE_CHECK(directive(std::span(tokens).subspan(at, end - at)));
      at = end;
      continue;
    }
    std::vector<std::string_view> open;
    if (active()) SONDE_CHECK(expand(tokens[at], tokens[at].span, open, out));
    ++at;
  }
  return out;
}

Parsed<bool> Preprocessor::finish() const {
  if (conditions_.empty()) return true;
  return wrong(conditions_.back().span, "the condition has no `#endif`");
}

Parsed<bool> Preprocessor::directive(std::span<const Token> line) {
  if (line.size() == 1) return true;  // a `#` alone is allowed, and nothing
  const std::string_view word = line[1].text;
  if (word == "if" || word == "ifdef" || word == "ifndef" || word == "elif" || word == "else" ||
      word == "endif")
    return condition(word, line);
  if (!active()) return true;
  if (word == "define") return define(line);
  if (word == "undef" && line.size() > 2) {
    if (const auto known = macros_.find(line[2].text); known != macros_.end()) macros_.erase(known);
    return true;
  }
  return beyond(span_of(line), "`#" + std::string(word) + "`");
}

Parsed<bool> Preprocessor::define(std::span<const Token> line) {
  if (line.size() < 3 || !line[2].is_word())
    return wrong(span_of(line), "`#define` needs a name", "write `#define NAME VALUE`");
  MacroTokens macro{.tokens = {line.begin() + 3, line.end()}, .span = span_of(line)};
  // Without a blank before it, `(` begins parameters.
  macro.is_function = !macro.tokens.empty() && macro.tokens[0].is("(") &&
                      macro.tokens[0].span.begin == line[2].span.end;
  macros_.insert_or_assign(std::string(line[2].text), std::move(macro));
  return true;
}

Parsed<bool> Preprocessor::is_defined(const Token& name) const {
  if (macros_.contains(name.text) || predefined_.contains(name.text)) return true;
  if (is_reserved(name.text))
    return beyond(name.span, "whether a compiler defines `" + std::string(name.text) + "`");
  return false;
}

Parsed<bool> Preprocessor::condition(std::string_view word, std::span<const Token> line) {
  const diag::Span span = span_of(line);
  if (word == "if" || word == "ifdef" || word == "ifndef") {
    Condition inner{.span = span, .outer = active()};
    if (inner.outer) {
      if (word == "if") {
        SONDE_TRY(inner.active, evaluate(line.subspan(2), span));
      } else {
        if (line.size() < 3) return wrong(span, "the condition needs a name");
        SONDE_TRY(const bool defined, is_defined(line[2]));
        inner.active = defined == (word == "ifdef");
      }
    }
    inner.taken = inner.active;
    conditions_.push_back(inner);
    return true;
  }
  if (conditions_.empty()) return wrong(span, "`#" + std::string(word) + "` without `#if`");
  Condition& inner = conditions_.back();
  if (word == "endif") {
    conditions_.pop_back();
    return true;
  }
  if (inner.has_else) return wrong(span, "`#" + std::string(word) + "` behind `#else`");
  inner.active = false;
  if (word == "else") {
    inner.has_else = true;
    inner.active = inner.outer && !inner.taken;
  } else if (inner.outer && !inner.taken) {
    SONDE_TRY(inner.active, evaluate(line.subspan(2), span));
  }
  inner.taken |= inner.active;
  return true;
}

Parsed<bool> Preprocessor::evaluate(std::span<const Token> tokens, diag::Span span) {
  std::vector<Token> expanded;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].is("defined")) {
      std::vector<std::string_view> open;
      SONDE_CHECK(expand(tokens[i], tokens[i].span, open, expanded));
      continue;
    }
    const bool parenthesised = i + 1 < tokens.size() && tokens[i + 1].is("(");
    i += parenthesised ? 2 : 1;
    if (i >= tokens.size() || !tokens[i].is_word()) return wrong(span, "`defined` needs a name");
    SONDE_TRY(const bool defined, is_defined(tokens[i]));
    expanded.push_back({TokenKind::number, defined ? "1" : "0", tokens[i].span});
    if (parenthesised && (++i >= tokens.size() || !tokens[i].is(")")))
      return wrong(span, "expected `)` behind `defined`");
  }
  // What is no macro counts as 0 there; a name with parentheses behind it is none that is known.
  for (std::size_t i = 0; i < expanded.size(); ++i)
    if (expanded[i].is_word() &&
        (is_reserved(expanded[i].text) || (i + 1 < expanded.size() && expanded[i + 1].is("("))))
      return beyond(expanded[i].span, "`" + std::string(expanded[i].text) + "` in a condition");
  ConstantScope scope;
  scope.word = [](std::string_view) { return std::optional<std::int64_t>(0); };
  std::size_t at = 0;
  SONDE_TRY(const Constant value, read_constant(expanded, at, span, scope));
  if (at != expanded.size()) return wrong(expanded[at].span, "the condition goes on unexpectedly");
  return value.value != 0;
}

// Macros that contain another one twice make more text than anybody can wait for.
constexpr std::size_t most_expanded = 100'000;
// The walk is recursive.
constexpr std::size_t most_open = 1000;

// A macro inside its own expansion stays as it is, as C has it.
Parsed<bool> Preprocessor::expand(const Token& token, diag::Span use,
                                  std::vector<std::string_view>& open, std::vector<Token>& out) {
  const auto macro = token.is_word() ? macros_.find(token.text) : macros_.end();
  if (macro == macros_.end() || std::ranges::find(open, token.text) != open.end()) {
    const bool predefined = token.is_word() && predefined_.contains(token.text);
    out.push_back(token);
    out.back().span = use;
    if (predefined) {
      out.back().kind = TokenKind::number;
      out.back().text = "1";
    }
    return true;
  }
  if (macro->second.is_function)
    return beyond(use, "the macro `" + std::string(token.text) + "` with parameters");
  expanded_ += macro->second.tokens.size() + 1;
  if (expanded_ > most_expanded || open.size() >= most_open)
    return wrong(use, "the macros of the C text expand to too much");
  open.push_back(token.text);
  for (const Token& part : macro->second.tokens) SONDE_CHECK(expand(part, use, open, out));
  open.pop_back();
  return true;
}

}  // namespace sonde::ctext
