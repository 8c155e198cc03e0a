// SPDX-License-Identifier: Apache-2.0
// One function `probe_NAME` for each row of features.def.
#include "target/features.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>

#include "base/unique_fd.h"

namespace sonde::target {

namespace {

// Nothing: this process may not try.
using Answer = std::optional<bool>;

long bpf(bpf_cmd command, void* attributes, std::size_t size) {
  return ::syscall(SYS_bpf, command, attributes, size);
}

template <typename T>
std::uint64_t address_of(const T* object) {
  return reinterpret_cast<std::uintptr_t>(object);
}

// A type of the kernel's BTF: the first are those that C itself has.
constexpr std::uint32_t no_function = 1;

// The new object, or an invalid descriptor with errno set.
UniqueFd load_program(bpf_prog_type type, std::span<const bpf_insn> insns,
                      std::uint32_t expected_attach_type = 0, std::span<char> log = {}) {
  static constexpr char license[] = "GPL";
  bpf_attr attr{};
  attr.prog_type = type;
  attr.insns = address_of(insns.data());
  attr.insn_cnt = static_cast<std::uint32_t>(insns.size());
  attr.license = address_of(license);
  attr.expected_attach_type = expected_attach_type;
  if (type == BPF_PROG_TYPE_TRACING) attr.attach_btf_id = no_function;
  if (!log.empty()) {
    attr.log_buf = address_of(log.data());
    attr.log_size = static_cast<std::uint32_t>(log.size());
    attr.log_level = 1;
  }
  return UniqueFd(static_cast<int>(bpf(BPF_PROG_LOAD, &attr, sizeof attr)));
}

// ENOSYS: a kernel, or a sandbox, without bpf(2).
Answer no_unless_forbidden(int error) {
  return error == EPERM || error == EACCES || error == ENOSYS ? Answer() : Answer(false);
}

constexpr bpf_insn move_0_to_r0{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0};
constexpr bpf_insn exit_program{.code = BPF_JMP | BPF_EXIT};

// Of what is said by its own: who may load other programs is told no by the kernel, not by whoever
// confines this process.
Answer no_unless_all_forbidden(int error) {
  const Answer answer = no_unless_forbidden(error);
  if (answer) return answer;
  const bpf_insn insns[] = {move_0_to_r0, exit_program};
  return load_program(BPF_PROG_TYPE_RAW_TRACEPOINT, insns).valid() ? Answer(false) : Answer();
}

// Since Linux 6.9 (commit 011832b97b31, "bpf: Introduce may_goto instruction"). The name of the
// opcode, BPF_JCOND, is not in the headers of Debian 12.
constexpr std::uint8_t opcode_jcond = 0xe0;

Answer probe_may_goto() {
  // Over one instruction: 6.12 refuses a jump of length zero ("invalid may_goto off 0").
  const bpf_insn insns[] = {
      move_0_to_r0, {.code = BPF_JMP | opcode_jcond, .off = 1}, move_0_to_r0, exit_program};
  if (load_program(BPF_PROG_TYPE_RAW_TRACEPOINT, insns).valid()) return true;
  return no_unless_forbidden(errno);
}

// Whether programs can call a helper. Called with nothing, so that it is refused everywhere; a
// kernel without it says so: "invalid func unknown#181" ("unknown func" before 6.0, where the
// program's type cannot call it).
Answer probe_helper(std::int32_t helper) {
  const bpf_insn insns[] = {{.code = BPF_JMP | BPF_CALL, .imm = helper}, exit_program};
  char log[4096] = {};
  const UniqueFd program = load_program(BPF_PROG_TYPE_RAW_TRACEPOINT, insns, 0, log);
  if (program.valid()) return true;
  const std::string_view said(log);
  if (said.empty()) return no_unless_forbidden(errno);  // not even looked at
  return !said.contains("invalid func") && !said.contains("unknown func");
}

// Since Linux 5.13 (commit 69c087ba6225, "bpf: Add bpf_for_each_map_elem() helper").
Answer probe_for_each_map_elem() { return probe_helper(164); }

// Since Linux 5.17 (commit e6f2dd0f8067, "bpf: Add bpf_loop helper").
Answer probe_bpf_loop() { return probe_helper(181); }

// Since Linux 5.19 (commit 07343110b293, "bpf: add bpf_map_lookup_percpu_elem for percpu map").
Answer probe_percpu_lookup() { return probe_helper(195); }

// Since Linux 6.1 (commit c8996c98f703, "bpf: Add BPF-helper for accessing CLOCK_TAI").
Answer probe_tai_clock() { return probe_helper(208); }

// The kernel registers this event source exactly when it has kprobes (since Linux 4.17, commit
// e12f03d7031a, "perf/core: Implement the 'perf_kprobe' PMU").
Answer probe_kprobes() { return ::access("/sys/bus/event_source/devices/kprobe", F_OK) == 0; }

// Since Linux 6.10 (commit 68ca5d4eebb8, "bpf: support BPF cookie in raw tracepoint (raw_tp,
// tp_btf) programs"); before it these programs could not call bpf_get_attach_cookie.
Answer probe_raw_tracepoint_cookie() {
  const bpf_insn insns[] = {{.code = BPF_JMP | BPF_CALL, .imm = 174}, move_0_to_r0, exit_program};
  if (load_program(BPF_PROG_TYPE_RAW_TRACEPOINT, insns).valid()) return true;
  return no_unless_forbidden(errno);
}

Answer probe_ring_buffer() {
  bpf_attr attr{};
  attr.map_type = BPF_MAP_TYPE_RINGBUF;
  attr.max_entries = static_cast<std::uint32_t>(::sysconf(_SC_PAGESIZE));
  if (UniqueFd(static_cast<int>(bpf(BPF_MAP_CREATE, &attr, sizeof attr))).valid()) return true;
  return no_unless_forbidden(errno);
}

// UAPI: include/uapi/linux/bpf.h of Linux 6.6, newer than the headers of Debian 12.
constexpr std::uint32_t attach_type_uprobe_multi = 48;
struct UprobeMultiLink {
  std::uint32_t prog_fd, target_fd, attach_type, flags;
  std::uint64_t path, offsets, ref_ctr_offsets, cookies;
  std::uint32_t count, multi_flags, pid, reserved;
};

// Kernels without it load such programs as well and tell them 0, so the release has to say it.
Answer probe_uprobe_func_ip() { return std::nullopt; }

// Tries to attach to `/`. A kernel that knows the link looks at the path and answers EBADF,
// since it is no regular file; one that does not fails at the load or with EINVAL.
Answer probe_uprobe_multi() {
  const bpf_insn insns[] = {move_0_to_r0, exit_program};
  const UniqueFd program = load_program(BPF_PROG_TYPE_KPROBE, insns, attach_type_uprobe_multi);
  if (!program.valid()) return no_unless_forbidden(errno);
  static constexpr char path[] = "/";
  const std::uint64_t offset = 0;
  UprobeMultiLink link{};
  link.prog_fd = static_cast<std::uint32_t>(program.get());
  link.attach_type = attach_type_uprobe_multi;
  link.path = address_of(path);
  link.offsets = address_of(&offset);
  link.count = 1;
  const UniqueFd attached(static_cast<int>(bpf(BPF_LINK_CREATE, &link, sizeof link)));
  if (attached.valid() || errno == EBADF) return true;
  return no_unless_forbidden(errno);
}

// Whether there are links of this type for many functions. A kernel that knows them looks for the
// function: ESRCH.
Answer probe_link_of_functions(std::uint32_t attach_type) {
  const bpf_insn insns[] = {move_0_to_r0, exit_program};
  const UniqueFd program = load_program(BPF_PROG_TYPE_KPROBE, insns, attach_type);
  if (!program.valid()) return no_unless_all_forbidden(errno);
  static constexpr char name[] = "sonde_asks_for_no_function";
  const std::uint64_t names[] = {address_of(name)};
  bpf_attr attr{};
  attr.link_create.prog_fd = static_cast<std::uint32_t>(program.get());
  attr.link_create.attach_type = attach_type;
  attr.link_create.kprobe_multi.cnt = 1;
  attr.link_create.kprobe_multi.syms = address_of(names);
  const UniqueFd attached(static_cast<int>(bpf(BPF_LINK_CREATE, &attr, sizeof attr)));
  if (attached.valid() || errno == ESRCH || errno == ENOENT) return true;
  return no_unless_all_forbidden(errno);
}

// Since Linux 5.18 (commit 0dcac2725406, "bpf: Add multi kprobe link"), and only with
// CONFIG_FPROBE.
Answer probe_kprobe_multi() { return probe_link_of_functions(BPF_TRACE_KPROBE_MULTI); }

// Since Linux 6.10 (commit 535a3692ba72, "bpf: Add support for kprobe session attach"): the name
// BPF_TRACE_KPROBE_SESSION is not in the headers of Debian 12.
Answer probe_kprobe_session() {
  constexpr std::uint32_t attach_type_kprobe_session = 56;
  return probe_link_of_functions(attach_type_kprobe_session);
}

// Since Linux 5.17 (commit f92c1e183604, "bpf: Add get_func_[arg|ret|arg_cnt] helpers") programs
// can read every argument. A kernel with trampolines answers that the type is no function.
Answer probe_trampolines() {
  const bpf_insn calls_get_func_arg[] = {{.code = BPF_JMP | BPF_CALL, .imm = 183}, exit_program};
  char log[4096] = {};
  load_program(BPF_PROG_TYPE_RAW_TRACEPOINT, calls_get_func_arg, 0, log);
  if (std::string_view(log).contains("invalid func")) return false;
  const bpf_insn insns[] = {move_0_to_r0, exit_program};
  log[0] = '\0';
  const UniqueFd program = load_program(BPF_PROG_TYPE_TRACING, insns, BPF_TRACE_FENTRY, log);
  const int error = errno;
  if (std::string_view(log).contains("is not a function")) return true;
  return no_unless_all_forbidden(error);
}

struct Row {
  std::string_view name;
  std::string_view since;
  Answer (*probe)();
};
constexpr Row rows[] = {
#define FEATURE(NAME, SINCE, SUMMARY) {#NAME, SINCE, probe_##NAME},
#include "target/features.def"
#undef FEATURE
};

}  // namespace

bool probe_feature(Feature feature, std::string_view release) {
  const Row& row = rows[static_cast<std::size_t>(feature)];
  if (const Answer answer = row.probe()) return *answer;
  return release_at_least(release, row.since);
}

std::string_view feature_name(Feature feature) {
  return rows[static_cast<std::size_t>(feature)].name;
}

std::string_view feature_since(Feature feature) {
  return rows[static_cast<std::size_t>(feature)].since;
}

bool release_at_least(std::string_view release, std::string_view since) {
  const auto take_number = [](std::string_view& text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with('.')) text.remove_prefix(1);
    return error == std::errc{} ? number : 0;
  };
  for (int part = 0; part < 3; ++part) {
    const unsigned have = take_number(release);
    const unsigned want = take_number(since);
    if (have != want) return have > want;
  }
  return true;
}

}  // namespace sonde::target
