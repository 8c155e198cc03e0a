// SPDX-License-Identifier: Apache-2.0
// Many kernel functions by one link, which attaches and lets go of all at once.
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <span>
#include <vector>

#include "runtime/attach/attach.h"
#include "runtime/attach/multi_links.h"

namespace sonde::runtime {

namespace {

using image::PlaceDesc;
using image::ProbeDesc;

struct Kind {
  std::uint32_t attach_type = 0;
  std::uint32_t flags = 0;
};

Result<Link> create_link(const bpf_program* program, std::span<const PlaceDesc> places,
                         std::uint64_t first_cookie, Kind kind) {
  std::vector<const char*> symbols;
  std::vector<std::uint64_t> cookies;
  for (const PlaceDesc& place : places) {
    symbols.push_back(place.function.c_str());
    cookies.push_back(first_cookie + cookies.size());
  }
  bpf_attr attr{};
  attr.link_create.prog_fd = static_cast<std::uint32_t>(bpf_program__fd(program));
  attr.link_create.attach_type = kind.attach_type;
  attr.link_create.kprobe_multi.flags = kind.flags;
  attr.link_create.kprobe_multi.cnt = static_cast<std::uint32_t>(symbols.size());
  attr.link_create.kprobe_multi.syms = reinterpret_cast<std::uintptr_t>(symbols.data());
  attr.link_create.kprobe_multi.cookies = reinterpret_cast<std::uintptr_t>(cookies.data());
  const long fd = ::syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof attr);
  if (fd < 0) return fail_errno(errno, "cannot attach to kernel function " + places.front().name);
  return Link(UniqueFd(static_cast<int>(fd)));
}

// The kernel takes all or none. Halves find those that it does not want.
void attach_multi(Attachments& attachments, const ProbeDesc& probe, const bpf_program* program,
                  std::size_t first, std::size_t count, Kind kind) {
  if (attachments.interrupted()) return;
  const auto places = std::span(probe.places).subspan(first, count);
  auto link = create_link(program, places, first, kind);
  if (link) {
    attachments.add(*std::move(link), static_cast<unsigned>(count));
  } else if (count == 1) {
    attachments.fail(probe, places.front(), std::move(link).error());
  } else {
    attach_multi(attachments, probe, program, first, count / 2, kind);
    attach_multi(attachments, probe, program, first + count / 2, count - count / 2, kind);
  }
}

}  // namespace

void attach_kprobe_multi(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_multi(attachments, probe, program, 0, probe.places.size(), {BPF_TRACE_KPROBE_MULTI, 0});
}
void attach_kretprobe_multi(Attachments& attachments, const ProbeDesc& probe,
                            bpf_program* program) {
  attach_multi(attachments, probe, program, 0, probe.places.size(),
               {BPF_TRACE_KPROBE_MULTI, BPF_F_KPROBE_MULTI_RETURN});
}
void attach_kprobe_session(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  attach_multi(attachments, probe, program, 0, probe.places.size(), {trace_kprobe_session, 0});
}

}  // namespace sonde::runtime
