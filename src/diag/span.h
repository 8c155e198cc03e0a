// SPDX-License-Identifier: Apache-2.0
// A place in a source text.
#pragma once

#include <cstdint>

namespace sonde::diag {

using FileId = std::uint16_t;
// A place where a macro or function was expanded: SourceMap::expansion().
using ExpansionId = std::uint16_t;

// Bytes [begin, end) of one file. Empty spans mark a place between two bytes.
// `none` is for what the user did not write.
struct Span {
  static constexpr FileId no_file = 0xffff;

  FileId file = no_file;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  // 0: stands where it is written. Else it is code of a macro, and that is where it was called;
  // the call may itself come from an expansion, so this is a chain.
  ExpansionId expansion = 0;
  // Code of our own library, which takes the place of its call: errors are the script's, and
  // nobody can do anything about warnings.
  bool in_library = false;

  bool known() const { return file != no_file; }
  bool operator==(const Span&) const = default;
};

// From the start of `first` to the end of `last`, which are in one file.
inline Span join(Span first, Span last) {
  if (!first.known()) return last;
  if (!last.known()) return first;
  first.end = last.end;
  return first;
}

}  // namespace sonde::diag
