// SPDX-License-Identifier: Apache-2.0
#include "symbols/vdso.h"

#include <unistd.h>

#include <algorithm>

#include "base/elf_file.h"
#include "base/elf_symbols.h"
#include "symbols/process_maps.h"

namespace sonde::symbols {

FileSymbols read_vdso() {
  const auto regions = read_maps(static_cast<std::uint32_t>(::getpid()));
  if (!regions) return {};
  const auto own = std::ranges::find(*regions, vdso_path, &Region::path);
  if (own == regions->end()) return {};
  const auto file =
      ElfFile::from_memory({reinterpret_cast<const char*>(own->start), own->end - own->start});
  return file ? FileSymbols(read_elf_symbols(*file)) : FileSymbols();
}

}  // namespace sonde::symbols
