// SPDX-License-Identifier: Apache-2.0
#include "runtime/attach/attach.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/attach/close_links.h"
#include "runtime/attach/report.h"
#include "runtime/object.h"
#include "runtime/reporter.h"
#include "runtime/signals.h"

namespace sonde::runtime {

namespace {

using image::AttachKind;
using image::PlaceDesc;
using image::ProbeDesc;

using AttachFunction = void (*)(Attachments&, const ProbeDesc&, bpf_program*);

constexpr std::array attach_functions = {
#define ATTACH_KIND(NAME, SECTION, SUMMARY) AttachFunction{attach_##NAME},
#include "image/attach_kinds.def"
#undef ATTACH_KIND
};

bool is_run_by_us(AttachKind kind) {
  return kind == AttachKind::run_at_begin || kind == AttachKind::run_at_end ||
         kind == AttachKind::run_on_signal || kind == AttachKind::run_as_test ||
         kind == AttachKind::run_as_benchmark;
}

// The kernel calls these in the reverse order of attaching, so that attaching the last one first
// makes several probes on one event fire in source order.
bool fires_in_reverse(AttachKind kind) {
  switch (kind) {
    case AttachKind::kprobe:
    case AttachKind::kprobe_multi:
    case AttachKind::kprobe_session:
    case AttachKind::uprobe:
    case AttachKind::uretprobe:
    case AttachKind::fentry:
    case AttachKind::fexit: return true;
    default: return false;
  }
}

}  // namespace

std::vector<const ProbeDesc*> attach_order(std::span<const ProbeDesc> probes) {
  std::vector<const ProbeDesc*> order;
  order.reserve(probes.size());
  for (const ProbeDesc& probe : probes)
    if (!is_run_by_us(probe.attach) && !fires_in_reverse(probe.attach)) order.push_back(&probe);
  for (std::size_t i = probes.size(); i-- > 0;)
    if (fires_in_reverse(probes[i].attach)) order.push_back(&probes[i]);
  return order;
}

bool Attachments::run(AttachKind kind) {
  for (const ProbeDesc& probe : image_.probes) {
    if (probe.attach == kind) attach(probe);
  }
  return !failed_;
}

std::optional<std::uint32_t> Attachments::run(const ProbeDesc& probe) {
  returned_.reset();
  attach(probe);
  return returned_;
}

bool Attachments::has_any(AttachKind kind) const {
  return std::ranges::find(image_.probes, kind, &ProbeDesc::attach) != image_.probes.end();
}

const TracedProcess* Attachments::process() const { return reporter_.options().process; }

bool Attachments::run_begin() { return run(AttachKind::run_at_begin); }

bool Attachments::run_end() { return run(AttachKind::run_at_end); }

bool Attachments::attach(Signals& signals) {
  std::size_t places = 0;
  for (const ProbeDesc& probe : image_.probes) {
    count_ += is_run_by_us(probe.attach);
    places += probe.places.size();
  }
  progress_.emplace(reporter_.options(), "Attaching", places);
  signals_ = &signals;
  for (const ProbeDesc* probe : attach_order(image_.probes)) {
    attach(*probe);
    if (failed_ || interrupted()) break;
  }
  progress_.reset();
  if (!failed_ && !interrupted() && count_ == 0) {
    reporter_.error({}, "Attachment failed for all probes.");
    failed_ = true;
  }
  return !failed_;
}

void Attachments::detach() {
  iterators_.clear();
  Progress progress(reporter_.options(), "Detaching", links_.size());
  close_links(std::exchange(links_, {}), progress);
}

bool Attachments::interrupted() {
  if (signals_ == nullptr) return false;
  signals_->read();
  return signals_->end_requested();
}

void Attachments::add(Link link, unsigned probes) {
  links_.push_back(std::move(link));
  count_ += probes;
  if (progress_) progress_->advance(probes);
}

void Attachments::leave_out(const ProbeDesc& probe, Error error) {
  if (image_.attach_failures_are_errors || image_.warn_of_attach_failures)
    reporter_.warning(to_span(probe.range), error.message + "; it is left out");
}

void Attachments::fail(const ProbeDesc& probe, const PlaceDesc& place, Error error) {
  if (is_run_by_us(probe.attach)) {
    failed_ = true;
    reporter_.error(to_span(probe.range), error.message);
  } else {
    failed_ |= report_unattached(image_, reporter_, probe, place, std::move(error));
  }
}

const RunOptions& Attachments::options() const { return reporter_.options(); }

int Attachments::map_fd(std::string_view name) const { return object_.map_fd(name); }

void Attachments::attach(const ProbeDesc& probe) {
  if (reporter_.options().verbose)
    for (const PlaceDesc& place : probe.places)
      reporter_.say("Trying to attach probe: " + place.name + "\n");
  bpf_program* program = object_.program(probe.program);
  if (program == nullptr)
    return fail(probe, probe.places.front(),
                {"the image has no program `" + probe.program + "`", 0});
  if (const Error* refusal = object_.refusal(probe.program))
    return fail(probe, probe.places.front(), *refusal);
  attach_functions[static_cast<std::size_t>(probe.attach)](*this, probe, program);
}

}  // namespace sonde::runtime
