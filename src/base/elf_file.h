// SPDX-License-Identifier: Apache-2.0
// An ELF file on disk, through libelf: its sections, and where addresses lie in it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/unique_fd.h"

struct Elf;  // of libelf

namespace sonde {

struct ElfSection {
  std::uint64_t address = 0;  // virtual; 0 for what is not loaded
  std::string_view bytes;     // as long as the file is open; empty for what takes no place in it
};

class ElfFile {
 public:
  // Fails when the file, which may be a member of an archive, cannot be opened or is not ELF.
  static Result<ElfFile> open(const std::string& path);
  // Of a file that lies in memory, and outlives this.
  static Result<ElfFile> from_memory(std::string_view bytes);

  bool is_64_bit() const;
  std::optional<ElfSection> find_section(std::string_view name) const;
  // Through the loadable segments; nothing for what no segment holds. Of a member of an archive the
  // offset in the archive.
  std::optional<std::uint64_t> file_offset(std::uint64_t address) const;
  std::optional<std::uint64_t> address_of(std::uint64_t file_offset) const;  // the way back

  // What is loaded there and can be executed, as long as the file is open: as many bytes as asked
  // for, or up to the end of the segment.
  std::string_view code_at(std::uint64_t address, std::uint64_t size_bytes) const;

  Elf* handle() const { return elf_.get(); }

 private:
  struct End {
    void operator()(Elf* elf) const;
  };
  struct Segment {
    std::uint64_t address, file_offset, size_in_file;
    bool is_executable;
  };
  const Segment* find_segment(std::uint64_t address) const;
  Status open_file(const std::string& path);
  Status open_member(const std::string& archive, const std::string& member);
  Status read_segments(const std::string& name);

  UniqueFd fd_;              // libelf reads through it until `elf_` is gone
  Mapping archive_;          // … or looks into it
  std::uint64_t start_ = 0;  // of the member in its archive
  std::unique_ptr<Elf, End> elf_;
  std::vector<Segment> segments_;
};

}  // namespace sonde
