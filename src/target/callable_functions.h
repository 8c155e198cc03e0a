// SPDX-License-Identifier: Apache-2.0
// Functions of the kernel that BPF programs may call (kfuncs).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "target/btf.h"
#include "target/target.h"

namespace sonde::target {

// Enumerators of ProgramKind, as snapshots write them.
inline constexpr auto program_kind_names = std::to_array<std::string_view>(
    {"kprobe", "tracepoint", "raw_tracepoint", "perf_event", "tracing"});

// The function that code of ours may call.
inline constexpr std::string_view find_task_function = "bpf_task_from_pid";
inline constexpr std::string_view release_task_function = "bpf_task_release";

// Whether there is such a function. Kernels whose BTF marks them (since Linux 6.8, with pahole
// 1.26) tell them from all others.
bool has_callable_function(Target& target, std::string_view name);

// Asks the running kernel, whose BTF that is. True where it does not let us ask.
bool ask_may_call(const Btf& btf, std::string_view function, ProgramKind kind);

}  // namespace sonde::target
