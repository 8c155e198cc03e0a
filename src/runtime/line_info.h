// SPDX-License-Identifier: Apache-2.0
// Which line of the script an instruction of a program stands for, read from `.BTF.ext`. Only
// needed when the kernel refuses a program.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::runtime {

// Instructions from `instruction` on, up to the next entry.
struct LineInfo {
  std::uint32_t instruction = 0;  // counts 8-byte instructions from the start of the program
  std::string file;
  std::uint32_t line = 0;    // from 1
  std::uint32_t column = 0;  // from 1; 0: unknown
};

struct ProgramLines {
  std::vector<LineInfo> lines;          // by instruction
  std::uint32_t instruction_count = 0;  // libbpf appends called functions behind these
};

// Empty when the object has no such function or no line information.
ProgramLines read_line_info(std::string_view elf, std::string_view program);

}  // namespace sonde::runtime
