// SPDX-License-Identifier: Apache-2.0
#include "codegen/arch/registers.h"

#include <algorithm>

#include "base/text.h"

namespace sonde::codegen {

namespace {

// UAPI: arch/x86/include/uapi/asm/ptrace.h, struct pt_regs; r15 is first.
constexpr std::uint32_t x86_r15 = 0, x86_bp = 32, x86_bx = 40, x86_r11 = 48, x86_sp = 152,
                        x86_r10 = 56, x86_r9 = 64, x86_r8 = 72, x86_ax = 80, x86_cx = 88,
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

struct NamedRegister {
  std::string_view name;  // of its low 16 bits
  std::uint32_t offset_bytes;
};
constexpr NamedRegister x86_words[] = {
    {"ax", x86_ax}, {"bx", x86_bx}, {"cx", x86_cx}, {"dx", x86_dx}, {"si", x86_si},
    {"di", x86_di}, {"bp", x86_bp}, {"sp", x86_sp}, {"ip", x86_ip},
};

// `r8` to `r15`, with `d`, `w` or `b` behind it for the low 32, 16 or 8 bits.
std::optional<RegisterPart> x86_numbered(std::string_view name) {
  if (name.ends_with('d') || name.ends_with('w') || name.ends_with('b')) name.remove_suffix(1);
  const auto number = name.starts_with('r') ? parse_u64(name.substr(1)) : std::nullopt;
  if (!number || *number < 8 || *number > 15) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(*number);
  return RegisterPart{index < 12 ? x86_r11 + 8 * (11 - index) : x86_r15 + 8 * (15 - index)};
}

// `rax`, `eax`, `ax`, `al`, `ah`, `sil`
std::optional<RegisterPart> x86_named(std::string_view name) {
  for (const auto& [word, offset] : x86_words) {
    const bool has_prefix = name.starts_with('r') || name.starts_with('e');
    if (name == word || (has_prefix && name.substr(1) == word)) return RegisterPart{offset};
    if (name.ends_with('l') && (name.substr(0, name.size() - 1) == word ||
                                (word.ends_with('x') && name.size() == 2 && name[0] == word[0])))
      return RegisterPart{offset};
    if (word.ends_with('x') && name.size() == 2 && name[0] == word[0] && name[1] == 'h')
      return RegisterPart{offset, 8};
  }
  return std::nullopt;
}

}  // namespace

// The order of the members.
std::optional<std::uint32_t> find_saved_register(std::string_view architecture,
                                                 std::string_view name) {
  static constexpr std::string_view x86_members[] = {
      "r15", "r14", "r13", "r12", "bp",      "bx", "r11", "r10",   "r9", "r8", "ax",
      "cx",  "dx",  "si",  "di",  "orig_ax", "ip", "cs",  "flags", "sp", "ss"};
  if (architecture != "x86_64") return std::nullopt;
  if (name == "pc") name = "ip";
  const auto* member = std::ranges::find(x86_members, name);
  if (member == std::end(x86_members)) return std::nullopt;
  return static_cast<std::uint32_t>(8 * (member - x86_members));
}

std::optional<RegisterPart> find_register(std::string_view architecture, std::string_view name) {
  if (architecture != "x86_64") return std::nullopt;
  const auto numbered = x86_numbered(name);
  return numbered ? numbered : x86_named(name);
}

const Registers* find_registers(std::string_view architecture) {
  return architecture == "x86_64" ? &x86_64 : nullptr;
}

}  // namespace sonde::codegen
