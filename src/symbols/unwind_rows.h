// SPDX-License-Identifier: Apache-2.0
// The unwinding information of one program or library (.eh_frame, x86-64) as rows that a BPF
// program can search. Private to this folder.
#pragma once

#include <cstdint>
#include <vector>

#include "base/elf_file.h"
#include "base/result.h"
#include "image/unwinding.h"

namespace sonde::symbols {

// Code that lies in memory as in the file. The last row says where it ends.
struct UnwindSection {
  std::uint64_t file_offset = 0;  // of place 0
  std::vector<image::UnwindRow> rows;
};

// Through libdw. Fails where the file has none, is not for x86-64, or libdw is missing.
Result<std::vector<UnwindSection>> read_unwind_rows(const ElfFile& file);

image::BuildIdHead read_build_id(const ElfFile& file);

}  // namespace sonde::symbols
