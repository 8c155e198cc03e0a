// SPDX-License-Identifier: Apache-2.0
#include "runtime/packets.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "image/layout.h"
#include "runtime/object.h"
#include "runtime/reporter.h"
#include "runtime/time_text.h"

namespace sonde::runtime {

namespace {

// Of 4 KiB, for each CPU: a power of two.
constexpr std::size_t pages_per_cpu = 64;

}  // namespace

void Packets::FreeBuffer::operator()(perf_buffer* buffer) const { perf_buffer__free(buffer); }

Result<std::unique_ptr<Packets>> Packets::open(const image::Image& image, const Object& object,
                                               Reporter& reporter) {
  if (image.packet_files.empty() || reporter.options().dry_run) return nullptr;
  std::unique_ptr<Packets> packets(new Packets(reporter));
  for (const std::string& path : image.packet_files) {
    SONDE_TRY(PcapFile file, PcapFile::create(path));
    packets->files_.push_back(std::move(file));
  }
  packets->boot_to_wall_ns_ = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
  packets->buffer_.reset(perf_buffer__new(object.map_fd(image::packets_map), pages_per_cpu,
                                          take_one, count_lost, packets.get(), nullptr));
  if (packets->buffer_ == nullptr) return fail_errno(errno, "cannot map the buffers for packets");
  return packets;
}

int Packets::fd() const { return perf_buffer__epoll_fd(buffer_.get()); }

void Packets::take_one(void* self, int, void* sample, std::uint32_t size) {
  static_cast<Packets*>(self)->add({static_cast<const std::byte*>(sample), size});
}

void Packets::count_lost(void* self, int, unsigned long long count) {
  static_cast<Packets*>(self)->lost_ += count;
}

// The kernel pads samples, so the header says where the packet ends.
void Packets::add(std::span<const std::byte> sample) {
  image::PacketHeader header;
  if (sample.size() < sizeof header) return;
  std::memcpy(&header, sample.data(), sizeof header);
  sample = sample.subspan(sizeof header);
  if (header.file >= files_.size()) return;
  sample = sample.first(std::min<std::size_t>(sample.size(), header.captured_bytes));
  const std::size_t skipped = std::min<std::size_t>(sample.size(), header.offset_bytes);
  const std::uint32_t rest =
      header.packet_bytes - std::min(header.packet_bytes, header.offset_bytes);
  files_[header.file].add(header.boot_ns + boot_to_wall_ns_, sample.subspan(skipped), rest);
}

void Packets::take() {
  perf_buffer__consume(buffer_.get());
  for (PcapFile& file : files_)
    if (const Status status = file.write(); !status && !failed_) {
      failed_ = true;
      reporter_.error({}, status.error().message);
    }
}

void Packets::finish() {
  take();
  if (lost_ != 0)
    reporter_.warning({}, "Packets lost because they came too fast: " + std::to_string(lost_));
}

}  // namespace sonde::runtime
