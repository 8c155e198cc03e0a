// SPDX-License-Identifier: Apache-2.0
#include "symbols/unwind_tables.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>

namespace sonde::symbols {

namespace {

using image::chunk_rows;
using image::UnwindRange;
using image::UnwindRow;

// Of our own vDSO, which is that of all processes of 64 bits.
Result<ElfFile> open_vdso() {
  SONDE_TRY(const std::vector<Region> regions, read_maps(static_cast<std::uint32_t>(::getpid())));
  const auto own = std::ranges::find(regions, vdso_path, &Region::path);
  if (own == regions.end()) return fail("there is none");
  return ElfFile::from_memory({reinterpret_cast<const char*>(own->start), own->end - own->start});
}

}  // namespace

void UnwindTables::add(File& file, const UnwindSection& section) {
  const auto& rows = section.rows;
  // The last one only says where the code ends.
  for (std::size_t at = 0; at + 1 < rows.size();) {
    const std::size_t room = chunk_rows - rows_.size() % chunk_rows;
    const std::size_t count = std::min(room, rows.size() - 1 - at);
    file.parts.push_back(
        {rows_.size(), count, section.file_offset, rows[at].place, rows[at + count].place});
    rows_.insert(rows_.end(), rows.begin() + static_cast<std::ptrdiff_t>(at),
                 rows.begin() + static_cast<std::ptrdiff_t>(at + count));
    at += count;
  }
}

UnwindTables::File UnwindTables::read(const std::string& name, const Result<ElfFile>& elf) {
  File file;
  const auto sections = elf ? read_unwind_rows(*elf)
                            : Result<std::vector<UnwindSection>>(std::unexpected(elf.error()));
  if (!sections) {
    problems_.push_back("stacks through " + name + " are cut: " + sections.error().message);
    return file;
  }
  file.build_id = read_build_id(*elf);
  std::size_t needed = rows_.size();
  for (const UnwindSection& section : *sections) needed += section.rows.size();
  if (needed > most_rows_) {
    problems_.push_back("stacks through " + name +
                        " are cut: it was loaded later, and its unwinding table has no room");
    return file;
  }
  for (const UnwindSection& section : *sections) add(file, section);
  return file;
}

const UnwindTables::File& UnwindTables::file(std::uint32_t tgid, const Region& region) {
  const auto known = files_.find(region.file);
  if (known != files_.end()) return known->second;
  const bool is_vdso = region.path == vdso_path;
  File read_now = read(
      region.path, is_vdso ? open_vdso() : ElfFile::open(mapped_files_.find_path(tgid, region)));
  return files_.emplace(region.file, std::move(read_now)).first->second;
}

void UnwindTables::read_ahead(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return;
  const FileId id{std::uint64_t{major(info.st_dev)} << 32 | minor(info.st_dev), info.st_ino};
  if (files_.contains(id)) return;
  if (const auto elf = ElfFile::open(path)) files_.emplace(id, read(path, elf));
}

std::vector<UnwindRange> UnwindTables::find_ranges(std::uint32_t tgid) {
  std::vector<UnwindRange> ranges;
  const auto regions = read_maps(tgid);
  if (!regions) return ranges;
  for (const Region& region : *regions) {
    if (region.path.empty()) continue;
    const File& from = file(tgid, region);
    for (const Part& part : from.parts) {
      UnwindRange range;
      range.file_base = region.start - region.file_offset;
      range.base = range.file_base + part.file_offset;
      range.start = std::max(region.start, range.base + part.begin);
      range.end = std::min(region.end, range.base + part.end);
      if (range.start >= range.end) continue;
      range.chunk = static_cast<std::uint32_t>(part.first_row / chunk_rows);
      range.first_row = static_cast<std::uint16_t>(part.first_row % chunk_rows);
      range.row_count = static_cast<std::uint16_t>(part.row_count);
      range.build_id = from.build_id;
      if (range.build_id.status != image::BuildIdHead::valid) range.file_base = 0;
      ranges.push_back(range);
    }
  }
  std::ranges::sort(ranges, {}, &UnwindRange::start);
  if (ranges.size() > image::most_ranges) {
    problems_.push_back("some stacks of process " + std::to_string(tgid) +
                        " are cut: it has too many mappings");
    ranges.resize(image::most_ranges);
  }
  return ranges;
}

}  // namespace sonde::symbols
