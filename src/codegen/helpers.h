// SPDX-License-Identifier: Apache-2.0
// BPF helpers by their numbers. UAPI: include/uapi/linux/bpf.h, ___BPF_FUNC_MAPPER.
#pragma once

#include <cstdint>

namespace sonde::codegen {

enum class Helper : std::uint32_t {
  map_lookup_elem = 1,
  map_update_elem = 2,
  map_delete_elem = 3,
  ktime_get_ns = 5,
  trace_printk = 6,
  get_prandom_u32 = 7,
  get_smp_processor_id = 8,
  tail_call = 12,
  get_current_pid_tgid = 14,
  get_current_uid_gid = 15,
  get_current_comm = 16,
  get_stackid = 27,
  get_current_task = 35,
  probe_write_user = 36,
  get_numa_node_id = 42,
  get_socket_cookie = 46,
  override_return = 58,
  get_stack = 67,
  get_current_cgroup_id = 80,
  send_signal = 109,
  skb_output = 111,
  probe_read_user = 112,
  probe_read_kernel = 113,
  probe_read_user_str = 114,
  probe_read_kernel_str = 115,
  send_signal_thread = 117,
  jiffies64 = 118,
  get_ns_current_pid_tgid = 120,
  ktime_get_boot_ns = 125,
  seq_printf = 126,
  seq_write = 127,
  ringbuf_output = 130,
  ringbuf_reserve = 131,
  ringbuf_submit = 132,
  ringbuf_query = 134,
  d_path = 147,
  per_cpu_ptr = 153,
  this_cpu_ptr = 154,
  get_current_task_btf = 158,
  for_each_map_elem = 164,
  get_func_ip = 173,
  get_attach_cookie = 174,
  task_pt_regs = 175,
  loop = 181,
  get_func_arg = 183,
  get_func_ret = 184,
  map_lookup_percpu_elem = 195,
  ktime_get_tai_ns = 208,
};

// Flags of map_update_elem.
inline constexpr std::uint64_t bpf_any = 0;
inline constexpr std::uint64_t bpf_noexist = 1;
// Flags of ringbuf_submit.
inline constexpr std::uint64_t rb_no_wakeup = 1;
inline constexpr std::uint64_t rb_force_wakeup = 2;
// Flags of skb_output: the low half is the CPU, the upper one the count of bytes.
inline constexpr std::uint64_t current_cpu = 0xffffffff;
// What ringbuf_query can be asked.
inline constexpr std::uint64_t rb_avail_data = 0;
// Flags of get_stackid and get_stack; only the latter has to be told about build ids.
inline constexpr std::uint64_t stack_user = 256;
inline constexpr std::uint64_t stack_user_build_id = 2048;

// Types of maps (enum bpf_map_type).
enum class BpfMapType : std::uint32_t {
  hash = 1,
  array = 2,
  program_array = 3,
  perf_event_array = 4,
  per_cpu_hash = 5,
  per_cpu_array = 6,
  stack_trace = 7,
  lru_hash = 9,
  lru_per_cpu_hash = 10,
  array_of_maps = 12,
  ring_buffer = 27,
};
inline constexpr std::uint32_t map_no_prealloc = 1;
inline constexpr std::uint32_t map_stack_build_id = 32;

}  // namespace sonde::codegen
