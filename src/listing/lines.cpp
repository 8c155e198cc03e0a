// SPDX-License-Identifier: Apache-2.0
#include "listing/lines.h"

#include <algorithm>

namespace sonde::listing {

void Lines::flush() {
  constexpr std::size_t piece_bytes = 64 * 1024;
  // Details tell apart what has one name; the first is as good as the others.
  if (!std::ranges::is_sorted(entries_)) std::ranges::sort(entries_);
  std::string piece;
  const std::string* last = nullptr;
  for (const Entry& entry : entries_) {
    if (last && *last == entry.line) continue;
    last = &entry.line;
    piece.append(entry.line).append("\n").append(entry.details);
    if (piece.size() < piece_bytes) continue;
    sink_(piece);
    piece.clear();
  }
  if (!piece.empty()) sink_(piece);
  entries_.clear();
}

}  // namespace sonde::listing
