// SPDX-License-Identifier: Apache-2.0
// What libbpf 1.1 and the headers of its time do not know of links for many functions. A program
// must name its kind before it is loaded.
#pragma once

#include <cstdint>

namespace sonde::runtime {

// BPF_TRACE_UPROBE_MULTI. Since Linux 6.6 (commit 89ae89f53d20, "bpf: Add multi uprobe link").
// Older kernels do not look at it for kprobe programs.
inline constexpr std::uint32_t trace_uprobe_multi = 48;
// BPF_TRACE_KPROBE_SESSION. Since Linux 6.10 (commit 535a3692ba72, "bpf: Add support for kprobe
// session attach").
inline constexpr std::uint32_t trace_kprobe_session = 56;

}  // namespace sonde::runtime
