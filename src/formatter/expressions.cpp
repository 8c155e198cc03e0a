// SPDX-License-Identifier: Apache-2.0
// Expressions and what looks like them: tokens with the right blanks, and places for line breaks
// after commas and before the loosest operators.
#include <algorithm>
#include <array>

#include "formatter/writer.h"

namespace sonde::formatter {

namespace {

using Kind = Doc::Kind;

constexpr std::array<std::string_view, 11> assignments = {
    "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="};
constexpr int no_operator = 100;

bool is_word(std::string_view text) {
  const char c = text.empty() ? ' ' : text[0];
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '@';
}

bool is_step(std::string_view text) { return text == "++" || text == "--"; }

}  // namespace

void Writer::add_comments(Doc& doc, const std::vector<Comment>& comments) const {
  for (const Comment& comment : comments) {
    doc.add(of(comment.newlines_before != 0 ? Kind::hard
               : comment.to_end_of_line     ? Kind::wide_space
                                            : Kind::space));
    doc.add(text(comment.text));
    doc.add(of(comment.to_end_of_line ? Kind::hard : Kind::space));
  }
}

bool Writer::is_blank_between(std::size_t left, std::size_t right) const {
  const std::string_view a = s_[left].text, b = s_[right].text;
  if (b == ")" || b == "]" || b == "[" || b == "," || b == ";" || a == "(" || a == "[")
    return false;
  if (a == "." || b == "." || a == "->" || b == "->" || a == ".." || b == "..") return false;
  if (is_step(b) && !s_.is_prefix(right)) return false;
  // `- -1` and `- --$x` would be another operator without the blank.
  if (s_.is_prefix(left) && !s_.closes_cast(left))
    return (a == "-" || a == "+" || a == "--" || a == "++" || a == "&") && b[0] == a[0];
  if (s_.closes_cast(left)) return false;
  if (s_.is_of_type(right)) return !s_.is_of_type(left);
  if (b == "(") return s_.is_keyword(left) || !is_word(a);
  return true;
}

std::size_t Writer::find_assignment(Range range) const {
  for (std::size_t i = range.begin; i < range.end; i = next(i))
    if (std::ranges::find(assignments, s_[i].text) != assignments.end()) return i;
  return range.end;
}

std::size_t Writer::find_question(Range range) const {
  for (std::size_t i = range.begin; i < range.end; i = next(i))
    if (s_[i].text == "?") return i;
  return range.end;
}

// The `:` of a `?`.
std::size_t Writer::find_branch(Range range, std::size_t question) const {
  int open = 0;
  for (std::size_t i = question + 1; i < range.end; i = next(i)) {
    if (s_[i].text == "?") ++open;
    if (s_[i].text == ":" && open-- == 0) return i;
  }
  return range.end;
}

int Writer::loosest(Range range) const {
  int level = no_operator;
  for (std::size_t i = range.begin; i < range.end; i = next(i))
    level = std::min(level, s_.precedence(i).value_or(no_operator));
  return level;
}

Doc Writer::expression(Range range) {
  if (const std::size_t at = find_assignment(range); at != range.end) {
    Doc doc = atoms({range.begin, at});
    doc.add(of(Kind::space));
    add_comments(doc, s_[at].comments);
    doc.add(text(s_[at].text));
    doc.add(of(Kind::space));
    if (at + 1 < range.end) add_comments(doc, s_[at + 1].comments);
    doc.add(expression({at + 1, range.end}));
    return doc;
  }
  if (const std::size_t question = find_question(range); question != range.end)
    return ternary(range, question);
  const int level = loosest(range);
  return level == no_operator ? atoms(range) : operands(range, level);
}

Doc Writer::ternary(Range range, std::size_t question) {
  const std::size_t branch = find_branch(range, question);
  Doc group = of(Kind::group);
  group.add(expression({range.begin, question}));
  Doc rest = of(Kind::continued);
  const auto part = [&](std::size_t at, std::string_view sign, Range of_part) {
    add_comments(rest, s_[at].comments);
    rest.add(of(Kind::line));
    rest.add(text(sign));
    rest.add(of(Kind::space));
    if (!of_part.empty()) add_comments(rest, s_[of_part.begin].comments);
    rest.add(expression(of_part));
  };
  if (branch == question + 1) {
    add_comments(rest, s_[branch].comments);
    part(question, "?:", {branch + 1, range.end});
  } else {
    part(question, "?", {question + 1, branch});
    part(branch, ":", {branch + 1, range.end});
  }
  group.add(std::move(rest));
  return group;
}

// Operands of operators of one level. The comments before the first are its caller's.
Doc Writer::operands(Range range, int level) {
  Doc group = of(Kind::group);
  Doc rest = of(Kind::continued);
  std::size_t begin = range.begin;
  Doc* target = &group;
  for (std::size_t i = range.begin; i < range.end; i = next(i)) {
    if (s_.precedence(i) != level) continue;
    target->add(expression({begin, i}));
    target = &rest;
    add_comments(rest, s_[i].comments);
    rest.add(of(Kind::line));
    rest.add(text(s_[i].text));
    rest.add(of(Kind::space));
    begin = i + 1;
    if (begin < range.end) add_comments(rest, s_[begin].comments);
  }
  rest.add(expression({begin, range.end}));
  group.add(std::move(rest));
  return group;
}

Doc Writer::brackets(std::size_t open) {
  const std::size_t close = s_.partner(open);
  Doc group = of(Kind::group);
  group.add(text(s_[open].text));
  Doc inside = of(Kind::continued);
  std::size_t begin = open + 1, commas = 0;
  const auto element = [&](std::size_t end) {
    if (begin == end) return;
    add_comments(inside, s_[begin].comments);
    inside.add(expression({begin, end}));
  };
  for (std::size_t i = begin; i < close; i = next(i)) {
    if (s_[i].text != ",") continue;
    element(i);
    add_comments(inside, s_[i].comments);
    // `(a,)` is a tuple of one; behind several the last comma says nothing.
    if (i + 1 != close || commas == 0) inside.add(text(","));
    if (i + 1 != close) inside.add(of(Kind::fill));
    ++commas;
    begin = i + 1;
  }
  element(close);
  add_behind(inside, s_[close].comments);
  group.add(std::move(inside));
  group.add(text(s_[close].text));
  return group;
}

// Tokens without a binary operator between them. The comments before the first are its caller's.
Doc Writer::atoms(Range range) {
  const bool is_if = !range.empty() && s_.is_keyword(range.begin) && s_[range.begin].text == "if";
  Doc doc = of(is_if ? Kind::chain : Kind::sequence);
  for (std::size_t i = range.begin; i < range.end; i = next(i)) {
    if (i != range.begin) {
      if (is_blank_between(i - 1, i)) doc.add(of(Kind::space));
      add_comments(doc, s_[i].comments);
    }
    if (s_.block(i)) {
      doc.add(block(i));
      doc.broken |= is_if && doc.parts.back().broken;
    } else if (s_.opens(i)) {
      doc.add(brackets(i));
    } else {
      doc.add(text(s_[i].text));
    }
  }
  return doc;
}

}  // namespace sonde::formatter
