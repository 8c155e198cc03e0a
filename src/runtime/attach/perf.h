// SPDX-License-Identifier: Apache-2.0
// Attaching through a perf event: tracepoints, timers, counted events, watchpoints.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "runtime/attach/link.h"

struct bpf_program;
struct perf_event_attr;

namespace sonde::runtime {

class Attachments;
class TracedProcess;

// Opens the event on one CPU for all processes and attaches the program to it.
Result<Link> attach_perf_event(bpf_program* program, const perf_event_attr& event, int cpu,
                               std::uint64_t cookie = 0);

// On every online CPU. With a process (or null) only while that one runs, in each of its threads,
// and in what these start later; in a child from the moment when it executes its file.
Result<std::vector<Link>> attach_perf_events(bpf_program* program, const perf_event_attr& event,
                                             const TracedProcess* process);

// They are one probe.
void add_all(Attachments& attachments, const image::ProbeDesc& probe, const image::PlaceDesc& place,
             Result<std::vector<Link>> links);

}  // namespace sonde::runtime
