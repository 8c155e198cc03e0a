// SPDX-License-Identifier: Apache-2.0
// Attaching through a perf event: tracepoints and timers.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "runtime/attach/link.h"

struct bpf_program;
struct perf_event_attr;

namespace sonde::runtime {

// Opens the event on one CPU for all processes and attaches the program to it.
Result<Link> attach_perf_event(bpf_program* program, const perf_event_attr& event, int cpu,
                               std::uint64_t cookie = 0);

}  // namespace sonde::runtime
