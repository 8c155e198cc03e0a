// SPDX-License-Identifier: Apache-2.0
#include "diag/source_map.h"

#include <algorithm>
#include <limits>

namespace sonde::diag {

// Editors put it in front of UTF-8; it is not part of the text.
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

FileId SourceMap::add(std::string name, std::string text, Span imported_at) {
  if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
  File& file = files_.emplace_back(File{std::move(name), std::move(text), imported_at, {0}});
  for (std::size_t i = 0; i < file.text.size(); ++i)
    if (file.text[i] == '\n') file.line_starts.push_back(static_cast<std::uint32_t>(i + 1));
  return static_cast<FileId>(files_.size() - 1);
}

std::optional<ExpansionId> SourceMap::add_expansion(Span call) {
  if (expansions_.size() >= std::numeric_limits<ExpansionId>::max()) return std::nullopt;
  expansions_.push_back(call);
  return static_cast<ExpansionId>(expansions_.size());
}

std::string_view SourceMap::text(Span span) const {
  if (!span.known()) return {};
  return text(span.file).substr(span.begin, span.end - span.begin);
}

LineColumn SourceMap::position(FileId file, std::uint32_t offset) const {
  const auto& starts = files_[file].line_starts;
  const auto after = std::upper_bound(starts.begin(), starts.end(), offset);
  const auto line = static_cast<std::uint32_t>(after - starts.begin());
  return {line, offset - starts[line - 1] + 1};
}

std::string_view SourceMap::line_text(FileId file, std::uint32_t line) const {
  const File& f = files_[file];
  const std::string_view rest = std::string_view(f.text).substr(f.line_starts[line - 1]);
  return rest.substr(0, rest.find('\n'));
}

}  // namespace sonde::diag
