// SPDX-License-Identifier: Apache-2.0
// The packets of skboutput, on their way from the perf buffers of the CPUs to files.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "image/image.h"
#include "runtime/pcap_file.h"

struct perf_buffer;

namespace sonde::runtime {

class Object;
class Reporter;

class Packets {
 public:
  // Null when the script sends none, or is not to run. All outlive it.
  static Result<std::unique_ptr<Packets>> open(const image::Image& image, const Object& object,
                                               Reporter& reporter);

  // Readable when there are packets.
  int fd() const;
  // Writes those that are there to their files.
  void take();
  // Once nothing is attached any more.
  void finish();

 private:
  explicit Packets(Reporter& reporter) : reporter_(reporter) {}
  static void take_one(void* self, int cpu, void* sample, std::uint32_t size);
  static void count_lost(void* self, int cpu, unsigned long long count);
  void add(std::span<const std::byte> sample);

  struct FreeBuffer {
    void operator()(perf_buffer* buffer) const;
  };

  Reporter& reporter_;
  std::unique_ptr<perf_buffer, FreeBuffer> buffer_;
  std::vector<PcapFile> files_;
  std::uint64_t boot_to_wall_ns_ = 0;
  std::uint64_t lost_ = 0;
  bool failed_ = false;  // a file cannot be written, which was reported
};

}  // namespace sonde::runtime
