// SPDX-License-Identifier: Apache-2.0
// Reads the ring buffer of records, and sleeps when there is nothing to read. How the programs
// and the reader agree on wake-ups: image/layout.h, ReaderState.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"

struct ring_buffer;

namespace sonde::image {
struct ReaderState;
}

namespace sonde::runtime {

class Object;

// What is done with a record. `handle` gives false when the reader should pause.
struct RecordHandler {
  bool (*handle)(void* context, const std::byte* record, std::size_t size) = nullptr;
  void* context = nullptr;
};

class Reader {
 public:
  // Those of `wake_fds` end a sleep as well, and are not read. An object without a ring buffer is
  // fine: then there are no records. The object and the handler's context live as long as the
  // reader.
  static Result<std::unique_ptr<Reader>> open(const Object& object, std::span<const int> wake_fds,
                                              RecordHandler handler);
  ~Reader();

  enum class Found : unsigned char { nothing, records, more };
  // Hands out what is there; `more` when it paused, after many records or because it was told to.
  Found drain();
  // The same until the ring is empty; for the time after detaching, when nothing new comes. What
  // the handler says is ignored.
  void drain_all();
  // Throws everything away that lies in the ring now.
  void discard();

  // Sleeps as long as the last drain() allows: not at all after `more`, and not longer than the
  // protocol or `at_most_ms` (-1: no limit of the caller's) wants.
  void wait(Found found, int at_most_ms);

 private:
  enum class Mode : unsigned char { handle, handle_all, discard };

  explicit Reader(RecordHandler handler) : handler_(handler) {}
  Status map_state(int map_fd);
  Status watch(int fd, bool edge_triggered);
  static int take(void* self, void* record, std::size_t size);
  void consume_until_empty(Mode mode);
  bool is_empty() const;
  void set_wants_wakeup(bool wanted);

  struct FreeRing {
    void operator()(ring_buffer* ring) const;
  };

  RecordHandler handler_;
  UniqueFd epoll_;
  std::unique_ptr<ring_buffer, FreeRing> ring_;
  int ring_fd_ = -1;  // the object's
  image::ReaderState* state_ = nullptr;
  bool wants_wakeup_ = false;  // what we wrote last; a program may have cleared it since
  Mode mode_ = Mode::handle;
  std::uint32_t taken_ = 0;  // since the last pause
};

}  // namespace sonde::runtime
