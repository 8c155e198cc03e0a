// SPDX-License-Identifier: Apache-2.0
// Finds the tables in the object.
#include <gelf.h>
#include <libelf.h>

#include <memory>

#include "image/image.h"
#include "image/layout.h"

namespace sonde::image {

namespace {

struct EndElf {
  void operator()(Elf* elf) const { ::elf_end(elf); }
};

Result<std::string_view> find_tables(Elf* elf) {
  std::size_t names = 0;
  if (::elf_kind(elf) != ELF_K_ELF || ::elf_getshdrstrndx(elf, &names) != 0)
    return fail("the image is not an ELF object");
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;  // a copy: in a broken object the original may be misaligned
    if (::gelf_getshdr(section, &header) == nullptr) continue;
    const char* name = ::elf_strptr(elf, names, header.sh_name);
    if (name == nullptr || name != tables_section) continue;
    const Elf_Data* data = ::elf_rawdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr || data->d_size == 0)
      return fail("the image is cut off: its tables are missing");
    return std::string_view(static_cast<const char*>(data->d_buf), data->d_size);
  }
  return fail("the ELF object is not an image: it has no section `" + std::string(tables_section) +
              "`");
}

}  // namespace

Result<Image> read_image(std::string_view elf) {
  ::elf_version(EV_CURRENT);
  // libelf takes a pointer to char but only reads what was opened this way.
  const std::unique_ptr<Elf, EndElf> object(
      ::elf_memory(const_cast<char*>(elf.data()), elf.size()));
  if (object == nullptr) return fail("the image is not an ELF object");
  SONDE_TRY(const std::string_view tables, find_tables(object.get()));
  return read_tables(tables);
}

}  // namespace sonde::image
