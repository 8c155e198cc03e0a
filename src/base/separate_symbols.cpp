// SPDX-License-Identifier: Apache-2.0
#include <gelf.h>

#include "base/dwarf_session.h"
#include "base/elf_file.h"
#include "base/elf_symbols.h"

namespace sonde {

// A separate file has no code: where that lies is said by the file itself.
std::vector<ElfSymbol> read_separate_symbols(const DwarfSession& session, const ElfFile& file) {
  std::vector<ElfSymbol> functions;
  const DwarfLibrary& library = session.library();
  const int count = library.dwfl_module_getsymtab(session.module());
  for (int i = 1; i < count; ++i) {  // number 0 is no symbol
    GElf_Sym symbol;
    GElf_Addr address = 0;
    GElf_Word section = SHN_UNDEF;
    const char* name = library.dwfl_module_getsym_info(session.module(), i, &symbol, &address,
                                                       &section, nullptr, nullptr);
    const unsigned type = GELF_ST_TYPE(symbol.st_info);
    if (!name || !*name || (type != STT_FUNC && type != STT_GNU_IFUNC) || section == SHN_UNDEF)
      continue;
    address -= session.file_bias();
    if (const auto offset = file.file_offset(address))
      functions.push_back(
          {std::string(without_default_version(name)), address, *offset, symbol.st_size});
  }
  return functions;
}

}  // namespace sonde
