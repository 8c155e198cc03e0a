// SPDX-License-Identifier: Apache-2.0
// Text whose line breaks are chosen later: a group stays on one line if it fits, else its lines
// break. Made by format.cpp, laid out by doc.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::formatter {

constexpr int line_width = 100;
constexpr int block_indent = 2;
constexpr int continuation_indent = 4;

struct Doc {
  enum class Kind : std::uint8_t {
    text,
    space,       // a blank, but not at the start of a line
    wide_space,  // two
    line,        // a blank, or a line break when its group is broken
    fill,        // a line that breaks only if what follows up to the next one does not fit
    hard,        // always a line break; several are one
    blank,       // an empty line
    sequence,
    group,
    continued,  // indented further
    block,      // `{ … }`: its braces are where the statement began
    body,       // the statements of a block
    chain,      // an `if` with its blocks: all are on one line, or none
  };

  Kind kind = Kind::sequence;
  bool broken = false;  // group, block: a line break inside is certain
  std::string text;
  std::vector<Doc> parts;

  Doc& add(Doc part);
  bool empty() const { return kind == Kind::sequence && parts.empty(); }
};

Doc text(std::string_view content);
Doc of(Doc::Kind kind);
Doc of(Doc::Kind kind, std::vector<Doc> parts);

// The lines, without blanks at their ends.
std::string lay_out(const Doc& doc);

}  // namespace sonde::formatter
