// SPDX-License-Identifier: Apache-2.0
// Probes that run once, in our own process: BPF_PROG_TEST_RUN of a raw tracepoint program (since
// Linux 5.10, commit 1b4d60ec162f, "bpf: Enable BPF_PROG_TEST_RUN for raw_tracepoint").
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "runtime/attach/attach.h"

namespace sonde::runtime {

namespace {

void run_once(Attachments& attachments, ProbeGroup group) {
  for (const image::ProbeDesc* probe : group) {
    bpf_program* program = attachments.program(*probe);
    if (program == nullptr) continue;
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    const int error = bpf_prog_test_run_opts(bpf_program__fd(program), &options);
    if (error != 0)
      attachments.fail(*probe, Error::from_errno(-error, "cannot run " + probe->name));
  }
}

}  // namespace

void attach_run_at_begin(Attachments& attachments, ProbeGroup group) {
  run_once(attachments, group);
}

void attach_run_at_end(Attachments& attachments, ProbeGroup group) { run_once(attachments, group); }

}  // namespace sonde::runtime
