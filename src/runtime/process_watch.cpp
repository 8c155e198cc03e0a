// SPDX-License-Identifier: Apache-2.0
#include "runtime/process_watch.h"

#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "runtime/attach/cpus.h"
#include "runtime/unwinding.h"

namespace sonde::runtime {

namespace {

constexpr std::size_t page_bytes = 4096;
constexpr std::size_t ring_bytes = 16 * page_bytes;  // a power of two
constexpr std::size_t mapped_bytes = page_bytes + ring_bytes;

// We are woken when so many bytes have come: at the latest by what a program without libraries maps
// when it is executed, but not by every thread that begins or ends.
constexpr std::uint32_t wakeup_bytes = 200;
// With stacks to unwind, by each record.
constexpr std::uint32_t wakeup_at_once = 1;

// How long others wait while the maps of old processes are read.
constexpr std::chrono::milliseconds slice{3};

template <typename T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

perf_event_attr watch_attributes(bool at_once) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_DUMMY;  // counts nothing
  attributes.sample_type = PERF_SAMPLE_TIME;
  attributes.sample_id_all = 1;  // every record ends in its time
  attributes.mmap = 1;           // what may be executed
  attributes.mmap2 = 1;
  attributes.task = 1;
  attributes.exclude_kernel = 1;
  attributes.watermark = 1;
  attributes.wakeup_watermark = at_once ? wakeup_at_once : wakeup_bytes;
  return attributes;
}

}  // namespace

ProcessWatch::~ProcessWatch() {
  for (const Ring& ring : rings_) ::munmap(ring.memory, mapped_bytes);
}

Status ProcessWatch::open_ring(int cpu) {
  perf_event_attr attributes = watch_attributes(unwinding_ != nullptr);
  Ring ring;
  ring.fd = UniqueFd(static_cast<int>(
      ::syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!ring.fd.valid()) return fail_errno(errno, "cannot follow what processes map");
  void* memory =
      ::mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd.get(), 0);
  if (memory == MAP_FAILED) return fail_errno(errno, "cannot follow what processes map");
  ring.memory = static_cast<std::byte*>(memory);
  rings_.push_back(std::move(ring));
  return {};
}

Status ProcessWatch::open() {
  SONDE_TRY(const std::vector<int> cpus, online_cpus());
  for (const int cpu : cpus) SONDE_CHECK(open_ring(cpu));
  symbols_.follow();
  return {};
}

std::vector<int> ProcessWatch::fds() const {
  std::vector<int> fds;
  for (const Ring& ring : rings_) fds.push_back(ring.fd.get());
  return fds;
}

// Copies the records out, so that those of several CPUs can be put in order.
void ProcessWatch::take(Ring& ring) {
  auto* page = reinterpret_cast<perf_event_mmap_page*>(ring.memory);
  const auto* data = reinterpret_cast<const char*>(ring.memory) + page_bytes;
  std::atomic_ref<std::remove_reference_t<decltype(page->data_head)>> head_at(page->data_head);
  std::atomic_ref<std::remove_reference_t<decltype(page->data_tail)>> tail_at(page->data_tail);
  const std::uint64_t head = head_at.load(std::memory_order_acquire);
  std::uint64_t tail = tail_at.load(std::memory_order_relaxed);
  if (head == tail) return;
  const auto copy = [&](std::uint64_t from, std::size_t size) {
    std::string bytes(size, '\0');
    const std::size_t at = from % ring_bytes, first = std::min(size, ring_bytes - at);
    std::memcpy(bytes.data(), data + at, first);
    std::memcpy(bytes.data() + first, data, size - first);
    return bytes;
  };
  while (tail + sizeof(perf_event_header) <= head) {
    const auto header = load<perf_event_header>(copy(tail, sizeof(perf_event_header)).data());
    if (header.size < sizeof header + sizeof(std::uint64_t)) break;
    std::string bytes = copy(tail, header.size);
    const auto time = load<std::uint64_t>(bytes.data() + bytes.size() - sizeof(std::uint64_t));
    records_.push_back({time, std::move(bytes)});
    tail += header.size;
  }
  tail_at.store(tail, std::memory_order_release);
}

void ProcessWatch::read() {
  for (Ring& ring : rings_) take(ring);
  if (records_.empty()) return;
  std::ranges::stable_sort(records_, {}, &Record::time);
  for (const Record& record : records_) tell(record);
  records_.clear();
}

// UAPI: include/uapi/linux/perf_event.h, PERF_RECORD_MMAP2, _FORK, _EXIT
void ProcessWatch::tell(const Record& record) {
  const auto header = load<perf_event_header>(record.bytes.data());
  const std::span<const char> body(record.bytes.data() + sizeof header,
                                   record.bytes.size() - sizeof header - sizeof record.time);
  switch (header.type) {
    case PERF_RECORD_MMAP2: return tell_mapping(body);
    case PERF_RECORD_LOST:
      if (unwinding_) unwinding_->missed();
      return symbols_.missed();
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT: {
      struct Task {
        std::uint32_t tgid, parent_tgid, tid, parent_tid;
      };
      if (body.size() < sizeof(Task)) return;
      const auto task = load<Task>(body.data());
      if (task.tgid != task.tid) return;  // a thread
      if (header.type == PERF_RECORD_FORK) return symbols_.forked(task.parent_tgid, task.tgid);
      return symbols_.ended(task.tgid);
    }
    default: return;
  }
}

void ProcessWatch::tell_mapping(std::span<const char> body) {
  struct Mapping {
    std::uint32_t tgid, tid;
    std::uint64_t address, length, file_offset;
    std::uint32_t major, minor;
    std::uint64_t inode, generation;
    std::uint32_t protection, flags;
  };
  if (body.size() <= sizeof(Mapping)) return;
  const auto mapping = load<Mapping>(body.data());
  const char* name = body.data() + sizeof mapping;
  symbols::Region region;
  region.start = mapping.address;
  region.end = mapping.address + mapping.length;
  region.file_offset = mapping.file_offset;
  region.file = {std::uint64_t{mapping.major} << 32 | mapping.minor, mapping.inode};
  region.path = symbols::code_path({name, ::strnlen(name, body.size() - sizeof mapping)});
  symbols_.mapped(mapping.tgid, std::move(region));
  if (unwinding_) unwinding_->mapped(mapping.tgid);
}

bool ProcessWatch::read_others(std::optional<std::uint32_t> only) {
  if (rings_.empty() || others_are_read_) return false;
  const auto end = std::chrono::steady_clock::now() + slice;
  while (std::chrono::steady_clock::now() < end)
    if (!symbols_.read_next(only)) {
      others_are_read_ = true;
      return false;
    }
  return true;
}

}  // namespace sonde::runtime
