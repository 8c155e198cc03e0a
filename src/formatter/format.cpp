// SPDX-License-Identifier: Apache-2.0
// Items, blocks and statements.
#include "formatter/format.h"

#include <algorithm>

#include "ast/match.h"
#include "ast/ops.h"
#include "base/arena.h"
#include "base/assert.h"
#include "diag/source_map.h"
#include "formatter/writer.h"
#include "parser/parser.h"

namespace sonde::formatter {

namespace {

using Kind = Doc::Kind;

bool is_block_like(const ast::Expr* expr) {
  return ast::as<ast::IfExpr>(expr) || ast::as<ast::BlockExpr>(expr);
}

// The text of a token that would continue an `if` or a block before it.
bool continues(std::string_view text) { return text == "-" || text == "*" || text == "&"; }

}  // namespace

// --- Comments ----------------------------------------------------------------------------

std::vector<Comment> Writer::trailing(std::size_t i) const {
  std::vector<Comment> found;
  for (const Comment& comment : s_[i].comments) {
    if (comment.newlines_before != 0) break;
    found.push_back(comment);
    if (comment.to_end_of_line) break;
  }
  return found;
}

void Writer::add_leading(Doc& doc, std::size_t i, bool first) {
  const std::size_t taken = first && i == 0 ? 0 : trailing(i).size();
  const std::vector<Comment>& comments = s_[i].comments;
  for (std::size_t k = taken; k < comments.size(); ++k) {
    doc.add(of(!first && comments[k].newlines_before > 1 ? Kind::blank : Kind::hard));
    doc.add(text(comments[k].text));
    first = false;
  }
  const bool has_comments = taken < comments.size();
  const bool same_line = has_comments && s_[i].newlines_before == 0 && !s_[i].text.empty() &&
                         !comments.back().to_end_of_line;
  if (same_line)
    doc.add(of(Kind::space));
  else
    doc.add(
        of(!first && s_[i].newlines_before > 1 && !s_[i].text.empty() ? Kind::blank : Kind::hard));
}

void Writer::add_behind(Doc& doc, const std::vector<Comment>& comments) const {
  for (const Comment& comment : comments) {
    doc.add(comment.newlines_before != 0 ? of(Kind::hard)
            : comment.to_end_of_line     ? of(Kind::wide_space)
                                         : of(Kind::space));
    doc.add(text(comment.text));
    if (comment.to_end_of_line) doc.add(of(Kind::hard));
  }
}

// --- Blocks ------------------------------------------------------------------------------

bool Writer::needs_semicolon(const ast::Stmt& stmt, Range range, bool has_one) const {
  if (stmt.kind == ast::NodeKind::ForMap || stmt.kind == ast::NodeKind::ForRange ||
      stmt.kind == ast::NodeKind::While || stmt.kind == ast::NodeKind::Unroll)
    return false;
  const auto* expr = ast::as<ast::ExprStmt>(&stmt);
  if (!expr || !is_block_like(expr->expr) || s_[range.end - 1].text != "}") return true;
  // Without it the last one would be the block's value, and others could go on.
  std::size_t after = range.end;
  while (s_[after].text == ";") ++after;
  return has_one && (s_[after].text == "}" || continues(s_[after].text));
}

std::vector<Writer::Part> Writer::parts_of(const ast::BlockExpr& block, Range inside) {
  std::vector<std::pair<std::size_t, const ast::Stmt*>> starts;
  const auto skip_semicolons = [&](std::size_t i) {
    while (i < inside.end && s_[i].text == ";") ++i;
    return i;
  };
  for (const ast::Stmt* stmt : block.stmts)
    starts.emplace_back(s_.token_at(stmt->span.begin), stmt);
  if (block.value) {
    const std::size_t last =
        block.stmts.empty() ? inside.begin : s_.token_at(block.stmts.back()->span.end);
    starts.emplace_back(skip_semicolons(last), nullptr);
  }
  std::vector<Part> parts;
  for (std::size_t k = 0; k < starts.size(); ++k) {
    const std::size_t limit = k + 1 < starts.size() ? starts[k + 1].first : inside.end;
    Part part{.range = {starts[k].first, limit}, .behind = {}};
    while (part.range.end > part.range.begin + 1 && s_[part.range.end - 1].text == ";")
      --part.range.end;
    const bool has_one = part.range.end != limit;
    for (std::size_t i = part.range.end; i < limit; ++i)
      part.behind.insert(part.behind.end(), s_[i].comments.begin(), s_[i].comments.end());
    part.semicolon = starts[k].second && needs_semicolon(*starts[k].second, part.range, has_one);
    parts.push_back(std::move(part));
  }
  return parts;
}

Doc Writer::braces(std::size_t open, std::vector<Part> parts) {
  const std::size_t close = s_.partner(open);
  bool broken = false;
  for (std::size_t i = open + 1; i <= close; ++i) {
    broken |= s_[i].newlines_before != 0;
    for (const Comment& comment : s_[i].comments)
      broken |= comment.newlines_before != 0 || comment.to_end_of_line ||
                comment.text.find('\n') != std::string_view::npos;
  }
  Doc doc = of(Kind::block);
  doc.broken = broken;
  doc.add(text("{"));
  if (parts.empty() && s_[close].comments.empty()) {
    // Semicolons alone may have had comments of their own.
    bool has_comments = false;
    for (std::size_t i = open + 1; i < close; ++i) has_comments |= !s_[i].comments.empty();
    if (!has_comments) {
      doc.broken = false;
      doc.add(text("}"));
      return doc;
    }
  }
  Doc body = of(Kind::body);
  bool first = true;
  std::size_t after = open + 1;  // comments from here on are still to be written
  const auto separate = [&](std::size_t i) {
    add_behind(body, trailing(i));
    if (broken) {
      add_leading(body, i, first);
    } else {
      body.add(of(Kind::line));
    }
    first = false;
  };
  for (const Part& part : parts) {
    // Of semicolons without a statement.
    for (; after < part.range.begin; ++after)
      if (!s_[after].comments.empty()) {
        add_behind(body, s_[after].comments);
        first = false;
      }
    separate(part.range.begin);
    body.add(expression(part.range));
    if (part.semicolon) body.add(text(";"));
    add_behind(body, part.behind);
    after = part.range.end;
    while (after < close && s_[after].text == ";") ++after;
  }
  for (; after < close; ++after) add_behind(body, s_[after].comments);
  add_behind(body, trailing(close));
  const std::vector<Comment>& last = s_[close].comments;
  for (std::size_t k = trailing(close).size(); k < last.size(); ++k) {
    body.add(of(!first && last[k].newlines_before > 1 ? Kind::blank : Kind::hard));
    body.add(text(last[k].text));
    first = false;
  }
  doc.parts.push_back(std::move(body));
  doc.parts.push_back(of(broken ? Kind::hard : Kind::line));
  doc.parts.push_back(text("}"));
  return doc;
}

Doc Writer::block(std::size_t open) {
  return braces(open, parts_of(*s_.block(open), {open + 1, s_.partner(open)}));
}

// --- Items -------------------------------------------------------------------------------

Doc Writer::config(const ast::Config& config, Range range) {
  std::size_t open = range.begin;
  while (s_[open].text != "{") ++open;
  std::vector<Part> parts;
  for (const ast::Setting* setting : config.settings) {
    const std::size_t begin = s_.token_at(setting->span.begin);
    Part part{.range = {begin, begin + 3}, .behind = {}};
    if (s_[begin + 3].text == ";") part.behind = s_[begin + 3].comments;
    parts.push_back(std::move(part));
  }
  Doc doc = expression({range.begin, open});
  doc.add(of(Kind::space));
  add_comments(doc, s_[open].comments);
  doc.add(braces(open, std::move(parts)));
  return doc;
}

Doc Writer::probe(const ast::Probe& probe, Range range) {
  const std::size_t open = s_.token_at(probe.body->span.begin);
  Doc header = of(Kind::group);
  for (std::size_t k = 0; k < probe.attach_points.size(); ++k) {
    const std::size_t i = s_.token_at(probe.attach_points[k]->span.begin);
    if (k != 0) {
      const std::size_t here = trailing(i).size();
      header.add(text(","));
      add_behind(header, trailing(i));
      header.add(of(Kind::line));
      add_comments(header, {s_[i].comments.begin() + static_cast<std::ptrdiff_t>(here),
                            s_[i].comments.end()});
    }
    header.add(text(s_[i].text));
    if (s_[i + 1].text == ",") add_comments(header, s_[i + 1].comments);
  }
  if (probe.predicate) {
    std::size_t slash = s_.token_at(probe.attach_points.back()->span.end);
    if (s_[slash].text == ",") ++slash;
    header.add(of(Kind::line));
    add_comments(header, s_[slash].comments);
    header.add(text("/"));
    add_comments(header, s_[slash + 1].comments);
    // `/*` would be a comment.
    if (s_[slash + 1].text.starts_with('*')) header.add(of(Kind::space));
    header.add(expression({slash + 1, open - 1}));
    add_comments(header, s_[open - 1].comments);
    header.add(text("/"));
  }
  header.add(of(Kind::space));
  add_comments(header, s_[open].comments);
  // Lines that were there stay, and behind a header of several lines a block has several as well.
  for (std::size_t i = range.begin + 1; i <= open; ++i) header.broken |= s_[i].newlines_before != 0;
  const std::string lines = lay_out(header);
  Doc body = block(open);
  body.broken |= std::ranges::count(lines, '\n') > 1 && body.parts.size() > 2;
  return of(Kind::sequence, {std::move(header), std::move(body)});
}

Doc Writer::item(const ast::Item& item, Range range) {
  if (item.kind == ast::NodeKind::Probe) return probe(static_cast<const ast::Probe&>(item), range);
  if (item.kind == ast::NodeKind::Config)
    return config(static_cast<const ast::Config&>(item), range);
  Doc doc =
      item.kind == ast::NodeKind::CDefinition ? text(s_[range.begin].text) : expression(range);
  const bool is_c = item.kind == ast::NodeKind::CDefinition;
  if (item.kind == ast::NodeKind::RootImport || item.kind == ast::NodeKind::MapDecl ||
      (is_c && !s_[range.begin].text.starts_with("#") && s_[range.end].text == ";"))
    return of(Kind::sequence, {std::move(doc), text(";")});
  return doc;
}

Doc Writer::program(const ast::Program& program) {
  Doc doc = of(Kind::sequence);
  const std::size_t end = s_.tokens().size() - 1;
  std::size_t after = 0;
  bool first = true;
  const auto comments_until = [&](std::size_t limit) {
    for (; after < limit; ++after) add_behind(doc, s_[after].comments);
  };
  for (std::size_t k = 0; k < program.items.size(); ++k) {
    const std::size_t begin = s_.token_at(program.items[k]->span.begin);
    const std::size_t limit =
        k + 1 < program.items.size() ? s_.token_at(program.items[k + 1]->span.begin) : end;
    Range range{begin, limit};
    while (range.end > begin + 1 && s_[range.end - 1].text == ";") --range.end;
    comments_until(begin);
    if (begin != 0) add_behind(doc, trailing(begin));
    add_leading(doc, begin, first);
    doc.add(item(*program.items[k], range));
    first = false;
    after = range.end;
  }
  comments_until(end);
  if (end != 0) add_behind(doc, trailing(end));
  add_leading(doc, end, first);
  return doc;
}

// -----------------------------------------------------------------------------------------

std::optional<std::string> format(std::string_view name, std::string_view script,
                                  diag::Diagnostics& diagnostics, diag::SourceMap& sources) {
  constexpr int most_rounds = 5;
  Arena arena;
  std::string current(script);
  const ast::Program* before = nullptr;
  std::vector<std::string> comments_before;
  // Usually the second round changes nothing; where a block had to be broken, that can let what
  // is around it stay on one line.
  for (int round = 0; round < most_rounds; ++round) {
    const diag::FileId file = sources.add(std::string(name), current);
    std::vector<diag::Span> tokens;
    const ast::Program* tree = parser::parse(file, sources, {}, arena, diagnostics, &tokens);
    if (!tree && !before) return std::nullopt;
    SONDE_ASSERT(tree && (!before || ast::equal(*before, *tree)),
                 "formatting must not change what a script means");
    before = tree;
    const Source source(sources.text(file), tokens, *tree);
    const std::vector<std::string> comments = source.all_comments();
    SONDE_ASSERT(round == 0 || comments == comments_before, "formatting must keep every comment");
    comments_before = comments;
    std::string formatted = lay_out(Writer(source).program(*tree));
    if (formatted == current) return formatted;
    current = std::move(formatted);
  }
  return current;
}

}  // namespace sonde::formatter
