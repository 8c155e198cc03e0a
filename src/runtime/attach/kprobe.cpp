// SPDX-License-Identifier: Apache-2.0
// Kernel functions through kprobes (perf events; since Linux 4.17 nothing stays behind when we
// are killed).
#include <bpf/libbpf.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/attach/attach.h"

namespace sonde::runtime {

namespace {

// Without this check libbpf would fall back to writing to tracefs, which outlives the process.
bool kernel_has_kprobes() { return ::access("/sys/bus/event_source/devices/kprobe", F_OK) == 0; }

void attach_kprobes(Attachments& attachments, ProbeGroup group, bool at_return) {
  const bool supported = kernel_has_kprobes();
  for (const image::ProbeDesc* probe : group) {
    bpf_program* program = attachments.program(*probe);
    if (program == nullptr) continue;
    if (!supported) {
      attachments.fail(*probe, {"this kernel has no kprobes", 0});
      continue;
    }
    bpf_kprobe_opts options{};
    options.sz = sizeof options;
    options.offset = probe->value;
    options.retprobe = at_return;
    bpf_link* link = bpf_program__attach_kprobe_opts(program, probe->function.c_str(), &options);
    if (link != nullptr)
      attachments.add(Link(link));
    else
      attachments.fail(
          *probe, Error::from_errno(errno, "cannot attach to kernel function " + probe->function));
  }
}

}  // namespace

void attach_kprobe(Attachments& attachments, ProbeGroup group) {
  attach_kprobes(attachments, group, false);
}
void attach_kretprobe(Attachments& attachments, ProbeGroup group) {
  attach_kprobes(attachments, group, true);
}

}  // namespace sonde::runtime
