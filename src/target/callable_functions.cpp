// SPDX-License-Identifier: Apache-2.0
#include "target/callable_functions.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/unique_fd.h"
#include "target/raw_tracepoints.h"

namespace sonde::target {

namespace {

constexpr std::string_view mark = "bpf_kfunc";

bool marks_functions(const Btf& btf) {
  bool marks = false;
  btf.for_each(BtfKind::decl_tag, [&](BtfId, std::string_view name) { marks |= name == mark; });
  return marks;
}

bool is_marked(const Btf& btf, BtfId function) {
  bool marked = false;
  btf.for_each(BtfKind::decl_tag, [&](BtfId id, std::string_view name) {
    marked |= name == mark && btf.type(id).type == function;
  });
  return marked;
}

bpf_prog_type program_type(ProgramKind kind) {
  switch (kind) {
    case ProgramKind::kprobe: return BPF_PROG_TYPE_KPROBE;
    case ProgramKind::tracepoint: return BPF_PROG_TYPE_TRACEPOINT;
    case ProgramKind::raw_tracepoint: return BPF_PROG_TYPE_RAW_TRACEPOINT;
    case ProgramKind::perf_event: return BPF_PROG_TYPE_PERF_EVENT;
    case ProgramKind::tracing: return BPF_PROG_TYPE_TRACING;
  }
  return BPF_PROG_TYPE_UNSPEC;
}

template <typename T>
std::uint64_t address_of(const T* object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

}  // namespace

bool has_callable_function(Target& target, std::string_view name) {
  const auto has = [&](const Btf* btf, bool marks) {
    const auto found = btf ? btf->find(BtfKind::func, name) : std::nullopt;
    return found && (!marks || is_marked(*btf, *found));
  };
  const Btf* kernel = target.btf();
  if (!kernel) return false;
  const bool marks = marks_functions(*kernel);
  if (has(kernel, marks)) return true;
  for (const std::string& module : target.btf_modules())
    if (has(target.module_btf(module), marks)) return true;
  return false;
}

// Called with nothing in its arguments, it is refused in any case; a program that may not call it
// is told so before the arguments are looked at (kernel/bpf/verifier.c, fetch_kfunc_meta).
bool ask_may_call(const Btf& btf, std::string_view function, ProgramKind kind) {
  const auto id = btf.find(BtfKind::func, function);
  if (!id) return false;
  const bpf_insn insns[] = {
      {.code = BPF_JMP | BPF_CALL,
       .src_reg = BPF_PSEUDO_KFUNC_CALL,
       .imm = static_cast<std::int32_t>(*id)},
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
      {.code = BPF_JMP | BPF_EXIT},
  };
  static constexpr char license[] = "GPL";
  std::array<char, 4096> log{};
  bpf_attr attr{};
  attr.prog_type = program_type(kind);
  attr.insns = address_of(insns);
  attr.insn_cnt = std::size(insns);
  attr.license = address_of(license);
  attr.log_buf = address_of(log.data());
  attr.log_size = log.size();
  attr.log_level = 1;
  if (kind == ProgramKind::tracing) {
    // Any raw tracepoint: all programs of this type may call the same functions.
    const auto tracepoint = btf.find(BtfKind::typedef_, raw_tracepoint_typedef("sys_enter"));
    if (!tracepoint) return false;
    attr.expected_attach_type = BPF_TRACE_RAW_TP;
    attr.attach_btf_id = *tracepoint;
  }
  const UniqueFd program(static_cast<int>(::syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr)));
  const int error = errno;
  if (program.valid()) return true;
  const std::string_view said(log.data());
  if (said.empty()) return error == EPERM || error == EACCES || error == ENOSYS;
  return !said.contains("is not allowed");
}

}  // namespace sonde::target
