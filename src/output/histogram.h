// SPDX-License-Identifier: Apache-2.0
// Private to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "image/image.h"

namespace sonde::output {

struct Bucket {
  std::uint32_t index = 0;
  std::uint64_t count = 0;  // divided
};

// Those from the first to the last that is not empty; `data` holds bucket_count(type) counts.
// Counts of hist() are divided, those of lhist() are not. Buckets that only the division empties
// stay.
std::vector<Bucket> shown_buckets(const image::ValueType& type, const std::byte* data,
                                  std::uint64_t divisor);

// The values that a bucket counts: from `first` to `last`, or without one of these bounds.
struct BucketBounds {
  bool has_first = true, has_last = true;
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // where there is no first, it may be negative
};
BucketBounds bounds_of(const image::ValueType& type, std::uint32_t bucket);

// One line per shown bucket.
void append_histogram(std::string& out, const image::ValueType& type, const std::byte* data,
                      std::uint64_t divisor);

}  // namespace sonde::output
