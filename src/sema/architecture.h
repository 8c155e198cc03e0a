// SPDX-License-Identifier: Apache-2.0
// What a script can see of the machine's calling convention. Where the registers lie is code
// generation's business (codegen/arch/registers.cpp), which must know as many.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sonde::sema {

// How many integer arguments of a function call are in registers; 0: not known.
constexpr std::size_t register_arguments(std::string_view architecture) {
  if (architecture == "x86_64") return 6;   // System V ABI, AMD64 supplement, 3.2.3
  if (architecture == "aarch64") return 8;  // AAPCS64, 6.8.2
  return 0;
}

// The registers that reg() knows: those of `struct pt_regs` in its order, and other names of them.
inline std::span<const std::string_view> register_names(std::string_view architecture) {
  static constexpr std::string_view x86_64[] = {
      "r15", "r14", "r13", "r12", "bp", "bx",      "r11", "r10", "r9",    "r8", "ax",
      "cx",  "dx",  "si",  "di",  "ip", "orig_ax", "cs",  "sp",  "flags", "ss", "pc"};
  if (architecture == "x86_64") return x86_64;
  return {};
}

}  // namespace sonde::sema
