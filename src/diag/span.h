// SPDX-License-Identifier: Apache-2.0
// A place in a source text.
#pragma once

#include <cstdint>

namespace sonde::diag {

using FileId = std::uint16_t;

// Bytes [begin, end) of one file. Empty spans mark a place between two bytes.
// `none` is for what the user did not write.
struct Span {
  static constexpr FileId no_file = 0xffff;

  FileId file = no_file;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool known() const { return file != no_file; }
  bool operator==(const Span&) const = default;
};

// From the start of `first` to the end of `last`, which are in one file.
inline Span join(Span first, Span last) {
  if (!first.known()) return last;
  if (!last.known()) return first;
  return {first.file, first.begin, last.end};
}

}  // namespace sonde::diag
