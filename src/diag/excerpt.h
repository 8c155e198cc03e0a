// SPDX-License-Identifier: Apache-2.0
// Lines of a script as they are shown in messages: whatever they contain, the terminal gets
// nothing but text, and not more of it than can be read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sonde::diag {

// The columns of a marker, counted in bytes from 1; `end` is behind it.
struct Columns {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// One line, and below it blanks and `~` up to the end of the marked columns. A long line is cut
// on both sides of where the marker begins.
std::string marked_line(std::string_view line, Columns marked);

// One line without a marker; a long one is cut at its end.
std::string plain_line(std::string_view line);

// Text of any origin for a message: line breaks and tabs are left, other control characters and
// what is not UTF-8 are escaped.
std::string printable(std::string_view text);

}  // namespace sonde::diag
