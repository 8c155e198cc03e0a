// SPDX-License-Identifier: Apache-2.0
#include "codegen/arch/registers.h"

namespace sonde::codegen {

namespace {

// UAPI: arch/x86/include/uapi/asm/ptrace.h, struct pt_regs; r15 is first.
constexpr std::uint32_t x86_r10 = 56, x86_r9 = 64, x86_r8 = 72, x86_ax = 80, x86_cx = 88,
                        x86_dx = 96, x86_si = 104, x86_di = 112, x86_orig_ax = 120, x86_ip = 128;
// System V ABI, AMD64 supplement, 3.2.3.
constexpr std::uint32_t x86_arguments[] = {x86_di, x86_si, x86_dx, x86_cx, x86_r8, x86_r9};
// The syscall instruction overwrites rcx, so the kernel takes r10 in its place.
constexpr std::uint32_t x86_syscall_arguments[] = {x86_di, x86_si, x86_dx, x86_r10, x86_r8, x86_r9};
// arch/x86/include/asm/thread_info.h: TS_COMPAT
constexpr std::uint32_t x86_ts_compat = 2;

constexpr Registers x86_64{
    .arguments = x86_arguments,
    .syscall_arguments = x86_syscall_arguments,
    .return_value = x86_ax,
    .instruction_pointer = x86_ip,
    .syscall_number = x86_orig_ax,
    .compat_syscall_status = x86_ts_compat,
};

}  // namespace

const Registers* find_registers(std::string_view architecture) {
  return architecture == "x86_64" ? &x86_64 : nullptr;
}

}  // namespace sonde::codegen
