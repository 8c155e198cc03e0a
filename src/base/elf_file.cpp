// SPDX-License-Identifier: Apache-2.0
#include "base/elf_file.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>

#include <cerrno>

namespace sonde {

void ElfFile::End::operator()(Elf* elf) const { ::elf_end(elf); }

Result<ElfFile> ElfFile::open(const std::string& path) {
  ::elf_version(EV_CURRENT);  // libelf refuses every other call before this one
  ElfFile file;
  file.fd_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.fd_.valid()) return fail_errno(errno, "cannot open " + path);
  file.elf_.reset(::elf_begin(file.fd_.get(), ELF_C_READ_MMAP, nullptr));
  if (!file.elf_) return fail("cannot read " + path + " as ELF: " + ::elf_errmsg(-1));
  if (::elf_kind(file.elf_.get()) != ELF_K_ELF) return fail(path + " is not an ELF file");
  SONDE_CHECK(file.read_segments(path));
  return file;
}

Status ElfFile::read_segments(const std::string& path) {
  std::size_t count = 0;
  if (::elf_getphdrnum(elf_.get(), &count) != 0)
    return fail("cannot read the program headers of " + path + ": " + ::elf_errmsg(-1));
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (!::gelf_getphdr(elf_.get(), static_cast<int>(i), &header) || header.p_type != PT_LOAD)
      continue;
    segments_.push_back({header.p_vaddr, header.p_offset, header.p_filesz});
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

std::optional<std::uint64_t> ElfFile::file_offset(std::uint64_t address) const {
  for (const Segment& segment : segments_)
    if (address >= segment.address && address - segment.address < segment.size_in_file)
      return segment.file_offset + (address - segment.address);
  return std::nullopt;
}

}  // namespace sonde
