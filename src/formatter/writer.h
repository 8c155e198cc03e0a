// SPDX-License-Identifier: Apache-2.0
// Makes docs of ranges of tokens.
#pragma once

#include "formatter/doc.h"
#include "formatter/source.h"

namespace sonde::formatter {

class Writer {
 public:
  explicit Writer(const Source& source) : s_(source) {}

  Doc program(const ast::Program& program);

 private:
  // One statement or setting of a block, or one item.
  struct Part {
    Range range;
    bool semicolon = true;        // whether it ends in `;`
    std::vector<Comment> behind;  // on the line of its end
  };

  // expressions.cpp
  Doc expression(Range range);
  Doc operands(Range range, int level);
  Doc ternary(Range range, std::size_t question);
  Doc atoms(Range range);
  Doc brackets(std::size_t open);
  bool is_blank_between(std::size_t left, std::size_t right) const;
  std::size_t find_assignment(Range range) const;
  std::size_t find_question(Range range) const;
  std::size_t find_branch(Range range, std::size_t question) const;
  int loosest(Range range) const;
  std::size_t next(std::size_t i) const { return s_.opens(i) ? s_.partner(i) + 1 : i + 1; }
  void add_comments(Doc& doc, const std::vector<Comment>& comments) const;

  // format.cpp
  Doc item(const ast::Item& item, Range range);
  Doc probe(const ast::Probe& probe, Range range);
  Doc config(const ast::Config& config, Range range);
  Doc block(std::size_t open);
  Doc braces(std::size_t open, std::vector<Part> parts);
  std::vector<Part> parts_of(const ast::BlockExpr& block, Range inside);
  void add_part(Doc& doc, const Part& part, const Doc& content, bool first);
  // Comments on lines of their own before token `i`; gives those that end the line before.
  void add_leading(Doc& doc, std::size_t i, bool first);
  void add_behind(Doc& doc, const std::vector<Comment>& comments) const;
  std::vector<Comment> trailing(std::size_t i) const;
  bool needs_semicolon(const ast::Stmt& stmt, Range range, bool has_one) const;

  const Source& s_;
};

}  // namespace sonde::formatter
