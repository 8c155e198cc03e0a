// SPDX-License-Identifier: Apache-2.0
#include "diag/excerpt.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace sonde::diag {

namespace {

constexpr std::string_view tab = "    ";  // a tab is shown, and marked, as four blanks
constexpr std::string_view ellipsis = "…";
// Of a line: what people still write on one, and less than fills a terminal.
constexpr std::size_t most_columns = 400;
// In front of the marker, where a long line is cut.
constexpr std::size_t columns_before_marker = 80;

// A character of the text and how it is shown.
struct Glyph {
  std::size_t bytes = 1;
  std::string shown;
  std::size_t columns = 1;
};

std::size_t utf8_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

// The code point at the start of `text`; `bytes` is 0 where that is not UTF-8.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;
};

CodePoint decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = utf8_length(lead);
  if (length == 0 || length > text.size()) return {};
  std::uint32_t value = length == 1 ? lead : lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {};
    value = value << 6 | (next & 0x3f);
  }
  constexpr std::uint32_t shortest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value < 0xe000;
  if (value < shortest[length] || value > 0x10ffff || surrogate) return {};
  return {value, length};
}

// What moves the cursor, starts a command to the terminal, or turns the direction of reading
// around, so that the code looks like other code.
bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

Glyph first_glyph(std::string_view text) {
  if (text[0] == '\t') return {1, std::string(tab), tab.size()};
  const CodePoint point = decode(text);
  if (point.bytes != 0 && !is_control(point.value))
    return {point.bytes, std::string(text.substr(0, point.bytes)), 1};
  std::string escaped = point.value >= 0x80
                            ? fmt::format("\\u{:04x}", point.value)
                            : fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
  const std::size_t columns = escaped.size();
  return {std::max<std::size_t>(1, point.bytes), std::move(escaped), columns};
}

std::vector<Glyph> glyphs_of(std::string_view line) {
  std::vector<Glyph> glyphs;
  while (!line.empty()) {
    glyphs.push_back(first_glyph(line));
    line.remove_prefix(glyphs.back().bytes);
  }
  return glyphs;
}

std::size_t width_of(const std::vector<Glyph>& glyphs) {
  std::size_t columns = 0;
  for (const Glyph& glyph : glyphs) columns += glyph.columns;
  return columns;
}

// How many glyphs at the front are left out, so that the one at `byte` is near the front.
std::size_t cut_before(const std::vector<Glyph>& glyphs, std::size_t byte) {
  std::size_t columns = 0, bytes = 0, first = 0;
  for (const Glyph& glyph : glyphs) {
    if (bytes >= byte) break;
    bytes += glyph.bytes;
    columns += glyph.columns;
  }
  while (columns > columns_before_marker) columns -= glyphs[first++].columns;
  return first;
}

}  // namespace

std::string marked_line(std::string_view line, Columns marked) {
  const std::vector<Glyph> glyphs = glyphs_of(line);
  const bool is_long = width_of(glyphs) > most_columns;
  const std::size_t first = is_long ? cut_before(glyphs, marked.begin - 1) : 0;
  std::string text, marker;
  std::size_t byte = 0, columns = 0, i = 0;
  for (; i < first; ++i) byte += glyphs[i].bytes;
  if (first > 0) {
    text += ellipsis;
    marker += ' ';
  }
  for (; i < glyphs.size() && (!is_long || columns < most_columns); ++i) {
    const Glyph& glyph = glyphs[i];
    text += glyph.shown;
    const bool is_marked = byte + 1 < marked.end && byte + glyph.bytes + 1 > marked.begin;
    if (byte + 1 < marked.end) marker.append(glyph.columns, is_marked ? '~' : ' ');
    byte += glyph.bytes;
    columns += glyph.columns;
  }
  if (i < glyphs.size()) text += ellipsis;
  // A marker may stand behind the end of the line.
  else
    for (; byte + 1 < marked.end; ++byte) marker += byte + 1 < marked.begin ? ' ' : '~';
  return text + "\n" + marker + "\n";
}

std::string plain_line(std::string_view line) {
  std::string text;
  std::size_t columns = 0;
  for (const Glyph& glyph : glyphs_of(line)) {
    if (columns >= most_columns) return text + std::string(ellipsis) + "\n";
    text += glyph.shown;
    columns += glyph.columns;
  }
  return text + "\n";
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const bool is_layout = text[0] == '\n' || text[0] == '\t';
    const Glyph glyph = is_layout ? Glyph{1, std::string(1, text[0]), 1} : first_glyph(text);
    out += glyph.shown;
    text.remove_prefix(glyph.bytes);
  }
  return out;
}

}  // namespace sonde::diag
