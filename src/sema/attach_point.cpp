// SPDX-License-Identifier: Apache-2.0
#include "sema/attach_point.h"

#include <cctype>

namespace sonde::sema {

namespace {

std::string_view without_label(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_'))
    ++at;
  return at > 0 && at < text.size() && text[at] == '=' ? text.substr(at + 1) : text;
}

}  // namespace

std::vector<std::string> split_attach_point(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  text = without_label(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      quoted = !quoted;
    } else if (quoted && text[i] == '\\' && i + 1 < text.size()) {
      parts.back() += text[++i];
    } else if (!quoted && text[i] == ':') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

}  // namespace sonde::sema
