// SPDX-License-Identifier: Apache-2.0
// The functions of the vDSO, which has no file. Private to this folder.
#pragma once

#include "symbols/file_symbols.h"

namespace sonde::symbols {

// Of our own, which is that of all processes of 64 bits. Offsets count from where it is mapped.
FileSymbols read_vdso();

}  // namespace sonde::symbols
