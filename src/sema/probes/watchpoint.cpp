// SPDX-License-Identifier: Apache-2.0
// watchpoint: accesses to an address, found by the debug registers of the CPU.
#include <algorithm>

#include "sema/parameter_value.h"
#include "sema/probes/resolution.h"

namespace sonde::sema {

using diag::DiagId;

namespace {

// What the debug registers of an architecture can tell apart, with the letters sorted.
// x86-64: arch/x86/kernel/hw_breakpoint.c, arch_build_bp_info. arm64: the same file of arm64.
std::span<const std::string_view> supported_modes(std::string_view architecture) {
  static constexpr std::string_view x86[] = {"rw", "w", "x"};
  static constexpr std::string_view arm[] = {"r", "rw", "w", "x"};
  if (architecture == "x86_64") return x86;
  return arm;
}

// Nothing: it was reported.
std::optional<std::uint64_t> parse_address(Resolution& r) {
  const ParameterInteger address = parse_parameter_integer(r.parts[0]);
  if (!address.problem.empty() || address.negative) {
    r.error(DiagId::bad_watchpoint, "the address of a watchpoint is a number, found `{}`",
            r.parts[0])
        .hint("write it as `0x…`, or as `$1` and hand it over as a parameter");
    return std::nullopt;
  }
  if (address.magnitude != 0) return address.magnitude;
  r.error(DiagId::bad_watchpoint, "a watchpoint must be attached to a non-zero address");
  return std::nullopt;
}

std::optional<std::uint64_t> parse_length(Resolution& r) {
  const auto bytes = parse_count(r.parts[1]);
  if (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8) return bytes;
  r.error(DiagId::bad_watchpoint, "the length of a watchpoint is 1, 2, 4 or 8 bytes, found `{}`",
          r.parts[1]);
  return std::nullopt;
}

// The letters, sorted.
std::optional<std::string> parse_mode(Resolution& r) {
  std::string mode = r.parts[2];
  std::ranges::sort(mode);
  const bool is_mode = !mode.empty() && mode.find_first_not_of("rwx") == std::string::npos &&
                       std::ranges::adjacent_find(mode) == mode.end();
  if (!is_mode) {
    r.error(DiagId::bad_watchpoint,
            "the mode of a watchpoint is of the letters `r`, `w` and `x`, each once, found `{}`",
            r.parts[2]);
    return std::nullopt;
  }
  const auto modes = supported_modes(r.script.target.architecture());
  if (std::ranges::find(modes, mode) != modes.end()) return mode;
  std::string list;
  for (const std::string_view each : modes)
    list += (list.empty() ? "`" : ", `") + std::string(each) + "`";
  r.error(DiagId::bad_watchpoint, "the CPU cannot watch for `{}`", r.parts[2])
      .hint("supported modes: {}", list);
  return std::nullopt;
}

}  // namespace

void resolve_watchpoint(Resolution& r) {
  if (!r.check_part_count()) return;
  const auto address = parse_address(r);
  const auto length = address ? parse_length(r) : std::nullopt;
  const auto mode = length ? parse_mode(r) : std::nullopt;
  if (!mode) return;
  // An instruction has no length; data lies in one of the CPU's windows of that length.
  if (*mode != "x" && *address % *length != 0) {
    r.error(DiagId::bad_watchpoint,
            "{:#x} is no multiple of {}: the CPU watches {} bytes only there", *address, *length,
            *length)
        .hint("`watchpoint:{:#x}:{}:{}` has this address in it", *address / *length * *length,
              *length, *mode);
    return;
  }
  r.add({.function = *mode, .value = *address, .detail = *length},
        {std::to_string(*address), std::to_string(*length), r.parts[2]});
}

}  // namespace sonde::sema
