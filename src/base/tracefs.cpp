// SPDX-License-Identifier: Apache-2.0
#include "base/tracefs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

namespace sonde {

namespace {

bool is_tracefs(int fd) {
  struct statfs info {};
  return ::fstatfs(fd, &info) == 0 && info.f_type == TRACEFS_MAGIC;
}

// glibc 2.36 has wrappers for these, older ones do not.
// UAPI: include/uapi/linux/mount.h
Result<UniqueFd> mount_detached() {
  UniqueFd context(static_cast<int>(::syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC)));
  if (!context.valid()) return fail_errno(errno, "cannot mount tracefs");
  if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return fail_errno(errno, "cannot mount tracefs");
  UniqueFd root(static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0)));
  if (!root.valid()) return fail_errno(errno, "cannot mount tracefs");
  return root;
}

}  // namespace

Result<UniqueFd> open_tracefs() {
  int denied = 0;
  for (const char* path : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    UniqueFd fd(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid() && (errno == EACCES || errno == EPERM)) denied = errno;
    if (fd.valid() && is_tracefs(fd.get())) return fd;
  }
  auto mounted = mount_detached();
  if (mounted) return mounted;
  if (denied != 0 || mounted.error().code == EPERM)
    return fail_errno(denied != 0 ? denied : EPERM,
                      "cannot read tracefs (needs root, or CAP_DAC_READ_SEARCH and a mounted "
                      "/sys/kernel/tracing)");
  return mounted;
}

}  // namespace sonde
