// SPDX-License-Identifier: Apache-2.0
#include "runtime/attach/perf.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/attach/attach.h"
#include "runtime/attach/cpus.h"
#include "runtime/traced_process.h"

namespace sonde::runtime {

namespace {

constexpr int every_process = -1, every_cpu = -1;

Result<UniqueFd> open_event(perf_event_attr event, pid_t pid, int cpu) {
  event.size = sizeof event;
  constexpr int no_group = -1;
  UniqueFd fd(static_cast<int>(
      ::syscall(SYS_perf_event_open, &event, pid, cpu, no_group, PERF_FLAG_FD_CLOEXEC)));
  if (!fd.valid()) return fail_errno(errno, "perf_event_open");
  return fd;
}

// A link where the kernel has them for perf events (5.15), else PERF_EVENT_IOC_SET_BPF. Enables
// the event.
Result<Link> attach(bpf_program* program, UniqueFd event, std::uint64_t cookie) {
  bpf_perf_event_opts options{};
  options.sz = sizeof options;
  options.bpf_cookie = cookie;
  bpf_link* link = bpf_program__attach_perf_event_opts(program, event.get(), &options);
  if (link == nullptr) return fail_errno(errno, "cannot attach to a perf event");
  (void)event.release();  // closed with the link
  return Link(link);
}

// The event stays as it is. The link holds it from here on.
Result<Link> attach_disabled(const bpf_program* program, const UniqueFd& event) {
  const int fd = bpf_link_create(bpf_program__fd(program), event.get(), BPF_PERF_EVENT, nullptr);
  if (fd < 0) return fail_errno(-fd, "cannot attach to a perf event");
  return Link(UniqueFd(fd));
}

Result<Link> attach_to_thread(bpf_program* program, perf_event_attr event, pid_t thread,
                              bool from_exec) {
  event.inherit = true;
  event.disabled = from_exec;
  event.enable_on_exec = from_exec;
  SONDE_TRY(UniqueFd fd, open_event(event, thread, every_cpu));
  if (from_exec) {
    auto link = attach_disabled(program, fd);
    if (link) return link;
  }
  return attach(program, std::move(fd), 0);
}

// A thread that one of the others starts while we go through them may be missed; to look again
// would count twice those that have inherited the event.
Result<std::vector<Link>> attach_to_process(bpf_program* program, const perf_event_attr& event,
                                            const TracedProcess& process) {
  std::vector<Link> links;
  for (const pid_t thread : process.threads()) {
    auto link = attach_to_thread(program, event, thread, process.is_child());
    if (link)
      links.push_back(*std::move(link));
    else if (link.error().code != ESRCH)  // it has ended
      return std::unexpected(std::move(link).error());
  }
  if (links.empty())
    return std::unexpected(
        Error{"the process " + std::to_string(process.pid()) + " has ended", ESRCH});
  return links;
}

}  // namespace

Result<Link> attach_perf_event(bpf_program* program, const perf_event_attr& event, int cpu,
                               std::uint64_t cookie) {
  SONDE_TRY(UniqueFd fd, open_event(event, every_process, cpu));
  return attach(program, std::move(fd), cookie);
}

Result<std::vector<Link>> attach_perf_events(bpf_program* program, const perf_event_attr& event,
                                             const TracedProcess* process) {
  if (process) return attach_to_process(program, event, *process);
  SONDE_TRY(const std::vector<int> cpus, online_cpus());
  std::vector<Link> links;
  for (const int cpu : cpus) {
    SONDE_TRY(Link link, attach_perf_event(program, event, cpu));
    links.push_back(std::move(link));
  }
  return links;
}

void add_all(Attachments& attachments, const image::ProbeDesc& probe, const image::PlaceDesc& place,
             Result<std::vector<Link>> links) {
  if (!links) return attachments.fail(probe, place, std::move(links).error());
  unsigned count = 1;
  for (Link& link : *links) attachments.add(std::move(link), std::exchange(count, 0));
}

}  // namespace sonde::runtime
