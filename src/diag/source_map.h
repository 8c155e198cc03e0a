// SPDX-License-Identifier: Apache-2.0
// Owner of the source texts; turns spans into lines and columns.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "diag/span.h"

namespace sonde::diag {

// Both count from 1; columns count bytes.
struct LineColumn {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

class SourceMap {
 public:
  // The text is kept, without a byte-order mark, as long as the map; views into it stay valid.
  FileId add(std::string name, std::string text);

  std::string_view name(FileId file) const { return files_[file].name; }
  std::string_view text(FileId file) const { return files_[file].text; }
  std::string_view text(Span span) const;
  std::size_t file_count() const { return files_.size(); }

  LineColumn position(FileId file, std::uint32_t offset) const;
  // Line `line`, counted from 1, without its newline.
  std::string_view line_text(FileId file, std::uint32_t line) const;

 private:
  struct File {
    std::string name;
    std::string text;
    std::vector<std::uint32_t> line_starts;
  };
  std::deque<File> files_;
};

}  // namespace sonde::diag
