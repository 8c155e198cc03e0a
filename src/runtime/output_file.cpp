// SPDX-License-Identifier: Apache-2.0
#include "runtime/output_file.h"

#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runtime/signals.h"

namespace sonde::runtime {

namespace {

// A pipe that polls as writable takes PIPE_BUF bytes without blocking (pipe(7)), not more. The
// descriptor is shared with whoever started us, so it cannot be made non-blocking.
std::size_t chunk_for(int fd) {
  struct stat info {};
  const bool may_block = ::fstat(fd, &info) == 0 &&
                         (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode) || ::isatty(fd) != 0);
  return may_block ? PIPE_BUF : 0;
}

}  // namespace

OutputFile::OutputFile(int fd, Buffering buffering, Signals* signals)
    : fd_(fd), buffering_(buffering), signals_(signals), chunk_bytes_(chunk_for(fd)) {}

// False when the end was asked for meanwhile.
bool OutputFile::wait_until_writable() {
  for (;;) {
    const bool watch = may_give_up_ && signals_ != nullptr;
    if (watch && signals_->end_requested()) return false;
    pollfd waited[2] = {{fd_, POLLOUT, 0}, {watch ? signals_->fd() : -1, POLLIN, 0}};
    if (::poll(waited, 2, -1) < 0 && errno != EINTR) return true;
    if (waited[1].revents != 0) signals_->read();
    if (waited[0].revents != 0) return true;
  }
}

void OutputFile::flush() {
  std::size_t written = 0;
  while (error_ == 0 && written < text_.size()) {
    if (chunk_bytes_ != 0 && !wait_until_writable()) break;
    const std::size_t left = text_.size() - written;
    const std::size_t size = chunk_bytes_ == 0 ? left : std::min(left, chunk_bytes_);
    const ssize_t n = ::write(fd_, text_.data() + written, size);
    if (n > 0) written += static_cast<std::size_t>(n);
    if (n < 0 && errno == EAGAIN && chunk_bytes_ == 0) chunk_bytes_ = PIPE_BUF;
    if (n < 0 && errno != EINTR && errno != EAGAIN) error_ = errno;
  }
  if (error_ != 0)
    text_.clear();
  else
    text_.erase(0, written);
}

}  // namespace sonde::runtime
