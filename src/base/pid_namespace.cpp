// SPDX-License-Identifier: Apache-2.0
#include "base/pid_namespace.h"

#include <sys/stat.h>

namespace sonde {

// PROC_PID_INIT_INO of include/linux/proc_ns.h: a fixed number since Linux 3.8.
bool in_pid_namespace() {
  constexpr ino_t first_namespace = 0xEFFFFFFC;
  struct stat info {};
  return ::stat("/proc/self/ns/pid", &info) == 0 && info.st_ino != first_namespace;
}

}  // namespace sonde
