// SPDX-License-Identifier: Apache-2.0
// Bodies for one system call each, which one program on all of them calls (bpf_tail_call). That one
// counts as all of these.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "runtime/attach/attach.h"

namespace sonde::runtime {

void attach_system_call(Attachments& attachments, const image::ProbeDesc& probe,
                        bpf_program* program) {
  const image::PlaceDesc& place = probe.places.front();
  const auto number = static_cast<std::uint32_t>(place.value);
  const int fd = bpf_program__fd(program);
  if (bpf_map_update_elem(attachments.map_fd(place.target), &number, &fd, BPF_ANY) != 0)
    attachments.fail(probe, place, Error::from_errno(errno, "cannot attach to " + place.name));
}

}  // namespace sonde::runtime
