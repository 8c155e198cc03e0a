// SPDX-License-Identifier: Apache-2.0
// Texts that belong to numbers, in a read-only map.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codegen/builtins/builtins.h"

namespace sonde::codegen {

struct NameTable {
  std::string name;
  std::vector<std::string> texts;  // the last is for all numbers that have none
  std::uint32_t text_bytes = 64;   // room of each, with its NUL
};

// The text of the number, an i64.
void write_name(Lowering& l, llvm::Value* number, const Into& into, const NameTable& table);

}  // namespace sonde::codegen
