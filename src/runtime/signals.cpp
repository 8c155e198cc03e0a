// SPDX-License-Identifier: Apache-2.0
#include "runtime/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>

namespace sonde::runtime {

namespace {

// When the signal came that asked for the end, in nanoseconds of CLOCK_MONOTONIC; 0: none did.
std::atomic<std::int64_t> asked_at = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a signal handler reads it");

// timeout(1) signals its child and then its process group, and sudo repeats what the terminal
// sent: what comes that soon is the same request, not a second one.
constexpr std::int64_t same_request_ns = 250'000'000;

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

void exit_at_once(int signal) {
  const std::int64_t asked = asked_at;
  if (asked == 0 || now_ns() - asked > same_request_ns) ::_exit(128 + signal);
}

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  return set;
}

}  // namespace

Result<Signals> Signals::block() {
  const sigset_t set = set_of({SIGINT, SIGTERM, SIGUSR1});
  Signals signals;
  asked_at = 0;
  // Blocked before the descriptor exists: a signal in between waits for it.
  ::sigprocmask(SIG_BLOCK, &set, &signals.previous_mask_);
  signals.fd_ = UniqueFd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals.fd_.valid()) {
    const int error = errno;
    ::sigprocmask(SIG_SETMASK, &signals.previous_mask_, nullptr);
    return fail_errno(error, "cannot watch signals");
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &signals.previous_pipe_);
  return signals;
}

void Signals::arm_exit() {
  if (armed_) return;
  struct sigaction action {};
  action.sa_handler = exit_at_once;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &previous_int_);
  ::sigaction(SIGTERM, &action, &previous_term_);
  armed_ = true;
  const sigset_t set = set_of({SIGINT, SIGTERM});
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

void Signals::end_has_begun() {
  read();  // one that came before asked for the end, which it has
  arm_exit();
}

Signals::~Signals() {
  if (!fd_.valid()) return;
  if (armed_) {
    ::sigaction(SIGINT, &previous_int_, nullptr);
    ::sigaction(SIGTERM, &previous_term_, nullptr);
  }
  ::sigaction(SIGPIPE, &previous_pipe_, nullptr);
  // What still waits was meant for the script; unblocked, it would end the process.
  while (take() != 0) {
  }
  ::sigprocmask(SIG_SETMASK, &previous_mask_, nullptr);
}

// The next signal that came; 0 when there is none.
int Signals::take() {
  signalfd_siginfo info{};
  return ::read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo)
                                                              : 0;
}

void Signals::read() {
  while (const int signal = take()) {
    if (signal == SIGUSR1) ++user_signals_;
    if (signal == SIGUSR1 || end_requested_) continue;
    end_requested_ = true;
    asked_at = now_ns();
    arm_exit();
  }
}

}  // namespace sonde::runtime
