// SPDX-License-Identifier: Apache-2.0
// Histograms as text. Which values a bucket counts is in buckets.cpp.
#include "output/histogram.h"

#include <algorithm>

#include "image/layout.h"
#include "output/numbers.h"

namespace sonde::output {

namespace {

using image::ValueKind;
using image::ValueType;

constexpr std::size_t header_width = 16;
constexpr std::size_t count_width = 8;
constexpr std::size_t bar_width = 52;

// --- hist: 2^bits buckets for each power of two -----------------------------------------------

// The j-th label, with a suffix for every ten doublings.
void append_log_label(std::string& out, std::uint32_t j, std::uint32_t bits) {
  const std::uint32_t per_group = 1U << bits;
  if (j <= 2 * per_group) return append_decimal(out, j, false);
  const std::uint32_t power = (j >> bits) - 1;
  const std::uint32_t decade = power / 10;
  const std::uint64_t step = std::uint64_t{1} << (power % 10);
  append_decimal(out, step * (per_group + (j & (per_group - 1))), false);
  if (decade > 0) out += "KMGTPE"[decade - 1];
}

// Bucket 0 holds negative values, bucket i those from label i-1 up to label i.
void append_log_header(std::string& out, std::uint32_t bucket, std::uint32_t bits) {
  if (bucket == 0) {
    out += "(..., 0)";
    return;
  }
  out += '[';
  append_log_label(out, bucket - 1, bits);
  const bool holds_one_value = bucket <= 2U << bits;
  if (!holds_one_value) {
    out += ", ";
    append_log_label(out, bucket, bits);
  }
  out += holds_one_value ? ']' : ')';
}

// --- lhist: equal steps -----------------------------------------------------------------------

// Numbers get a suffix only when every label can have one.
void append_linear_label(std::string& out, std::uint64_t value, std::uint64_t step) {
  constexpr std::uint64_t kilo = 1024, mega = 1024 * 1024;
  const bool scaled = value != 0 && step % kilo == 0;
  if (scaled && value % mega == 0) {
    append_decimal(out, value / mega, false);
    out += 'M';
  } else if (scaled && value % kilo == 0) {
    append_decimal(out, value / kilo, false);
    out += 'K';
  } else {
    append_decimal(out, value, false);
  }
}

void append_linear_header(std::string& out, std::uint32_t bucket, const ValueType& type) {
  if (bucket == 0) {
    out += "(..., ";
    append_linear_label(out, type.lhist_min, type.lhist_step);
    out += ')';
    return;
  }
  const std::uint64_t lower = type.lhist_min + (bucket - 1) * type.lhist_step;
  out += '[';
  append_linear_label(out, lower, type.lhist_step);
  if (bucket == bucket_count(type) - 1) {
    out += ", ...)";
  } else if (type.lhist_step == 1) {
    out += ']';
  } else {
    out += ", ";
    append_linear_label(out, lower + type.lhist_step, type.lhist_step);
    out += ')';
  }
}

// --- lines ------------------------------------------------------------------------------------

// `%-16s%8llu |%-52s|`
void append_line(std::string& out, const ValueType& type, std::uint32_t bucket, std::uint64_t count,
                 std::uint64_t greatest) {
  const std::size_t header = out.size();
  if (type.kind == ValueKind::hist)
    append_log_header(out, bucket, type.hist_bits);
  else
    append_linear_header(out, bucket, type);
  out.resize(std::max(out.size(), header + header_width), ' ');

  const std::size_t number = out.size();
  append_decimal(out, count, false);
  const std::size_t digits = out.size() - number;
  if (digits < count_width) out.insert(number, count_width - digits, ' ');

  // Single precision and this order of operations: the length of a bar is part of the format.
  const float share =
      greatest == 0 ? 0.0F : static_cast<float>(count) / static_cast<float>(greatest);
  const auto length = static_cast<std::size_t>(share * static_cast<float>(bar_width));
  out += " |";
  out.append(length, '@');
  out.append(bar_width - std::min(length, bar_width), ' ');
  out += "|\n";
}

}  // namespace

void append_histogram(std::string& out, const ValueType& type, const std::byte* data,
                      std::uint64_t divisor) {
  std::uint64_t greatest = 0;
  const std::vector<Bucket> buckets = shown_buckets(type, data, divisor);
  for (const Bucket& bucket : buckets) greatest = std::max(greatest, bucket.count);
  for (const Bucket& bucket : buckets) append_line(out, type, bucket.index, bucket.count, greatest);
}

}  // namespace sonde::output
