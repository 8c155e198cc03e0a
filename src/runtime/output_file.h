// SPDX-License-Identifier: Apache-2.0
// Where the script's output goes. Text is appended to a buffer and written when the reader of
// events goes idle or much has come together, so that a line is seen soon and a flood of lines
// costs few system calls.
#pragma once

#include <string>

#include "runtime/run.h"

namespace sonde::runtime {

class Signals;

class OutputFile {
 public:
  // Neither is owned; `signals` may be null (then a write is never given up).
  OutputFile(int fd, Buffering buffering, Signals* signals);

  // To be appended to; call event_done() after each event.
  std::string& text() { return text_; }

  // After each event: writes when much has come together, or always when unbuffered.
  void event_done() {
    if (buffering_ == Buffering::none || text_.size() >= flush_bytes) flush();
  }
  // Before the reader sleeps.
  void idle() {
    if (buffering_ != Buffering::full) flush();
  }
  // Writes everything. While events may still come, an end that is asked for interrupts the wait
  // for a slow reader: what is left stays in the buffer, so that detaching does not wait for it.
  void flush();

  // From here on flush() waits as long as it takes. Called when everything is detached.
  void wait_for_slow_reader() { may_give_up_ = false; }

  // 0, or the errno of the write that failed. Nothing is written any more after a failure.
  int error() const { return error_; }

  static constexpr std::size_t flush_bytes = 64 * 1024;

 private:
  bool wait_until_writable();

  int fd_;
  Buffering buffering_;
  Signals* signals_;
  std::size_t chunk_bytes_;  // most that one write takes; 0: no limit, and it never blocks for long
  std::string text_;
  int error_ = 0;
  bool may_give_up_ = true;
};

}  // namespace sonde::runtime
