// SPDX-License-Identifier: Apache-2.0
#include "codegen/attachment.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "base/assert.h"
#include "codegen/arch/registers.h"
#include "codegen/kernel_structs.h"

namespace sonde::codegen {

using image::AttachKind;
using lang::ProbeKind;

namespace {

std::string_view section_of(AttachKind kind) {
  static constexpr std::string_view sections[] = {
#define ATTACH_KIND(NAME, SECTION, SUMMARY) SECTION,
#include "image/attach_kinds.def"
#undef ATTACH_KIND
  };
  return sections[static_cast<std::size_t>(kind)];
}

image::PlaceDesc describe(const sema::Place& place) {
  return {place.name, place.target, place.function, place.value, place.detail};
}

Attachment attachment(AttachKind kind) {
  return {.kind = kind, .section = std::string(section_of(kind))};
}

void add(Attachment& how, const sema::Place& place) {
  how.places.push_back(describe(place));
  how.names.push_back(place.name);
}

// `syscalls:sys_enter_NAME` is one raw program on all system calls that compares the number: it
// runs in 0.75 of the time and lets go at once, where each classic tracepoint waits 40 to 80 ms.
// Many of them are one program with a table of numbers.
class SyscallPrograms {
 public:
  explicit SyscallPrograms(target::Target& target) : target_(target) {}

  // False: this one has to be attached in another way.
  bool add(const sema::Place& place) {
    const std::string_view event = place.function;
    const bool enter = event.starts_with("sys_enter_");
    if (place.target != "syscalls" || (!enter && !event.starts_with("sys_exit_"))) return false;
    const auto number = target_.syscall_number(event.substr(enter ? 10 : 9));
    if (!number) return false;
    std::optional<Attachment>& how = enter ? enter_ : exit_;
    if (!how) {
      if (!can_attach(enter)) return false;
      how = make(place, enter);
    }
    how->syscalls.push_back(*number);
    how->names.push_back(place.name);
    return true;
  }

  void take(std::vector<Attachment>& all) {
    for (std::optional<Attachment>* how : {&enter_, &exit_}) {
      if (!*how) continue;
      const auto count = static_cast<std::uint32_t>((*how)->syscalls.size());
      if (count > 1) (*how)->served = count;
      all.push_back(*std::move(*how));
    }
  }

 private:
  bool can_attach(bool enter) {
    if (!registers_ || !target_.btf() || !target_.has_raw_tracepoint(raw_name(enter))) return false;
    if (registers_->compat_syscall_status == 0) return true;
    if (!status_) status_ = offset_of(*target_.btf(), "task_struct", {"thread_info", "status"});
    return status_.has_value();
  }

  static std::string raw_name(bool enter) { return enter ? "sys_enter" : "sys_exit"; }

  Attachment make(const sema::Place& place, bool enter) const {
    Attachment how = attachment(AttachKind::raw_tracepoint);
    how.places.push_back(describe(place));
    how.places.back().function = raw_name(enter);
    how.reason = "one program on all system calls compares the number";
    how.at_syscall_exit = !enter;
    how.status_offset = status_.value_or(0);
    return how;
  }

  target::Target& target_;
  const Registers* registers_ = find_registers(target_.architecture());
  std::optional<std::uint32_t> status_;
  std::optional<Attachment> enter_, exit_;
};

std::vector<Attachment> choose_tracepoints(const sema::ResolvedProbe& probe,
                                           target::Target& target) {
  SyscallPrograms syscalls(target);
  Attachment raw = attachment(AttachKind::raw_tracepoint);
  Attachment classic = attachment(AttachKind::tracepoint);
  for (const sema::Place& place : probe.places) {
    if (!probe.typed_context && syscalls.add(place)) continue;
    // The record is what the classic tracepoint costs more for.
    const bool is_raw = !probe.reads_record && !probe.typed_context && place.target != "syscalls" &&
                        target.has_raw_tracepoint(place.function);
    add(is_raw ? raw : classic, place);
  }
  std::vector<Attachment> all;
  syscalls.take(all);
  raw.reason = "its record is not read";
  classic.reason = probe.reads_record    ? "its record is read"
                   : probe.typed_context ? "raw programs may not call what the script asks for"
                                         : "it has no raw form";
  if (!raw.places.empty()) all.push_back(std::move(raw));
  if (!classic.places.empty()) all.push_back(std::move(classic));
  return all;
}

// At the end of a walk the program is called once more, without an object: the last pointer of its
// context is null then (kernel/bpf/task_iter.c, map_iter.c, … call it so from `stop`).
std::uint32_t last_pointer(const target::Btf& btf, const std::string& iterator) {
  std::uint32_t offset = 0;
  const auto id = btf.find(target::BtfKind::struct_, "bpf_iter__" + iterator);
  if (!id) return 0;
  for (const target::BtfMember& member : btf.members(*id)) {
    // Each pointer is in a union that gives it 64 bits (__bpf_md_ptr).
    const target::BtfId type = btf.resolve(member.type);
    const bool is_pointer = btf.type(type).kind == target::BtfKind::pointer ||
                            btf.type(type).kind == target::BtfKind::union_;
    if (is_pointer) offset = member.bit_offset / 8;
  }
  return offset;
}

// kprobe and kretprobe. sema has chosen between trampolines and these.
Attachment choose_kprobe(const sema::ResolvedProbe& probe, target::Target& target) {
  const bool at_return = lang::row(probe.kind).at_return;
  const bool multi = probe.places.size() > 1 && target.has(target::Feature::kprobe_multi);
  Attachment how;
  if (probe.by_trampoline)
    how = attachment(at_return ? AttachKind::fexit : AttachKind::fentry);
  else if (multi)
    how = attachment(at_return ? AttachKind::kretprobe_multi : AttachKind::kprobe_multi);
  else
    how = attachment(at_return ? AttachKind::kretprobe : AttachKind::kprobe);
  how.reason = probe.attach_reason;
  if (multi) how.reason = "one link for all functions";
  if (!multi && probe.places.size() > 1) how.reason = "the kernel has no links for many functions";
  return how;
}

// Who loads the object by other means sees what it is for. The verifier wants no name behind the
// others; libbpf would attach by it.
void name_section(Attachment& how) {
  const bool named = how.kind == AttachKind::raw_tracepoint || how.kind == AttachKind::tracepoint ||
                     how.kind == AttachKind::typed_raw_tracepoint ||
                     how.kind == AttachKind::fentry || how.kind == AttachKind::fexit;
  if (named && how.places.size() == 1) how.section += "/" + how.places.front().function;
}

AttachKind kind_of(const sema::ResolvedProbe& probe) {
  const auto clock = [&](AttachKind frequency, AttachKind period) {
    return probe.is_frequency ? frequency : period;
  };
  switch (probe.kind) {
    case ProbeKind::begin: return AttachKind::run_at_begin;
    case ProbeKind::end: return AttachKind::run_at_end;
    case ProbeKind::tracepoint: return AttachKind::tracepoint;
    case ProbeKind::rawtracepoint:
      return probe.typed_context ? AttachKind::typed_raw_tracepoint : AttachKind::raw_tracepoint;
    case ProbeKind::profile:
      return clock(AttachKind::profile_frequency, AttachKind::profile_period);
    case ProbeKind::interval:
      return clock(AttachKind::interval_frequency, AttachKind::interval_period);
    case ProbeKind::uprobe:
    case ProbeKind::usdt: return AttachKind::uprobe;
    case ProbeKind::uretprobe: return AttachKind::uretprobe;
    case ProbeKind::fentry: return AttachKind::fentry;
    case ProbeKind::fexit: return AttachKind::fexit;
    case ProbeKind::iter: return AttachKind::iterator;
    case ProbeKind::software: return AttachKind::software;
    case ProbeKind::hardware: return AttachKind::hardware;
    case ProbeKind::watchpoint: return AttachKind::watchpoint;
    case ProbeKind::self: return AttachKind::run_on_signal;
    case ProbeKind::test: return AttachKind::run_as_test;
    case ProbeKind::bench: return AttachKind::run_as_benchmark;
    default: break;  // planned
  }
  SONDE_UNREACHABLE("a probe kind has no attach kind");
}

std::string_view name_of(AttachKind kind) {
  static constexpr std::string_view names[] = {
#define ATTACH_KIND(NAME, SECTION, SUMMARY) #NAME,
#include "image/attach_kinds.def"
#undef ATTACH_KIND
  };
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string explain(const sema::ResolvedProbe& probe, const Attachment& how) {
  const std::size_t count = how.names.size();
  std::string line = count == 1 ? how.names.front() : probe.name;
  line.append(": ").append(name_of(how.kind));
  if (count > 1) line += fmt::format(", {} places", count);
  if (!how.reason.empty()) line += fmt::format(" ({})", how.reason);
  return line;
}

std::vector<Attachment> choose_attachments(const sema::ResolvedProbe& probe,
                                           target::Target& target) {
  std::vector<Attachment> all;
  if (probe.kind == ProbeKind::tracepoint) {
    all = choose_tracepoints(probe, target);
  } else {
    const bool kprobe = probe.kind == ProbeKind::kprobe || probe.kind == ProbeKind::kretprobe;
    all.push_back(kprobe ? choose_kprobe(probe, target) : attachment(kind_of(probe)));
    for (const sema::Place& place : probe.places) add(all.back(), place);
    if (probe.kind == ProbeKind::iter && target.btf()) {
      all.back().object_offset = last_pointer(*target.btf(), probe.place().function);
      all.back().is_pinned = !probe.place().target.empty();
    }
  }
  for (Attachment& how : all) name_section(how);
  return all;
}

}  // namespace sonde::codegen
