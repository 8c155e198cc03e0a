// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "image/layout.h"
#include "output/histogram.h"
#include "output/numbers.h"

namespace sonde::output {

namespace {

using image::ValueKind;
using image::ValueType;

// Where bucket j of hist() ends and the next begins. The first 2·2^bits bounds are the numbers
// themselves; from there on each group of 2^bits has steps twice as wide as the one before. The
// last bound is 2^64, which is 0 here.
std::uint64_t log_bound(std::uint32_t j, std::uint32_t bits) {
  const std::uint32_t per_group = 1U << bits;
  if (j <= 2 * per_group) return j;
  const std::uint32_t power = (j >> bits) - 1;
  if (power == 64) return 0;
  return std::uint64_t{per_group + (j & (per_group - 1))} << power;
}

BucketBounds log_bounds(const ValueType& type, std::uint32_t bucket) {
  if (bucket == 0) return {.has_first = false, .last = log_bound(0, type.hist_bits) - 1};
  return {.first = log_bound(bucket - 1, type.hist_bits),
          .last = log_bound(bucket, type.hist_bits) - 1};
}

BucketBounds linear_bounds(const ValueType& type, std::uint32_t bucket) {
  if (bucket == 0) return {.has_first = false, .last = type.lhist_min - 1};
  const std::uint64_t first = type.lhist_min + (bucket - 1) * type.lhist_step;
  const bool is_last = bucket == bucket_count(type) - 1;
  return {.has_last = !is_last, .first = first, .last = first + type.lhist_step - 1};
}

}  // namespace

BucketBounds bounds_of(const ValueType& type, std::uint32_t bucket) {
  return type.kind == ValueKind::hist ? log_bounds(type, bucket) : linear_bounds(type, bucket);
}

std::vector<Bucket> shown_buckets(const ValueType& type, const std::byte* data,
                                  std::uint64_t divisor) {
  if (type.kind == ValueKind::lhist) divisor = 1;
  const std::uint32_t count = bucket_count(type);
  std::uint32_t first = count, end = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (load_u64(data + 8 * i) == 0) continue;
    first = std::min(first, i);
    end = i + 1;
  }
  std::vector<Bucket> buckets;
  for (std::uint32_t i = first; i < end; ++i)
    buckets.push_back({i, divide(load_u64(data + 8 * i), divisor, false)});
  return buckets;
}

}  // namespace sonde::output
