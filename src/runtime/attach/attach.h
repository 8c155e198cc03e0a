// SPDX-License-Identifier: Apache-2.0
// Attaching the probes of an image: the order, what happens when one fails, and one function per
// row of attach_kinds.def, in the file of its family.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "image/image.h"
#include "runtime/attach/link.h"
#include "runtime/attach/progress.h"

struct bpf_program;

namespace sonde::runtime {

class Object;
class Reporter;
struct RunOptions;
class Signals;
class TracedProcess;

// What has been attached so far.
class Attachments {
 public:
  Attachments(const image::Image& image, const Object& object, Reporter& reporter)
      : image_(image), object_(object), reporter_(reporter) {}
  ~Attachments() { detach(); }
  Attachments(const Attachments&) = delete;
  Attachments& operator=(const Attachments&) = delete;

  // Both return whether the script goes on; if not, the reason has been reported.
  // The begin probes, in source order.
  bool run_begin();
  // All but those that we run ourselves, in the order of the language; stops early when `signals`
  // say so. Those are counted here, too.
  bool attach(Signals& signals);
  void detach();
  bool run_end();
  // The probes of self:signal.
  bool run_on_signal() { return run(image::AttachKind::run_on_signal); }
  // A probe that we run ourselves. Gives what it returned, or nothing when that failed.
  std::optional<std::uint32_t> run(const image::ProbeDesc& probe);

  // Those that we run ourselves count one each, every function of a multi link counts.
  unsigned count() const { return count_; }
  // Anything that can still send events after begin.
  bool waits_for_events() const {
    return !links_.empty() || has_any(image::AttachKind::run_on_signal);
  }

  // Files that walk over the kernel's objects while they are read: Script::walk.
  std::span<const UniqueFd> iterators() const { return iterators_; }
  // Iterators that were pinned instead, and stay behind.
  std::span<const std::string> pins() const { return pins_; }

  // For the attach functions.
  void add(Link link, unsigned probes = 1);
  // Somebody wants the script to end: whoever attaches many places asks between them.
  bool interrupted();
  void add_iterator(UniqueFd fd) { iterators_.push_back(std::move(fd)); }
  void add_pin(const std::string& path) { pins_.push_back(path); }
  // A place that the script goes on without, with a warning.
  void leave_out(const image::ProbeDesc& probe, Error error);
  void fail(const image::ProbeDesc& probe, const image::PlaceDesc& place, Error error);
  void set_returned(std::uint32_t value) { returned_ = value; }
  const RunOptions& options() const;
  int map_fd(std::string_view name) const;
  // The one that the script is restricted to; null: none.
  const TracedProcess* process() const;

 private:
  bool run(image::AttachKind kind);
  bool has_any(image::AttachKind kind) const;
  void attach(const image::ProbeDesc& probe);

  const image::Image& image_;
  const Object& object_;
  Reporter& reporter_;
  std::vector<Link> links_;
  std::vector<UniqueFd> iterators_;
  std::vector<std::string> pins_;
  Signals* signals_ = nullptr;        // while attaching
  std::optional<Progress> progress_;  // while attaching
  unsigned count_ = 0;
  std::optional<std::uint32_t> returned_;  // by the last one that we ran
  bool failed_ = false;                    // in a way that ends the script
};

// Attaches the program to every place, with `attachments.add` or `attachments.fail` for each.
#define ATTACH_KIND(NAME, SECTION, SUMMARY) \
  void attach_##NAME(Attachments& attachments, const image::ProbeDesc& probe, bpf_program* program);
#include "image/attach_kinds.def"
#undef ATTACH_KIND

// The order of attaching, without those that we run ourselves.
std::vector<const image::ProbeDesc*> attach_order(std::span<const image::ProbeDesc> probes);

}  // namespace sonde::runtime
