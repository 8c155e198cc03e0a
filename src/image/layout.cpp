// SPDX-License-Identifier: Apache-2.0
#include "image/layout.h"

#include <algorithm>

#include "base/assert.h"

namespace sonde::image {

bool is_aggregation(ValueKind kind) {
  switch (kind) {
    case ValueKind::count:
    case ValueKind::sum:
    case ValueKind::min:
    case ValueKind::max:
    case ValueKind::avg:
    case ValueKind::stats:
    case ValueKind::hist:
    case ValueKind::lhist:
    case ValueKind::tseries: return true;
    default: return false;
  }
}

bool is_additive(ValueKind kind) {
  switch (kind) {
    case ValueKind::count:
    case ValueKind::sum:
    case ValueKind::avg:
    case ValueKind::stats:
    case ValueKind::hist:
    case ValueKind::lhist: return true;
    default: return false;
  }
}

// The greatest index is that of 2^64 - 1. Its highest bit is 63, so with l = 63 - bits it is
// ((l + 1) << bits) + (2^bits - 1) + 1; the number of buckets is one more.
std::uint32_t hist_bucket_count(std::uint32_t bits) { return ((65 - bits) << bits) + 1; }

// A step that does not divide the range leaves its rest to the last bucket.
std::uint32_t lhist_bucket_count(std::uint64_t min, std::uint64_t max, std::uint64_t step) {
  SONDE_ASSERT(step != 0 && max >= min, "bounds of lhist are checked before they are used");
  return static_cast<std::uint32_t>((max - min) / step + 2);
}

std::uint32_t bucket_count(const ValueType& type) {
  if (type.kind == ValueKind::hist) return hist_bucket_count(type.hist_bits);
  SONDE_ASSERT(type.kind == ValueKind::lhist, "only histograms have buckets");
  return lhist_bucket_count(type.lhist_min, type.lhist_max, type.lhist_step);
}

std::uint32_t point_bytes(Reduction reduction) { return reduction == Reduction::avg ? 24 : 16; }

std::uint32_t longest_whole_series(Reduction reduction) {
  constexpr std::uint32_t most_bytes = 32 * 1024;
  return (most_bytes - sizeof(ScalarHeader)) / point_bytes(reduction);
}

bool is_long_series(const ValueType& type) {
  return type.kind == ValueKind::tseries &&
         type.series_points > longest_whole_series(type.reduction);
}

std::uint32_t stored_size(const ValueType& type) {
  switch (type.kind) {
    case ValueKind::boolean:
    case ValueKind::integer:
    case ValueKind::pointer:
    case ValueKind::count:
    case ValueKind::sum: return 8;
    case ValueKind::min:
    case ValueKind::max:
    case ValueKind::avg:
    case ValueKind::stats: return 16;
    case ValueKind::hist:
    case ValueKind::lhist: return 8 * bucket_count(type);
    case ValueKind::tseries: return type.series_points * point_bytes(type.reduction);
    default: return type.size_bytes;
  }
}

std::uint32_t entry_size(const ValueType& type) {
  return is_long_series(type) ? point_bytes(type.reduction) : stored_size(type);
}

std::uint32_t alignment_of(const ValueType& type, const std::vector<ValueType>& types) {
  switch (type.kind) {
    case ValueKind::none:
    case ValueKind::boolean:
    // What is a row of bytes to the language.
    case ValueKind::string:
    case ValueKind::buffer:
    case ValueKind::usym:
    case ValueKind::inet:
    case ValueKind::mac:
    case ValueKind::timestamp:
    case ValueKind::cgroup_path: return 1;
    case ValueKind::integer: return std::max(type.size_bytes, 1U);
    case ValueKind::array:
    case ValueKind::tuple:
    case ValueKind::record: break;
    default: return 8;  // all others are, or start with, a 64-bit number
  }
  std::uint32_t alignment = 1;
  for (const Element& element : type.elements)
    alignment = std::max(alignment, alignment_of(types[element.type], types));
  return alignment;
}

std::uint32_t lay_out(std::vector<EventField>& fields, std::uint32_t start,
                      const std::vector<ValueType>& types) {
  std::uint32_t offset = start;
  for (EventField& field : fields) {
    const ValueType& type = types[field.type];
    offset = align_up(offset, alignment_of(type, types));
    field.offset_bytes = offset;
    offset += is_aggregation(type.kind) ? stored_size(type) : type.size_bytes;
  }
  return offset;
}

}  // namespace sonde::image
