// SPDX-License-Identifier: Apache-2.0
// fentry, fexit and typed raw tracepoints. What they are for was told when they were loaded:
// btf_targets.h.
#include <bpf/libbpf.h>

#include <cerrno>

#include "runtime/attach/attach.h"

namespace sonde::runtime {

namespace {

void attach_trampoline(Attachments& attachments, const image::ProbeDesc& probe,
                       bpf_program* program) {
  const image::PlaceDesc& place = probe.places.front();
  if (bpf_link* link = bpf_program__attach_trace(program))
    attachments.add(Link(link));
  else
    attachments.fail(probe, place, Error::from_errno(errno, "cannot attach to " + place.name));
}

}  // namespace

void attach_typed_raw_tracepoint(Attachments& attachments, const image::ProbeDesc& probe,
                                 bpf_program* program) {
  attach_trampoline(attachments, probe, program);
}
void attach_fentry(Attachments& attachments, const image::ProbeDesc& probe, bpf_program* program) {
  attach_trampoline(attachments, probe, program);
}
void attach_fexit(Attachments& attachments, const image::ProbeDesc& probe, bpf_program* program) {
  attach_trampoline(attachments, probe, program);
}

}  // namespace sonde::runtime
