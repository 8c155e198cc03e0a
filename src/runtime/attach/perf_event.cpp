// SPDX-License-Identifier: Apache-2.0
// Timers: the CPU clock as a perf event, on every online CPU (profile) or on the first (interval).
#include <linux/perf_event.h>

#include "runtime/attach/attach.h"
#include "runtime/attach/cpus.h"
#include "runtime/attach/perf.h"

namespace sonde::runtime {

namespace {

using image::ProbeDesc;

enum class Rate { frequency, period };
enum class Where { every_cpu, first_cpu };

perf_event_attr clock_event(Rate rate, std::uint64_t value) {
  perf_event_attr event{};
  event.type = PERF_TYPE_SOFTWARE;
  event.config = PERF_COUNT_SW_CPU_CLOCK;
  event.freq = rate == Rate::frequency;
  event.sample_freq = value;  // shares its place with sample_period
  return event;
}

Result<std::vector<Link>> attach_clock(bpf_program* program, const perf_event_attr& event,
                                       Where where) {
  SONDE_TRY(std::vector<int> cpus, online_cpus());
  if (where == Where::first_cpu) cpus.resize(1);
  std::vector<Link> links;
  for (const int cpu : cpus) {
    SONDE_TRY(Link link, attach_perf_event(program, event, cpu));
    links.push_back(std::move(link));
  }
  return links;
}

void attach_clocks(Attachments& attachments, const ProbeDesc& probe, bpf_program* program,
                   Rate rate, Where where) {
  for (const image::PlaceDesc& place : probe.places) {
    auto links = attach_clock(program, clock_event(rate, place.value), where);
    if (!links) {
      attachments.fail(probe, place, std::move(links).error());
      continue;
    }
    unsigned count = 1;  // one probe, however many CPUs
    for (Link& link : *links) attachments.add(std::move(link), std::exchange(count, 0));
  }
}

}  // namespace

void attach_profile_frequency(Attachments& attachments, const ProbeDesc& probe,
                              bpf_program* program) {
  attach_clocks(attachments, probe, program, Rate::frequency, Where::every_cpu);
}
void attach_profile_period(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_clocks(attachments, probe, program, Rate::period, Where::every_cpu);
}
void attach_interval_frequency(Attachments& attachments, const ProbeDesc& probe,
                               bpf_program* program) {
  attach_clocks(attachments, probe, program, Rate::frequency, Where::first_cpu);
}
void attach_interval_period(Attachments& attachments, const ProbeDesc& probe,
                            bpf_program* program) {
  attach_clocks(attachments, probe, program, Rate::period, Where::first_cpu);
}

}  // namespace sonde::runtime
