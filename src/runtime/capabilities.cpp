// SPDX-License-Identifier: Apache-2.0
#include "runtime/capabilities.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sonde::runtime {

namespace {

bool has(std::uint64_t effective, unsigned capability) { return (effective >> capability) & 1; }

std::uint64_t effective_capabilities() {
  // UAPI: include/uapi/linux/capability.h; version 3 splits the set into two halves.
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, data) != 0) return 0;
  return data[0].effective | std::uint64_t{data[1].effective} << 32;
}

}  // namespace

std::string missing_capabilities(std::uint64_t effective) {
  // CAP_SYS_ADMIN stands for both, as it did alone before Linux 5.8 (commit 2c78ee898d8f, "bpf:
  // Implement CAP_BPF").
  if (has(effective, CAP_SYS_ADMIN)) return {};
  std::string missing;
  if (!has(effective, CAP_BPF)) missing = "CAP_BPF";
  if (!has(effective, CAP_PERFMON)) missing += missing.empty() ? "CAP_PERFMON" : " and CAP_PERFMON";
  return missing;
}

std::string missing_capabilities() { return missing_capabilities(effective_capabilities()); }

std::string permission_hint(int errno_value) {
  if (errno_value != EPERM && errno_value != EACCES) return {};
  const std::string missing = missing_capabilities();
  if (!missing.empty()) return "missing " + missing + ": run as root, or grant it";
  return "the capabilities are there; a container, lockdown or a security module forbids it";
}

}  // namespace sonde::runtime
