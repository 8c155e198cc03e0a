// SPDX-License-Identifier: Apache-2.0
#include "runtime/reader.h"

#include <bpf/libbpf.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>

#include "image/layout.h"
#include "runtime/object.h"

namespace sonde::runtime {

namespace {

// How soon we look again while records come. A user does not see this delay; the programs are
// spared the wake-up, which is 97 % of what a record costs.
constexpr int look_again_ms = 10;
// Longest sleep: a program may have read wants_wakeup just before we set it, and committed its
// record, without a wake-up, just after we looked for the last time.
constexpr int longest_sleep_ms = 100;
// Records between two pauses, so that signals and failures are seen while records pour in.
constexpr std::uint32_t records_per_pause = 4096;
// A program that another CPU still runs holds its record back for microseconds, not for this.
constexpr int patience_ms = 100;

int shorter_ms(int a, int b) { return a < 0 ? b : b < 0 ? a : std::min(a, b); }

}  // namespace

void Reader::FreeRing::operator()(ring_buffer* ring) const { ring_buffer__free(ring); }

Reader::~Reader() {
  if (state_ != nullptr) ::munmap(state_, sizeof *state_);
}

Result<std::unique_ptr<Reader>> Reader::open(const Object& object, std::span<const int> wake_fds,
                                             RecordHandler handler) {
  std::unique_ptr<Reader> reader(new Reader(handler));
  reader->epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (!reader->epoll_.valid()) return fail_errno(errno, "cannot wait for events");
  for (const int fd : wake_fds) SONDE_CHECK(reader->watch(fd, false));
  reader->ring_fd_ = object.map_fd(image::events_map);
  if (reader->ring_fd_ < 0) return reader;
  reader->ring_.reset(ring_buffer__new(reader->ring_fd_, take, reader.get(), nullptr));
  if (reader->ring_ == nullptr) return fail_errno(errno, "cannot map the ring buffer");
  SONDE_CHECK(reader->watch(reader->ring_fd_, true));
  if (const int fd = object.map_fd(image::reader_section); fd >= 0)
    SONDE_CHECK(reader->map_state(fd));
  return reader;
}

// libbpf makes maps of data sections mappable (BPF_F_MMAPABLE, since Linux 5.5).
Status Reader::map_state(int map_fd) {
  void* memory = ::mmap(nullptr, sizeof *state_, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
  if (memory == MAP_FAILED) return fail_errno(errno, "cannot map the state of the reader");
  state_ = static_cast<image::ReaderState*>(memory);
  return {};
}

Status Reader::watch(int fd, bool edge_triggered) {
  epoll_event event{};
  // The ring is readable whenever records lie in it, also those that must not wake us: only the
  // edge, which is the program's wake-up, counts.
  event.events = edge_triggered ? EPOLLIN | EPOLLET : EPOLLIN;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return fail_errno(errno, "cannot wait for events");
  return {};
}

// libbpf's callback for a record. A negative number pauses; the record counts as read.
int Reader::take(void* self, void* record, std::size_t size) {
  auto& reader = *static_cast<Reader*>(self);
  if (reader.mode_ == Mode::discard) return 0;
  const bool go_on =
      reader.handler_.handle(reader.handler_.context, static_cast<std::byte*>(record), size);
  ++reader.taken_;
  if (reader.mode_ == Mode::handle_all) return 0;
  return go_on && reader.taken_ < records_per_pause ? 0 : -EAGAIN;
}

Reader::Found Reader::drain() {
  if (ring_ == nullptr) return Found::nothing;
  mode_ = Mode::handle;
  taken_ = 0;
  if (ring_buffer__consume(ring_.get()) < 0) return Found::more;
  return taken_ == 0 ? Found::nothing : Found::records;
}

bool Reader::is_empty() const {
  pollfd ring{ring_fd_, POLLIN, 0};
  return ::poll(&ring, 1, 0) == 0;
}

void Reader::consume_until_empty(Mode mode) {
  if (ring_ == nullptr) return;
  mode_ = mode;
  for (int tries = 0; tries < patience_ms; ++tries) {
    ring_buffer__consume(ring_.get());
    if (is_empty()) return;
    ::usleep(1000);
  }
}

void Reader::drain_all() { consume_until_empty(Mode::handle_all); }

void Reader::discard() { consume_until_empty(Mode::discard); }

void Reader::set_wants_wakeup(bool wanted) {
  // Sequentially consistent: the look at the ring that follows must not come before it.
  std::atomic_ref(state_->wants_wakeup).store(wanted ? 1 : 0, std::memory_order_seq_cst);
  wants_wakeup_ = wanted;
}

void Reader::wait(Found found, int at_most_ms) {
  int sleep_ms = shorter_ms(at_most_ms, longest_sleep_ms);
  if (ring_ == nullptr) sleep_ms = at_most_ms;
  if (found == Found::more) sleep_ms = 0;
  if (state_ != nullptr && found == Found::records) {
    if (wants_wakeup_) set_wants_wakeup(false);
    sleep_ms = shorter_ms(sleep_ms, look_again_ms);
  }
  if (state_ != nullptr && found == Found::nothing && !wants_wakeup_) {
    set_wants_wakeup(true);
    return;  // one more look, for what came before the programs could see that
  }
  std::array<epoll_event, 2> events;
  ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), sleep_ms);
}

}  // namespace sonde::runtime
