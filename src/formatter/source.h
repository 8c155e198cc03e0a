// SPDX-License-Identifier: Apache-2.0
// A script as the formatter sees it: tokens with the comments before them, and what the tree says
// about tokens whose text alone does not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ast/fwd.h"
#include "diag/span.h"

namespace sonde::formatter {

struct Comment {
  std::string_view text;
  unsigned newlines_before = 0;  // since the token or comment before
  bool to_end_of_line = false;   // `// …`
};

struct Token {
  std::string_view text;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::vector<Comment> comments;  // before it
  unsigned newlines_before = 0;   // since its last comment, or the token before
};

// A half-open range of tokens.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool empty() const { return begin == end; }
};

class Source {
 public:
  // `spans` are those of all tokens; `text` of the whole script.
  Source(std::string_view text, std::span<const diag::Span> spans, const ast::Program& program);

  // The last token is empty: comments at the end of the script stand before it.
  const std::vector<Token>& tokens() const { return tokens_; }
  const Token& operator[](std::size_t i) const { return tokens_[i]; }
  std::vector<std::string> all_comments() const;
  // Of an offset: the first token at or behind it.
  std::size_t token_at(std::uint32_t offset) const;
  // Of `(`, `[` or `{`: where its partner is.
  std::size_t partner(std::size_t open) const { return partners_.at(open); }
  bool opens(std::size_t i) const { return partners_.contains(i); }

  // What an operator's text is also used for.
  bool is_prefix(std::size_t i) const { return prefixes_.contains(tokens_[i].begin); }
  bool is_of_type(std::size_t i) const { return stars_.contains(tokens_[i].begin); }
  // `(` and `)` of a cast.
  bool closes_cast(std::size_t i) const { return cast_ends_.contains(i); }
  // A word of a statement or operand, behind which a `(` belongs to a condition or a value.
  bool is_keyword(std::size_t i) const { return keywords_.contains(tokens_[i].begin); }
  // The block that begins with this `{`, or null.
  const ast::BlockExpr* block(std::size_t i) const;
  // How tightly a binary operator binds; nothing for other tokens.
  std::optional<int> precedence(std::size_t i) const;

 private:
  void read_gap(std::uint32_t from, std::uint32_t to, Token& token);
  void match_brackets();
  void note(const ast::Node& node);
  void note_stars(const ast::TypeName& type);

  std::string_view text_;
  std::vector<Token> tokens_;
  std::unordered_map<std::size_t, std::size_t> partners_;
  std::unordered_set<std::uint32_t> prefixes_, stars_, keywords_;
  std::unordered_set<std::size_t> cast_ends_;
  std::unordered_map<std::uint32_t, const ast::BlockExpr*> blocks_;
};

}  // namespace sonde::formatter
