// SPDX-License-Identifier: Apache-2.0
#include "formatter/source.h"

#include <algorithm>

#include "ast/match.h"
#include "base/assert.h"

namespace sonde::formatter {

namespace {

std::string_view without_blanks_at_end(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? text.substr(0, 0) : text.substr(0, last + 1);
}

}  // namespace

Source::Source(std::string_view text, std::span<const diag::Span> spans,
               const ast::Program& program)
    : text_(text) {
  std::uint32_t end = 0;
  const auto add = [&](std::uint32_t from, std::uint32_t to) {
    Token token{.text = text.substr(from, to - from), .begin = from, .end = to, .comments = {}};
    read_gap(end, from, token);
    tokens_.push_back(std::move(token));
    end = to;
  };
  for (const diag::Span& span : spans)
    if (span.end > span.begin) add(span.begin, span.end);
  const auto size = static_cast<std::uint32_t>(text.size());
  add(size, size);
  match_brackets();
  note(program);
}

// Between tokens there are blanks, comments, and at the start perhaps `#!`.
void Source::read_gap(std::uint32_t from, std::uint32_t to, Token& token) {
  const std::string_view gap = text_.substr(from, to - from);
  unsigned newlines = 0;
  for (std::size_t at = 0; at < gap.size();) {
    if (gap[at] == '\n') ++newlines;
    const std::string_view rest = gap.substr(at);
    const bool line = rest.starts_with("//") || rest.starts_with("#!");
    if (!line && !rest.starts_with("/*")) {
      ++at;
      continue;
    }
    const auto found = line ? rest.find('\n') : rest.find("*/", 2);
    std::size_t length = found == std::string_view::npos ? rest.size() : found + (line ? 0 : 2);
    token.comments.push_back({without_blanks_at_end(rest.substr(0, length)), newlines, line});
    newlines = 0;
    at += length;
  }
  token.newlines_before = newlines;
}

std::vector<std::string> Source::all_comments() const {
  std::vector<std::string> all;
  for (const Token& token : tokens_)
    for (const Comment& comment : token.comments) all.emplace_back(comment.text);
  return all;
}

std::size_t Source::token_at(std::uint32_t offset) const {
  const auto found = std::ranges::lower_bound(tokens_, offset, {}, &Token::begin);
  return static_cast<std::size_t>(found - tokens_.begin());
}

void Source::match_brackets() {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const std::string_view text = tokens_[i].text;
    if (text == "(" || text == "[" || text == "{") open.push_back(i);
    if ((text == ")" || text == "]" || text == "}") && !open.empty()) {
      partners_[open.back()] = i;
      open.pop_back();
    }
  }
}

const ast::BlockExpr* Source::block(std::size_t i) const {
  const auto found = blocks_.find(tokens_[i].begin);
  return found == blocks_.end() || tokens_[i].text != "{" ? nullptr : found->second;
}

std::optional<int> Source::precedence(std::size_t i) const {
  constexpr std::pair<std::string_view, int> operators[] = {
      {"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},  {"&", 5},  {"==", 6},
      {"!=", 6}, {"<", 7},  {"<=", 7}, {">", 7},  {">=", 7}, {"<<", 8},
      {">>", 8}, {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}};
  if (is_prefix(i) || is_of_type(i)) return std::nullopt;
  for (const auto& [spelling, level] : operators)
    if (tokens_[i].text == spelling) return level;
  return std::nullopt;
}

// The stars behind the name of a type, not those inside `typeof(…)`. Of a cast, the type's place
// has the parentheses in it.
void Source::note_stars(const ast::TypeName& type) {
  const std::size_t begin = token_at(type.span.begin);
  for (std::size_t i = opens(begin) ? begin + 1 : begin; tokens_[i].begin < type.span.end; ++i) {
    if (opens(i)) i = partner(i);
    if (tokens_[i].text == "*") stars_.insert(tokens_[i].begin);
  }
}

void Source::note(const ast::Node& node) {
  using namespace ast;
  const std::uint32_t begin = node.span.begin;
  switch (node.kind) {
    case NodeKind::Unary: prefixes_.insert(begin); break;
    case NodeKind::IncDec:
      if (static_cast<const IncDec&>(node).prefix) prefixes_.insert(begin);
      break;
    case NodeKind::Cast: {
      const std::size_t open = token_at(begin);
      if (opens(open)) cast_ends_.insert(partner(open));
      break;
    }
    case NodeKind::IfExpr:
    case NodeKind::ForMap:
    case NodeKind::ForRange:
    case NodeKind::While:
    case NodeKind::Unroll:
    case NodeKind::Return:
    case NodeKind::ComptimeExpr: keywords_.insert(begin); break;
    case NodeKind::BlockExpr: blocks_[begin] = static_cast<const BlockExpr*>(&node); break;
    case NodeKind::TypeName: note_stars(static_cast<const TypeName&>(node)); break;
    default: break;
  }
  for_each_child(const_cast<Node&>(node), [&](auto* child) { note(*child); });
}

}  // namespace sonde::formatter
