// SPDX-License-Identifier: Apache-2.0
#include "base/dwarf_library.h"

#include <dlfcn.h>

namespace sonde {

Result<DwarfLibrary> load_dwarf_library() {
  void* library = ::dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return fail("debug information is read with libdw (on Debian: libdw1)");
  DwarfLibrary functions;
  bool complete = true;
#define SONDE_FIND(NAME)                                                                \
  functions.NAME = reinterpret_cast<decltype(functions.NAME)>(::dlsym(library, #NAME)); \
  complete &= functions.NAME != nullptr;
  SONDE_DWARF_FUNCTIONS(SONDE_FIND)
#undef SONDE_FIND
  if (!complete) return fail("the installed libdw is too old; 0.171 has what is needed");
  return functions;
}

}  // namespace sonde
