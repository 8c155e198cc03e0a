// SPDX-License-Identifier: Apache-2.0
// The raw entries of a BPF map, as the kernel hands them out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/result.h"

namespace sonde::runtime {

// How large a map and its elements are for the system call.
struct RawLayout {
  std::uint32_t max_entries = 0;
  std::uint32_t key_bytes = 0;
  std::uint32_t value_bytes = 0;  // per-CPU maps: the parts of all possible CPUs
};

using EntryHandler = std::function<void(const std::byte* key, const std::byte* value)>;

// Hands out every entry of a hash or an array, many with one system call. An entry that is added
// or removed meanwhile may or may not be seen; none is seen twice, unless the kernel has no
// batches for this kind of map (hashes have them since Linux 5.6) and programs remove entries.
Status for_each_entry(int map_fd, const RawLayout& layout, const EntryHandler& handle);

// The same, and removes each entry in the moment in which it is read. The kernel has that for
// hashes since Linux 5.6; before, what a program changes between the two is lost.
Status take_each_entry(int map_fd, const RawLayout& layout, const EntryHandler& handle);

// The number of CPUs that per-CPU values have parts for.
unsigned possible_cpus();

}  // namespace sonde::runtime
