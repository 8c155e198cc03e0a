// SPDX-License-Identifier: Apache-2.0
// What libbpf 1.1 does not know of uprobe multi links.
#pragma once

#include <cstdint>

namespace sonde::runtime {

// BPF_TRACE_UPROBE_MULTI. Since Linux 6.6 (commit 89ae89f53d20, "bpf: Add multi uprobe link"); a
// program must name it before it is loaded. Older kernels do not look at it for kprobe programs.
inline constexpr std::uint32_t trace_uprobe_multi = 48;

}  // namespace sonde::runtime
