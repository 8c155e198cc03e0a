// SPDX-License-Identifier: Apache-2.0
// Iterators: the kernel runs the program for each object while somebody reads the iterator's file.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>

#include "runtime/attach/attach.h"
#include "runtime/traced_process.h"

namespace sonde::runtime {

namespace {

// Those that can be kept to one process, since Linux 6.1 (commit f0d74c4da1f0, "bpf: Parameterize
// task iterators.").
bool walks_over_tasks(std::string_view iterator) {
  return iterator == "task" || iterator == "task_file" || iterator == "task_vma";
}

// Of cgroups it must be said which and in what order: all, parents first.
bpf_link* attach(const bpf_program* program, const std::string& iterator,
                 const TracedProcess* process) {
  bpf_iter_link_info info{};
  bpf_iter_attach_opts options{};
  options.sz = sizeof options;
  if (iterator == "cgroup") {
    info.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
    options.link_info = &info;
    options.link_info_len = sizeof info;
  }
  if (process && walks_over_tasks(iterator)) {
    info.task.pid = static_cast<std::uint32_t>(process->pid());
    options.link_info = &info;
    options.link_info_len = sizeof info;
  }
  return bpf_program__attach_iter(program, &options);
}

}  // namespace

void attach_iterator(Attachments& attachments, const image::ProbeDesc& probe,
                     bpf_program* program) {
  const image::PlaceDesc& place = probe.places.front();
  const std::string what = "cannot walk with the iterator " + place.function;
  bpf_link* link = attach(program, place.function, attachments.process());
  if (link == nullptr && errno == EBADF) {
    attachments.fail(probe, place,
                     {what + ": it walks over one map, and there is no way to say which", 0});
    return;
  }
  if (link == nullptr) {
    attachments.fail(probe, place, Error::from_errno(errno, what));
    return;
  }
  if (!place.target.empty()) {
    const int status = bpf_link__pin(link, place.target.c_str());
    attachments.add(Link(link));
    if (status == 0)
      attachments.add_pin(place.target);
    else
      attachments.fail(probe, place,
                       Error::from_errno(-status, "cannot pin the iterator to " + place.target));
    return;
  }
  const int fd = bpf_iter_create(bpf_link__fd(link));
  const int error = errno;
  attachments.add(Link(link));
  if (fd >= 0)
    attachments.add_iterator(UniqueFd(fd));
  else
    attachments.fail(probe, place, Error::from_errno(error, what));
}

}  // namespace sonde::runtime
