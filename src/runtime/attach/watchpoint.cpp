// SPDX-License-Identifier: Apache-2.0
// Watchpoints: the debug registers of the CPU, as perf events.
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

#include <cerrno>

#include "runtime/attach/attach.h"
#include "runtime/attach/perf.h"

namespace sonde::runtime {

namespace {

using image::PlaceDesc;
using image::ProbeDesc;

perf_event_attr watch_event(const PlaceDesc& place) {
  perf_event_attr event{};
  event.type = PERF_TYPE_BREAKPOINT;
  event.sample_period = 1;
  for (const char letter : place.function)
    event.bp_type |= static_cast<unsigned>(letter == 'r'   ? HW_BREAKPOINT_R
                                           : letter == 'w' ? HW_BREAKPOINT_W
                                                           : HW_BREAKPOINT_X);
  event.bp_addr = place.value;
  // The kernel wants this length for instructions, however long they are.
  event.bp_len = event.bp_type == HW_BREAKPOINT_X ? sizeof(long) : place.detail;
  return event;
}

// In the words of what was asked for; perf_event_open has only numbers.
Error explain(Error error) {
  if (error.code == ENOSPC)
    error.message = "all debug registers of the CPU are in use (x86-64 has 4)";
  else if (error.code == EINVAL)
    error.message = "the CPU cannot watch this address with this length and mode";
  else if (error.code == ENOENT || error.code == ENODEV || error.code == EOPNOTSUPP)
    error.message = "this machine has no debug registers that the kernel can use";
  return error;
}

}  // namespace

void attach_watchpoint(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  for (const PlaceDesc& place : probe.places) {
    auto links = attach_perf_events(program, watch_event(place), attachments.process());
    if (!links) links = std::unexpected(explain(std::move(links).error()));
    add_all(attachments, probe, place, std::move(links));
  }
}

}  // namespace sonde::runtime
