// SPDX-License-Identifier: Apache-2.0
// What a script can see of the machine's calling convention. Where the registers lie is code
// generation's business (codegen/arch/registers.cpp), which must know as many.
#pragma once

#include <cstddef>
#include <string_view>

namespace sonde::sema {

// How many integer arguments of a function call are in registers; 0: not known.
constexpr std::size_t register_arguments(std::string_view architecture) {
  if (architecture == "x86_64") return 6;   // System V ABI, AMD64 supplement, 3.2.3
  if (architecture == "aarch64") return 8;  // AAPCS64, 6.8.2
  return 0;
}

}  // namespace sonde::sema
