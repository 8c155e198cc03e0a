// SPDX-License-Identifier: Apache-2.0
// What perf counts: the CPU clock for timers, on every online CPU (profile) or on the first
// (interval), and events of the kernel (software) and of the CPU (hardware).
#include <linux/perf_event.h>

#include <cerrno>

#include "base/file.h"
#include "base/text.h"
#include "runtime/attach/attach.h"
#include "runtime/attach/cpus.h"
#include "runtime/attach/perf.h"

namespace sonde::runtime {

namespace {

using image::PlaceDesc;
using image::ProbeDesc;

enum class Rate { frequency, period };

perf_event_attr clock_event(Rate rate, std::uint64_t value) {
  perf_event_attr event{};
  event.type = PERF_TYPE_SOFTWARE;
  event.config = PERF_COUNT_SW_CPU_CLOCK;
  event.freq = rate == Rate::frequency;
  event.sample_freq = value;  // shares its place with sample_period
  return event;
}

// perf_event_open only says that something is invalid.
Error explain(Error error, Rate rate, std::uint64_t value) {
  const std::string limit = "/proc/sys/kernel/perf_event_max_sample_rate";
  if (rate != Rate::frequency || error.code != EINVAL) return error;
  const auto most = parse_u64(trim(read_file(limit).value_or("")));
  if (!most || value <= *most) return error;
  error.message = "the kernel has timers of up to " + std::to_string(*most) + " Hz, not of " +
                  std::to_string(value) + " (" + limit + ")";
  return error;
}

void attach_profile(Attachments& attachments, const ProbeDesc& probe, bpf_program* program,
                    Rate rate) {
  for (const PlaceDesc& place : probe.places) {
    auto links = attach_perf_events(program, clock_event(rate, place.value), attachments.process());
    if (!links) links = std::unexpected(explain(std::move(links).error(), rate, place.value));
    add_all(attachments, probe, place, std::move(links));
  }
}

Result<Link> attach_to_first_cpu(bpf_program* program, const perf_event_attr& event) {
  SONDE_TRY(const std::vector<int> cpus, online_cpus());
  return attach_perf_event(program, event, cpus.front());
}

void attach_interval(Attachments& attachments, const ProbeDesc& probe, bpf_program* program,
                     Rate rate) {
  for (const PlaceDesc& place : probe.places) {
    auto link = attach_to_first_cpu(program, clock_event(rate, place.value));
    if (link)
      attachments.add(*std::move(link));
    else
      attachments.fail(probe, place, explain(std::move(link).error(), rate, place.value));
  }
}

void attach_counter(Attachments& attachments, const ProbeDesc& probe, bpf_program* program,
                    perf_type_id type) {
  for (const PlaceDesc& place : probe.places) {
    perf_event_attr event{};
    event.type = type;
    event.config = place.detail;
    event.sample_period = place.value;
    auto links = attach_perf_events(program, event, attachments.process());
    // What perf_event_open says where no driver knows the event.
    const int error = links ? 0 : links.error().code;
    if (error == ENOENT || error == ENODEV || error == EOPNOTSUPP)
      links = std::unexpected(
          Error{type == PERF_TYPE_HARDWARE
                    ? "the CPU has no counter for this event, or the virtual machine hides it"
                    : "this kernel does not count this event",
                error});
    add_all(attachments, probe, place, std::move(links));
  }
}

}  // namespace

void attach_profile_frequency(Attachments& attachments, const ProbeDesc& probe,
                              bpf_program* program) {
  attach_profile(attachments, probe, program, Rate::frequency);
}
void attach_profile_period(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_profile(attachments, probe, program, Rate::period);
}
void attach_interval_frequency(Attachments& attachments, const ProbeDesc& probe,
                               bpf_program* program) {
  attach_interval(attachments, probe, program, Rate::frequency);
}
void attach_interval_period(Attachments& attachments, const ProbeDesc& probe,
                            bpf_program* program) {
  attach_interval(attachments, probe, program, Rate::period);
}
void attach_software(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_counter(attachments, probe, program, PERF_TYPE_SOFTWARE);
}
void attach_hardware(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_counter(attachments, probe, program, PERF_TYPE_HARDWARE);
}

}  // namespace sonde::runtime
