// SPDX-License-Identifier: Apache-2.0
// Tracepoints: classic ones through perf, raw ones by name.
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "base/text.h"
#include "base/tracefs.h"
#include "runtime/attach/attach.h"
#include "runtime/attach/perf.h"

namespace sonde::runtime {

namespace {

using image::PlaceDesc;
using image::ProbeDesc;

Result<std::uint64_t> tracepoint_id(const UniqueFd& tracefs, const PlaceDesc& place) {
  const std::string path = "events/" + place.target + "/" + place.function + "/id";
  auto text = read_file_at(tracefs.get(), path);
  if (!text && text.error().code == ENOENT)
    return fail("this kernel has no tracepoint " + place.target + ":" + place.function);
  if (!text) return std::unexpected(std::move(text).error());
  if (const auto id = parse_u64(trim(*text))) return *id;
  return fail("tracefs: " + path + " holds no number");
}

Result<Link> attach_one(bpf_program* program, const UniqueFd& tracefs, const PlaceDesc& place,
                        std::uint64_t cookie) {
  SONDE_TRY(const std::uint64_t id, tracepoint_id(tracefs, place));
  perf_event_attr event{};
  event.type = PERF_TYPE_TRACEPOINT;
  event.config = id;
  event.sample_period = 1;
  event.wakeup_events = 1;
  // The CPU does not matter: a tracepoint with a program runs it wherever it is hit
  // (include/trace/perf.h asks for a program before it looks at the CPU's list of events).
  return attach_perf_event(program, event, 0, cookie);
}

// `bpf_attr` of BPF_RAW_TRACEPOINT_OPEN with the cookie, which Linux has since 6.10 (commit
// 68ca5d4eebb8, "bpf: support BPF cookie in raw tracepoint (raw_tp, tp_btf) programs").
struct RawTracepointAttr {
  std::uint64_t name = 0;
  std::uint32_t program_fd = 0;
  std::uint32_t unused = 0;
  std::uint64_t cookie = 0;
};

Result<Link> attach_raw(const bpf_program* program, const PlaceDesc& place, std::uint64_t cookie) {
  RawTracepointAttr attributes;
  attributes.name = reinterpret_cast<std::uintptr_t>(place.function.c_str());
  attributes.program_fd = static_cast<std::uint32_t>(bpf_program__fd(program));
  attributes.cookie = cookie;
  const long fd = ::syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attributes, sizeof attributes);
  if (fd >= 0) return Link(UniqueFd(static_cast<int>(fd)));
  if (errno == ENOENT)
    return std::unexpected(Error{"this kernel has no raw tracepoint " + place.function, ENOENT});
  return fail_errno(errno, "cannot attach to raw tracepoint " + place.function);
}

}  // namespace

void attach_tracepoint(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  const Result<UniqueFd> tracefs = open_tracefs();
  for (std::size_t i = 0; i < probe.places.size() && !attachments.interrupted(); ++i) {
    auto link = tracefs ? attach_one(program, *tracefs, probe.places[i], i)
                        : std::unexpected(tracefs.error());
    if (link)
      attachments.add(*std::move(link));
    else
      attachments.fail(probe, probe.places[i], std::move(link).error());
  }
}

void attach_raw_tracepoint(Attachments& attachments, const ProbeDesc& probe, bpf_program* program) {
  for (std::size_t i = 0; i < probe.places.size() && !attachments.interrupted(); ++i) {
    auto link = attach_raw(program, probe.places[i], i);
    if (link)
      attachments.add(*std::move(link), std::max(probe.served, 1U));
    else
      attachments.fail(probe, probe.places[i], std::move(link).error());
  }
}

}  // namespace sonde::runtime
