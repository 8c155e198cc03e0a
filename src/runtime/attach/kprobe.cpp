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

// The kernel knows `module:function`.
std::string symbol_of(const image::PlaceDesc& place) {
  const bool in_module = !place.target.empty() && place.target != "vmlinux";
  return in_module ? place.target + ":" + place.function : place.function;
}

Error explain(const image::PlaceDesc& place, int error) {
  if (error == EILSEQ)
    return {"cannot attach to " + place.name +
                ": possibly in the middle of an instruction; try a different offset",
            error};
  return Error::from_errno(error, "cannot attach to kernel function " + place.name);
}

void attach_kprobes(Attachments& attachments, const ProbeDesc& probe, bpf_program* program,
                    bool at_return) {
  const bool supported = kernel_has_kprobes();
  for (std::size_t i = 0; i < probe.places.size() && !attachments.interrupted(); ++i) {
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
    const std::string symbol = symbol_of(place);
    // Without a function the offset is an address.
    bpf_link* link = bpf_program__attach_kprobe_opts(
        program, symbol.empty() ? nullptr : symbol.c_str(), &options);
    if (link != nullptr)
      attachments.add(Link(link));
    else
      attachments.fail(probe, place, explain(place, errno));
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
