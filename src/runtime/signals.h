// SPDX-License-Identifier: Apache-2.0
// Signals while a script runs: SIGINT and SIGTERM ask for the end through a descriptor, so that
// nothing is interrupted half way; SIGUSR1 is counted; SIGPIPE becomes an error of write(2).
#pragma once

#include <signal.h>

#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sonde::runtime {

class Signals {
 public:
  static Result<Signals> block();

  Signals(Signals&&) = default;
  Signals& operator=(Signals&&) = delete;
  // Restores what was before.
  ~Signals();

  // Readable when a signal came.
  int fd() const { return fd_.get(); }

  // Reads what came. After the first SIGINT or SIGTERM the next one ends the process at once,
  // with the status that a shell shows for it, whatever the process is doing then; one that comes
  // within a quarter of a second is the first one's echo and is ignored.
  void read();
  bool end_requested() const { return end_requested_; }
  // How often SIGUSR1 has been read since this was asked the last time. The kernel makes one of
  // those that come before the first of them is read.
  unsigned take_user_signals() { return std::exchange(user_signals_, 0); }
  // The script is ending by itself: from here on the first one ends the process, too.
  void end_has_begun();

 private:
  Signals() = default;
  int take();
  void arm_exit();

  UniqueFd fd_;  // empty in an object that was moved from
  sigset_t previous_mask_{};
  struct sigaction previous_int_ {
  }, previous_term_{}, previous_pipe_{};
  bool end_requested_ = false;
  unsigned user_signals_ = 0;
  bool armed_ = false;
};

}  // namespace sonde::runtime
