// SPDX-License-Identifier: Apache-2.0
// The table of probe kinds. A row is in probe_kinds.def.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lang/ids.h"

namespace sonde::lang {

// What `args`, `argN`, `retval` and `ctx` find in the program's context.
enum class Context : std::uint8_t {
  none,
  registers,     // struct pt_regs at a function's entry or return
  trace_record,  // the record of the tracepoint's format file
  raw_args,      // u64[] of a raw tracepoint
  perf_event,    // struct bpf_perf_event_data
  trampoline,    // u64[]: the function's parameters, at its return behind them what it returns
  iterator,      // struct bpf_iter__NAME
};

// Where a pointer points to. `context` is the program's own context, which only plain loads read;
// no probe's own pointers are there.
enum class AddressSpace : std::uint8_t { none, kernel, user, context };

// A set of probe kinds, for the column "only in these probes" of other tables.
using ProbeSet = std::uint32_t;
constexpr ProbeSet probe_set() { return 0; }
template <typename... Kinds>
constexpr ProbeSet probe_set(ProbeKind first, Kinds... rest) {
  return (ProbeSet{1} << static_cast<unsigned>(first)) | probe_set(rest...);
}
inline constexpr ProbeSet every_probe = ~ProbeSet{0};
constexpr bool contains(ProbeSet set, ProbeKind kind) {
  return (set >> static_cast<unsigned>(kind)) & 1;
}

struct ProbeKindRow {
  std::string_view name;
  std::string_view aliases;  // separated by blanks; exact case
  unsigned min_parts = 0;    // parts after the provider, separated by `:`
  unsigned max_parts = 0;
  Context context = Context::none;
  AddressSpace address_space = AddressSpace::none;
  bool at_return = false;          // fires when the function returns: `retval` instead of `argN`
  bool alone = false;              // the only attach point of its probe
  bool in_patterns = false;        // what a pattern of probe types means: `*:vfs_read`
  bool leaves_out_tracer = false;  // the tracer's own work would fire it: its process is skipped
  std::string_view type_name;      // what `probetype` yields
  std::string_view syntax;
  std::string_view summary;
  std::string_view example;
};

const ProbeKindRow& row(ProbeKind kind);
std::span<const ProbeKindRow> probe_kinds();

// By name or alias, exact first, then without regard to case. Null when there is none.
const ProbeKind* find_probe_kind(std::string_view word);

}  // namespace sonde::lang
