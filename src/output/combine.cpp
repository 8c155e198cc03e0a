// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "image/layout.h"
#include "output/numbers.h"
#include "output/series.h"
#include "output/text.h"

namespace sonde::output {

namespace {

using image::ValueKind;
using image::ValueType;

void store_u64(std::byte* data, std::uint64_t value) { std::memcpy(data, &value, sizeof value); }

// Counts, totals and buckets: sums of 64-bit numbers, wrapping as the kernel's part did.
void add(std::vector<std::byte>& whole, const std::byte* part) {
  for (std::size_t i = 0; i + 8 <= whole.size(); i += 8)
    store_u64(whole.data() + i, load_u64(whole.data() + i) + load_u64(part + i));
}

// min and max: a value and whether it was set.
void take_extreme(const ValueType& type, std::vector<std::byte>& whole, const std::byte* part) {
  if (load_u64(part + 8) == 0) return;
  const std::uint64_t best = load_u64(whole.data()), value = load_u64(part);
  const bool is_less = type.is_signed
                           ? static_cast<std::int64_t>(value) < static_cast<std::int64_t>(best)
                           : value < best;
  const bool is_first = load_u64(whole.data() + 8) == 0;
  if (is_first || (value != best && is_less == (type.kind == ValueKind::min)))
    store_u64(whole.data(), value);
  store_u64(whole.data() + 8, 1);
}

}  // namespace

std::vector<std::byte> combine(const ValueType& type, std::span<const std::byte> parts,
                               unsigned cpu_count) {
  const std::uint32_t size = stored_size(type);
  const std::size_t stride = image::align_up(size, 8);  // as the kernel hands per-CPU values out
  SONDE_ASSERT(cpu_count > 0 && parts.size() >= stride * cpu_count,
               "a per-CPU value has a part for every CPU");
  // What is no aggregation has no parts to combine; the first CPU's stands for all.
  if (!is_aggregation(type.kind)) return {parts.begin(), parts.begin() + size};
  std::vector<std::byte> whole(size);
  for (unsigned cpu = 0; cpu < cpu_count; ++cpu) {
    const std::byte* part = parts.data() + cpu * stride;
    if (type.kind == ValueKind::min || type.kind == ValueKind::max)
      take_extreme(type, whole, part);
    else if (type.kind == ValueKind::tseries)
      combine_series(type, whole, part);
    else
      add(whole, part);
  }
  return whole;
}

}  // namespace sonde::output
