// SPDX-License-Identifier: Apache-2.0
// Stops a child of -c at the moments of its start (x86-64): when its file is mapped, when the
// dynamic linker has mapped libraries, and in front of the program's own first instruction. Then it
// is let go for good.
#pragma once

#include <sys/types.h>

#include <functional>

#include "base/result.h"

namespace sonde::runtime {

class StartStops {
 public:
  // Before the child executes its file.
  explicit StartStops(pid_t pid);

  // Behind that: calls `look` while it stands still. Fails when it could not be stopped.
  Status run(const std::function<void()>& look);

 private:
  pid_t pid_;
  int error_ = 0;
};

}  // namespace sonde::runtime
