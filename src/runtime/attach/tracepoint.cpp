// SPDX-License-Identifier: Apache-2.0
// Tracepoints: classic ones through perf, raw ones by name.
#include <bpf/libbpf.h>
#include <linux/perf_event.h>

#include <cerrno>

#include "base/file.h"
#include "base/text.h"
#include "base/tracefs.h"
#include "runtime/attach/attach.h"
#include "runtime/attach/perf.h"

namespace sonde::runtime {

namespace {

Result<std::uint64_t> tracepoint_id(const UniqueFd& tracefs, const image::ProbeDesc& probe) {
  const std::string path = "events/" + probe.target + "/" + probe.function + "/id";
  auto text = read_file_at(tracefs.get(), path);
  if (!text && text.error().code == ENOENT)
    return fail("this kernel has no tracepoint " + probe.target + ":" + probe.function);
  if (!text) return std::unexpected(std::move(text).error());
  if (const auto id = parse_u64(trim(*text))) return *id;
  return fail("tracefs: " + path + " holds no number");
}

Result<Link> attach_one(bpf_program* program, const UniqueFd& tracefs,
                        const image::ProbeDesc& probe) {
  SONDE_TRY(const std::uint64_t id, tracepoint_id(tracefs, probe));
  perf_event_attr event{};
  event.type = PERF_TYPE_TRACEPOINT;
  event.config = id;
  event.sample_period = 1;
  event.wakeup_events = 1;
  // The CPU does not matter: a tracepoint with a program runs it wherever it is hit
  // (include/trace/perf.h asks for a program before it looks at the CPU's list of events).
  return attach_perf_event(program, event, 0);
}

}  // namespace

void attach_tracepoint(Attachments& attachments, ProbeGroup group) {
  const Result<UniqueFd> tracefs = open_tracefs();
  for (const image::ProbeDesc* probe : group) {
    bpf_program* program = attachments.program(*probe);
    if (program == nullptr) continue;
    if (!tracefs) {
      attachments.fail(*probe, tracefs.error());
      continue;
    }
    auto link = attach_one(program, *tracefs, *probe);
    if (link)
      attachments.add(*std::move(link));
    else
      attachments.fail(*probe, std::move(link).error());
  }
}

void attach_raw_tracepoint(Attachments& attachments, ProbeGroup group) {
  for (const image::ProbeDesc* probe : group) {
    bpf_program* program = attachments.program(*probe);
    if (program == nullptr) continue;
    bpf_link* link = bpf_program__attach_raw_tracepoint(program, probe->function.c_str());
    if (link != nullptr)
      attachments.add(Link(link));
    else if (errno == ENOENT)
      attachments.fail(*probe, {"this kernel has no raw tracepoint " + probe->function, ENOENT});
    else
      attachments.fail(
          *probe, Error::from_errno(errno, "cannot attach to raw tracepoint " + probe->function));
  }
}

}  // namespace sonde::runtime
