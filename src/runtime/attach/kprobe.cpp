// SPDX-License-Identifier: Apache-2.0
// Kernel functions through kprobes (perf events; since Linux 4.17 nothing stays behind when we
// are killed).
#include <bpf/libbpf.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/attach/attach.h"

namespace sonde::runtime {

namespace {

using image::ProbeDesc;

// Without this check libbpf would fall back to writing to tracefs, which outlives the process.
bool kernel_has_kprobes() { return ::access("/sys/bus/event_source/devices/kprobe", F_OK) == 0; }

void attach_kprobes(Attachments& attachments, const ProbeDesc& probe, bpf_program* program,
                    bool at_return) {
  const bool supported = kernel_has_kprobes();
  for (std::size_t i = 0; i < probe.places.size(); ++i) {
    const image::PlaceDesc& place = probe.places[i];
    if (!supported) {
      attachments.fail(probe, place, {"this kernel has no kprobes", 0});
      continue;
    }
    bpf_kprobe_opts options{};
    options.sz = sizeof options;
    options.bpf_cookie = i;
    options.offset = place.value;
    options.retprobe = at_return;
    bpf_link* link = bpf_program__attach_kprobe_opts(program, place.function.c_str(), &options);
    if (link != nullptr)
      attachments.add(Link(link));
    else
      attachments.fail(
          probe, place,
          Error::from_errno(errno, "cannot attach to kernel function " + place.function));
  }
}

}  // namespace

void attach_kprobe(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_kprobes(attachments, probe, program, false);
}
void attach_kretprobe(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_kprobes(attachments, probe, program, true);
}

}  // namespace sonde::runtime
