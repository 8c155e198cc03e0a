// SPDX-License-Identifier: Apache-2.0
// Where an architecture keeps what probes ask for. The only place that knows an architecture.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sonde::codegen {

// Byte offsets in struct pt_regs.
struct Registers {
  std::span<const std::uint32_t> arguments;          // of a function call, in order
  std::span<const std::uint32_t> syscall_arguments;  // of a system call
  std::uint32_t return_value = 0;
  std::uint32_t instruction_pointer = 0;
  std::uint32_t syscall_number = 0;
  // A bit of task_struct.thread_info.status that is set while a task is in a system call of the
  // 32-bit ABI, whose numbers mean other calls; 0: there is none.
  std::uint32_t compat_syscall_status = 0;
};

// Null for an architecture that is not supported. `architecture` as of uname -m.
const Registers* find_registers(std::string_view architecture);

// Where struct pt_regs has a register that a script calls by the name of its member, or `pc`.
std::optional<std::uint32_t> find_saved_register(std::string_view architecture,
                                                 std::string_view name);

// Where a register lies, or a part of one that has a name of its own.
struct RegisterPart {
  std::uint32_t offset_bytes = 0;  // of the whole 64 bits
  unsigned shift_bits = 0;         // of the part in it
};

// `name` as the assembler has it, without `%`: `rax`, `eax`, `ax`, `al`, `ah`, `r8d`.
std::optional<RegisterPart> find_register(std::string_view architecture, std::string_view name);

}  // namespace sonde::codegen
