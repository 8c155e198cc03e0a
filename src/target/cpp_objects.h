// SPDX-License-Identifier: Apache-2.0
// How objects of C++ are passed.
#pragma once

#include "target/dwarf.h"

namespace sonde::target {

// Whether `entry`, an argument or a function's result, is of a type that cannot be copied byte by
// byte: then its address is passed.
bool is_passed_by_reference(const DwarfFile& dwarf, Dwarf_Die entry);

}  // namespace sonde::target
