// SPDX-License-Identifier: Apache-2.0
// Owner of the source texts; turns spans into lines and columns.
#pragma once

#include <deque>
#include <optional>
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
  // `imported_at`: the `import` that named the file, if one did.
  FileId add(std::string name, std::string text, Span imported_at = {});

  std::string_view name(FileId file) const { return files_[file].name; }
  std::string_view text(FileId file) const { return files_[file].text; }
  std::string_view text(Span span) const;
  Span imported_at(FileId file) const { return files_[file].imported_at; }
  std::size_t file_count() const { return files_.size(); }

  // Where a macro is expanded. The same place may be given again; nothing when there are too many.
  std::optional<ExpansionId> add_expansion(Span call);
  // The call that `expansion` stands for; not 0.
  const Span& expansion(ExpansionId expansion) const { return expansions_[expansion - 1]; }
  const std::vector<Span>& expansions() const { return expansions_; }

  LineColumn position(FileId file, std::uint32_t offset) const;
  // Line `line`, counted from 1, without its newline.
  std::string_view line_text(FileId file, std::uint32_t line) const;

 private:
  struct File {
    std::string name;
    std::string text;
    Span imported_at;
    std::vector<std::uint32_t> line_starts;
  };
  std::deque<File> files_;
  std::vector<Span> expansions_;
};

}  // namespace sonde::diag
