// SPDX-License-Identifier: Apache-2.0
#include "base/wildcard.h"

namespace sonde {

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*[]") != std::string_view::npos;
}

bool matches(std::string_view pattern, std::string_view text) {
  const std::size_t first = pattern.find('*');
  if (first == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, first))) return false;
  text.remove_prefix(first);
  pattern.remove_prefix(first + 1);
  // The first place where a part between two `*` fits leaves the most for those behind it.
  for (std::size_t star; (star = pattern.find('*')) != std::string_view::npos;) {
    const std::size_t at = text.find(pattern.substr(0, star));
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + star);
    pattern.remove_prefix(star + 1);
  }
  return text.ends_with(pattern);
}

}  // namespace sonde
