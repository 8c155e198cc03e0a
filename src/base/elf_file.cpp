// SPDX-License-Identifier: Apache-2.0
#include "base/elf_file.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <cerrno>

#include "base/archive.h"

namespace sonde {

void ElfFile::End::operator()(Elf* elf) const { ::elf_end(elf); }

Result<ElfFile> ElfFile::open(const std::string& path) {
  ::elf_version(EV_CURRENT);  // libelf refuses every other call before this one
  ElfFile file;
  const auto parts = split_archive_path(path);
  if (parts)
    SONDE_CHECK(file.open_member(parts->archive, parts->member));
  else
    SONDE_CHECK(file.open_file(path));
  if (!file.elf_) return fail("cannot read " + path + " as ELF: " + ::elf_errmsg(-1));
  if (::elf_kind(file.elf_.get()) != ELF_K_ELF) return fail(path + " is not an ELF file");
  SONDE_CHECK(file.read_segments(path));
  return file;
}

Result<ElfFile> ElfFile::from_memory(std::string_view bytes) {
  ::elf_version(EV_CURRENT);
  ElfFile file;
  // libelf does not write to it.
  file.elf_.reset(::elf_memory(const_cast<char*>(bytes.data()), bytes.size()));
  if (!file.elf_ || ::elf_kind(file.elf_.get()) != ELF_K_ELF) return fail("this is not ELF");
  SONDE_CHECK(file.read_segments("memory"));
  return file;
}

Status ElfFile::open_file(const std::string& path) {
  fd_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd_.valid()) return fail_errno(errno, "cannot open " + path);
  elf_.reset(::elf_begin(fd_.get(), ELF_C_READ_MMAP, nullptr));
  return {};
}

Status ElfFile::open_member(const std::string& archive, const std::string& member) {
  SONDE_TRY(archive_, Mapping::open(archive));
  const auto found = find_archive_member(archive_.bytes(), member);
  if (!found) return std::unexpected(Error(found.error()).while_doing("opening " + archive));
  start_ = found->offset;
  const std::byte* bytes = archive_.bytes().data() + found->offset;
  elf_.reset(
      ::elf_memory(const_cast<char*>(reinterpret_cast<const char*>(bytes)), found->size_bytes));
  return {};
}

Status ElfFile::read_segments(const std::string& name) {
  std::size_t count = 0;
  if (::elf_getphdrnum(elf_.get(), &count) != 0)
    return fail("cannot read the program headers of " + name + ": " + ::elf_errmsg(-1));
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (!::gelf_getphdr(elf_.get(), static_cast<int>(i), &header) || header.p_type != PT_LOAD)
      continue;
    segments_.push_back(
        {header.p_vaddr, header.p_offset, header.p_filesz, (header.p_flags & PF_X) != 0});
  }
  return {};
}

bool ElfFile::is_64_bit() const { return ::gelf_getclass(elf_.get()) == ELFCLASS64; }

std::optional<ElfSection> ElfFile::find_section(std::string_view name) const {
  std::size_t names = 0;
  if (::elf_getshdrstrndx(elf_.get(), &names) != 0) return std::nullopt;
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf_.get(), section));) {
    GElf_Shdr header;
    if (!::gelf_getshdr(section, &header)) continue;
    const char* own = ::elf_strptr(elf_.get(), names, header.sh_name);
    if (!own || own != name) continue;
    ElfSection found{header.sh_addr, {}};
    const Elf_Data* data = header.sh_type == SHT_NOBITS ? nullptr : ::elf_rawdata(section, nullptr);
    if (data && data->d_buf) found.bytes = {static_cast<const char*>(data->d_buf), data->d_size};
    return found;
  }
  return std::nullopt;
}

const ElfFile::Segment* ElfFile::find_segment(std::uint64_t address) const {
  const auto found = std::ranges::find_if(segments_, [&](const Segment& segment) {
    return address >= segment.address && address - segment.address < segment.size_in_file;
  });
  return found == segments_.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> ElfFile::file_offset(std::uint64_t address) const {
  const Segment* segment = find_segment(address);
  if (!segment) return std::nullopt;
  return start_ + segment->file_offset + (address - segment->address);
}

std::optional<std::uint64_t> ElfFile::address_of(std::uint64_t file_offset) const {
  file_offset -= start_;
  const auto found = std::ranges::find_if(segments_, [&](const Segment& segment) {
    return file_offset >= segment.file_offset &&
           file_offset - segment.file_offset < segment.size_in_file;
  });
  if (found == segments_.end()) return std::nullopt;
  return found->address + (file_offset - found->file_offset);
}

std::string_view ElfFile::code_at(std::uint64_t address, std::uint64_t size_bytes) const {
  const Segment* segment = find_segment(address);
  std::size_t file_size = 0;
  const char* file = ::elf_rawfile(elf_.get(), &file_size);
  if (!segment || !segment->is_executable || !file) return {};
  const std::uint64_t skipped = address - segment->address;
  const std::uint64_t offset = segment->file_offset + skipped;
  if (offset >= file_size) return {};
  const std::uint64_t size = std::min(size_bytes, segment->size_in_file - skipped);
  return std::string_view(file, file_size).substr(offset, size);
}

}  // namespace sonde
