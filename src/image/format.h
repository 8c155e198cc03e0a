// SPDX-License-Identifier: Apache-2.0
// A printf format taken apart: `%[-][+][ ][#][0][width][.precision][length]conversion`.
// Text that does not match this shape is literal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::image {

enum class Length : std::uint8_t { none, hh, h, l };  // l: l ll j z t, all 64 bits

struct FormatPiece {
  std::string literal;  // when `conversion` is 0; `%%` is already `%`

  char conversion = 0;  // d i u o x X c p s; r for buffers
  char variant = 0;     // `x` or `h` behind r; `r` behind g (`%gr` has conversion g)
  bool left = false;
  bool plus = false;
  bool blank = false;
  bool alternate = false;
  bool zero = false;
  int width = 0;       // 0: none
  int precision = -1;  // -1: none
  Length length = Length::none;
};

std::vector<FormatPiece> parse_format(std::string_view text);

}  // namespace sonde::image
