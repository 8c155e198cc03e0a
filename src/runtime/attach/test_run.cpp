// SPDX-License-Identifier: Apache-2.0
// Probes that run in our own process when we say so: BPF_PROG_TEST_RUN of a raw tracepoint program
// (since Linux 5.10, commit 1b4d60ec162f, "bpf: Enable BPF_PROG_TEST_RUN for raw_tracepoint").
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "runtime/attach/attach.h"

namespace sonde::runtime {

namespace {

using image::ProbeDesc;

void run_once(Attachments& attachments, const ProbeDesc& probe, const bpf_program* program) {
  bpf_test_run_opts options{};
  options.sz = sizeof options;
  const int error = bpf_prog_test_run_opts(bpf_program__fd(program), &options);
  if (error != 0)
    attachments.fail(probe, probe.places.front(),
                     Error::from_errno(-error, "cannot run " + probe.name));
  else
    attachments.set_returned(options.retval);
}

}  // namespace

void attach_run_at_begin(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  run_once(attachments, probe, program);
}

void attach_run_at_end(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  run_once(attachments, probe, program);
}

void attach_run_on_signal(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  run_once(attachments, probe, program);
}

void attach_run_as_test(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  run_once(attachments, probe, program);
}

void attach_run_as_benchmark(Attachments& attachments, const ProbeDesc& probe,
                             bpf_program* program) {
  run_once(attachments, probe, program);
}

}  // namespace sonde::runtime
