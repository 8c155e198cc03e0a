// SPDX-License-Identifier: Apache-2.0
// The tables by which programs unwind the stacks of some processes (image/unwinding.h): of each
// file once, of each process where its files are.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "image/unwinding.h"
#include "symbols/mapped_files.h"
#include "symbols/process_maps.h"
#include "symbols/unwind_rows.h"

namespace sonde::symbols {

class UnwindTables {
 public:
  // What is mapped there now, sorted; at most image::most_ranges. Reads files that are new.
  std::vector<image::UnwindRange> find_ranges(std::uint32_t tgid);

  // Reads a file that is going to be mapped, if it is a program.
  void read_ahead(const std::string& path);

  // The rows of all files so far, in the order in which they were read. They only grow.
  const std::vector<image::UnwindRow>& rows() const { return rows_; }
  // Beyond these no file is added.
  void limit_rows(std::size_t most) { most_rows_ = most; }

  // What was left out since the last call, as sentences.
  std::vector<std::string> take_problems() { return std::exchange(problems_, {}); }

 private:
  // Rows of a file that lie in one chunk.
  struct Part {
    std::size_t first_row = 0, row_count = 0;
    std::uint64_t file_offset = 0;     // of place 0
    std::uint64_t begin = 0, end = 0;  // places
  };
  struct File {
    std::vector<Part> parts;
    image::BuildIdHead build_id;
  };

  const File& file(std::uint32_t tgid, const Region& region);
  File read(const std::string& name, const Result<ElfFile>& file);
  void add(File& file, const UnwindSection& section);

  MappedFiles mapped_files_;
  std::map<FileId, File> files_;
  std::vector<image::UnwindRow> rows_;
  std::size_t most_rows_ = SIZE_MAX;
  std::vector<std::string> problems_;
};

}  // namespace sonde::symbols
