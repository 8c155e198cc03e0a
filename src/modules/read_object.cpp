// SPDX-License-Identifier: Apache-2.0
#include "modules/read_object.h"

#include <gelf.h>
#include <libelf.h>

#include <set>

namespace sonde::modules {

namespace {

// Of elf.h from glibc 2.18 on; what other machines' objects have instead is refused.
constexpr int machine_bpf = 247;

struct EndElf {
  void operator()(Elf* elf) const { ::elf_end(elf); }
};

struct Sections {
  std::span<const std::byte> btf;
  std::string license;
  std::set<std::string, std::less<>> functions;  // global, in `.text`: not programs
};

void add_functions(Elf* elf, Elf_Scn* section, const GElf_Shdr& header, std::size_t text,
                   std::set<std::string, std::less<>>& functions) {
  Elf_Data* data = ::elf_getdata(section, nullptr);
  if (data == nullptr || header.sh_entsize == 0) return;
  for (std::size_t i = 0; i < data->d_size / header.sh_entsize; ++i) {
    GElf_Sym symbol;
    if (::gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) return;
    const char* name = ::elf_strptr(elf, header.sh_link, symbol.st_name);
    if (name != nullptr && symbol.st_shndx == text && GELF_ST_TYPE(symbol.st_info) == STT_FUNC &&
        GELF_ST_BIND(symbol.st_info) != STB_LOCAL)
      functions.insert(name);
  }
}

Result<Sections> read_sections(Elf* elf) {
  GElf_Ehdr file;
  std::size_t names = 0;
  if (::elf_kind(elf) != ELF_K_ELF || ::gelf_getehdr(elf, &file) == nullptr ||
      ::elf_getshdrstrndx(elf, &names) != 0)
    return fail("it is not an ELF object");
  if (file.e_machine != machine_bpf || file.e_type != ET_REL)
    return fail("it is not an object for BPF");
  Sections sections;
  std::size_t text = SHN_UNDEF;
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (::gelf_getshdr(section, &header) == nullptr) continue;
    const char* found = ::elf_strptr(elf, names, header.sh_name);
    const std::string_view name = found ? found : "";
    if (name == ".text") text = ::elf_ndxscn(section);
    if (name != ".BTF" && name != "license") continue;
    const Elf_Data* data = ::elf_rawdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) continue;
    if (name == ".BTF")
      sections.btf = {static_cast<const std::byte*>(data->d_buf), data->d_size};
    else
      sections.license.assign(static_cast<const char*>(data->d_buf), data->d_size);
  }
  sections.license = sections.license.c_str();  // without its NUL
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (::gelf_getshdr(section, &header) != nullptr && header.sh_type == SHT_SYMTAB)
      add_functions(elf, section, header, text, sections.functions);
  }
  if (sections.btf.empty())
    return fail("it has no BTF, which says what types its functions have; compile it with -g");
  return sections;
}

}  // namespace

Result<std::unique_ptr<sema::ForeignObject>> read_object(std::string path, std::string bytes,
                                                         diag::Span place) {
  ::elf_version(EV_CURRENT);
  auto object = std::make_unique<sema::ForeignObject>();
  object->path = std::move(path);
  object->bytes = std::move(bytes);
  object->imported_at = place;
  const std::unique_ptr<Elf, EndElf> elf(::elf_memory(object->bytes.data(), object->bytes.size()));
  if (elf == nullptr) return fail("it is not an ELF object");
  SONDE_TRY(Sections sections, read_sections(elf.get()));
  // Not the bytes in the object: they need not be aligned there.
  object->btf_bytes.assign(sections.btf.begin(), sections.btf.end());
  SONDE_TRY(object->btf, target::Btf::open(object->btf_bytes));
  object->license = std::move(sections.license);
  const target::Btf& btf = object->btf;
  for (target::BtfId id = 1; id < btf.type_count(); ++id) {
    const target::BtfType type = btf.type(id);
    if (type.kind == target::BtfKind::func && sections.functions.contains(type.name))
      object->functions.push_back({std::string(type.name), object.get(), type.type});
  }
  return object;
}

}  // namespace sonde::modules
