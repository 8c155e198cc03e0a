// SPDX-License-Identifier: Apache-2.0
// Maps that the kernel takes long to make, made by a thread while the script is still compiled:
// large per-CPU hashes, whose elements are allocated one after the other (2.4 ms for 4096).
#pragma once

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "image/image.h"

struct bpf_object;

namespace sonde::runtime {

class EarlyMaps {
 public:
  // Begins with those that these tables call so; the first time that it is called.
  void begin(const image::Image& image);
  // Returns when all are made. No other thread runs then.
  void wait();
  // Gives an object that is not loaded yet those that are what it asks for; what could not be made
  // the load tries again, and tells why not.
  void give_to(bpf_object* object) const;

 private:
  struct Map {
    std::string elf_name;
    std::uint32_t key_bytes = 0;
    std::uint32_t value_bytes = 0;
    std::uint32_t max_entries = 0;
    UniqueFd fd;
  };

  std::vector<Map> maps_;
  std::jthread thread_;
};

}  // namespace sonde::runtime
