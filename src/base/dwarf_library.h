// SPDX-License-Identifier: Apache-2.0
// The functions of libdw that are used, found with dlopen: only who asks for what a program's debug
// information says pays for it.
#pragma once

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include "base/result.h"

namespace sonde {

// X(NAME) for each.
#define SONDE_DWARF_FUNCTIONS(X)  \
  X(dwfl_begin)                   \
  X(dwfl_end)                     \
  X(dwfl_report_offline)          \
  X(dwfl_report_end)              \
  X(dwfl_module_getdwarf)         \
  X(dwfl_module_getelf)           \
  X(dwfl_module_getsymtab)        \
  X(dwfl_module_getsym_info)      \
  X(dwfl_build_id_find_elf)       \
  X(dwfl_standard_find_debuginfo) \
  X(dwfl_offline_section_address) \
  X(dwarf_get_units)              \
  X(dwarf_child)                  \
  X(dwarf_siblingof)              \
  X(dwarf_tag)                    \
  X(dwarf_diename)                \
  X(dwarf_attr)                   \
  X(dwarf_attr_integrate)         \
  X(dwarf_hasattr)                \
  X(dwarf_formudata)              \
  X(dwarf_formsdata)              \
  X(dwarf_formstring)             \
  X(dwarf_formref_die)            \
  X(dwarf_getlocation)            \
  X(dwarf_entrypc)                \
  X(dwarf_ranges)                 \
  X(dwarf_haspc)                  \
  X(dwarf_getsrclines)            \
  X(dwarf_getsrc_die)             \
  X(dwarf_getsrcfiles)            \
  X(dwarf_filesrc)                \
  X(dwarf_onesrcline)             \
  X(dwarf_linesrc)                \
  X(dwarf_lineno)                 \
  X(dwarf_linecol)                \
  X(dwarf_lineaddr)               \
  X(dwarf_linebeginstatement)     \
  X(dwarf_lineendsequence)        \
  X(dwarf_getcfi_elf)             \
  X(dwarf_cfi_end)                \
  X(dwarf_cfi_addrframe)          \
  X(dwarf_frame_info)             \
  X(dwarf_frame_cfa)              \
  X(dwarf_frame_register)

struct DwarfLibrary {
#define SONDE_MEMBER(NAME) decltype(&::NAME) NAME = nullptr;
  SONDE_DWARF_FUNCTIONS(SONDE_MEMBER)
#undef SONDE_MEMBER
};

Result<DwarfLibrary> load_dwarf_library();

}  // namespace sonde
