// SPDX-License-Identifier: Apache-2.0
#include "codegen/attachment.h"

#include <string_view>

#include "base/assert.h"
#include "codegen/arch/registers.h"

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

Attachment attachment(AttachKind kind, const std::string& function) {
  Attachment how{.kind = kind, .section = std::string(section_of(kind)), .function = function};
  // The verifier wants no name behind these; libbpf would attach by it.
  const bool named = kind == AttachKind::raw_tracepoint || kind == AttachKind::tracepoint;
  if (named) how.section += "/" + function;
  return how;
}

// Offset of a member of a member, in bytes.
std::optional<std::uint32_t> offset_of(const target::Btf& btf, std::string_view outer,
                                       std::string_view member, std::string_view inner) {
  const auto id = btf.find(target::BtfKind::struct_, outer);
  if (!id) return std::nullopt;
  for (const target::BtfMember& m : btf.members(*id)) {
    if (m.name != member) continue;
    for (const target::BtfMember& n : btf.members(btf.resolve(m.type)))
      if (n.name == inner) return (m.bit_offset + n.bit_offset) / 8;
  }
  return std::nullopt;
}

// `syscalls:sys_enter_NAME` is one raw program on all system calls that compares the number: it
// runs in 0.75 of the time and lets go at once, where each classic tracepoint waits 40 to 80 ms.
std::optional<Attachment> raw_syscall(const sema::ResolvedProbe& probe, target::Target& target) {
  const std::string_view event = probe.function;
  const bool enter = event.starts_with("sys_enter_");
  if (probe.target != "syscalls" || (!enter && !event.starts_with("sys_exit_")))
    return std::nullopt;
  const auto number = target.syscall_number(event.substr(enter ? 10 : 9));
  const Registers* registers = find_registers(target.architecture());
  const std::string raw = enter ? "sys_enter" : "sys_exit";
  if (!number || !registers || !target.btf() || !target.has_raw_tracepoint(raw))
    return std::nullopt;
  Attachment how = attachment(AttachKind::raw_tracepoint, raw);
  how.syscall = number;
  how.at_syscall_exit = !enter;
  if (registers->compat_syscall_status != 0) {
    const auto status = offset_of(*target.btf(), "task_struct", "thread_info", "status");
    if (!status) return std::nullopt;
    how.status_offset = *status;
  }
  return how;
}

Attachment choose_tracepoint(sema::ResolvedProbe& probe, target::Target& target) {
  if (auto raw = raw_syscall(probe, target)) return *raw;
  // The record is what the classic tracepoint costs more for.
  if (!probe.reads_record && probe.target != "syscalls" &&
      target.has_raw_tracepoint(probe.function))
    return attachment(AttachKind::raw_tracepoint, probe.function);
  return attachment(AttachKind::tracepoint, probe.function);
}

}  // namespace

Attachment choose_attachment(sema::ResolvedProbe& probe, target::Target& target) {
  const auto clock = [&](AttachKind frequency, AttachKind period) {
    return attachment(probe.is_frequency ? frequency : period, "");
  };
  switch (probe.kind) {
    case ProbeKind::begin: return attachment(AttachKind::run_at_begin, "");
    case ProbeKind::end: return attachment(AttachKind::run_at_end, "");
    case ProbeKind::tracepoint: return choose_tracepoint(probe, target);
    case ProbeKind::rawtracepoint: return attachment(AttachKind::raw_tracepoint, probe.function);
    case ProbeKind::profile:
      return clock(AttachKind::profile_frequency, AttachKind::profile_period);
    case ProbeKind::interval:
      return clock(AttachKind::interval_frequency, AttachKind::interval_period);
    case ProbeKind::uprobe: return attachment(AttachKind::uprobe, probe.function);
    case ProbeKind::uretprobe: return attachment(AttachKind::uretprobe, probe.function);
    case ProbeKind::kprobe: return attachment(AttachKind::kprobe, probe.function);
    case ProbeKind::kretprobe: return attachment(AttachKind::kretprobe, probe.function);
  }
  SONDE_UNREACHABLE("a probe kind has no attach kind");
}

}  // namespace sonde::codegen
