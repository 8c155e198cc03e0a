// SPDX-License-Identifier: Apache-2.0
#include "runtime/attach/perf.h"

#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sonde::runtime {

Result<Link> attach_perf_event(bpf_program* program, const perf_event_attr& event, int cpu,
                               std::uint64_t cookie) {
  perf_event_attr attributes = event;
  attributes.size = sizeof attributes;
  constexpr int all_processes = -1, no_group = -1;
  UniqueFd fd(static_cast<int>(::syscall(SYS_perf_event_open, &attributes, all_processes, cpu,
                                         no_group, PERF_FLAG_FD_CLOEXEC)));
  if (!fd.valid()) return fail_errno(errno, "perf_event_open");
  // A link where the kernel has them for perf events (5.15), else PERF_EVENT_IOC_SET_BPF.
  bpf_perf_event_opts options{};
  options.sz = sizeof options;
  options.bpf_cookie = cookie;
  bpf_link* link = bpf_program__attach_perf_event_opts(program, fd.get(), &options);
  if (link == nullptr) return fail_errno(errno, "cannot attach to a perf event");
  (void)fd.release();  // closed with the link
  return Link(link);
}

}  // namespace sonde::runtime
