// SPDX-License-Identifier: Apache-2.0
// The points of a tseries() as they lie in maps: image/layout.h.
#include <algorithm>
#include <cstring>

#include "image/layout.h"
#include "output/numbers.h"
#include "output/series.h"

namespace sonde::output {

namespace {

using image::Reduction;
using image::ValueKind;
using image::ValueType;

struct StoredPoint {
  std::uint64_t time = 0;  // 0: no sample
  std::uint64_t value = 0;
  std::uint64_t count = 0;  // avg
};

StoredPoint load_point(const ValueType& type, const std::byte* data, std::uint32_t slot) {
  StoredPoint point;
  const std::uint32_t bytes = image::point_bytes(type.reduction);
  std::memcpy(&point, data + std::size_t{slot} * bytes, bytes);
  return point;
}

void store_point(const ValueType& type, std::byte* data, std::uint32_t slot,
                 const StoredPoint& point) {
  const std::uint32_t bytes = image::point_bytes(type.reduction);
  std::memcpy(data + std::size_t{slot} * bytes, &point, bytes);
}

// Of a long series only those are there that have a sample.
std::size_t point_count(const ValueType& type, std::span<const std::byte> data) {
  return data.size() / image::point_bytes(type.reduction);
}

bool is_less(const ValueType& type, std::uint64_t a, std::uint64_t b) {
  return type.is_signed ? static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b) : a < b;
}

// Two points of one interval.
StoredPoint combined(const ValueType& type, const StoredPoint& a, const StoredPoint& b) {
  StoredPoint both{std::max(a.time, b.time), a.value + b.value, a.count + b.count};
  switch (type.reduction) {
    case Reduction::sum:
    case Reduction::avg: break;
    case Reduction::last: both.value = a.time > b.time ? a.value : b.value; break;
    case Reduction::min: both.value = is_less(type, b.value, a.value) ? b.value : a.value; break;
    case Reduction::max: both.value = is_less(type, a.value, b.value) ? b.value : a.value; break;
  }
  return both;
}

}  // namespace

void combine_series(const ValueType& type, std::vector<std::byte>& whole, const std::byte* part) {
  const auto interval_of = [&](const StoredPoint& point) {
    return point.time / type.series_interval_ns;
  };
  for (std::uint32_t slot = 0; slot < type.series_points; ++slot) {
    const StoredPoint known = load_point(type, whole.data(), slot);
    const StoredPoint point = load_point(type, part, slot);
    if (point.time == 0 || (known.time != 0 && interval_of(point) < interval_of(known))) continue;
    // What the slot held before the newer interval is over.
    const bool is_newer = known.time == 0 || interval_of(point) > interval_of(known);
    store_point(type, whole.data(), slot, is_newer ? point : combined(type, known, point));
  }
}

std::uint64_t newest_interval(const ValueType& type, std::span<const MapEntry> entries) {
  std::uint64_t newest = 0;
  if (type.kind != ValueKind::tseries) return newest;
  for (const MapEntry& entry : entries)
    for (std::uint32_t slot = 0; slot < point_count(type, entry.value); ++slot)
      newest = std::max(newest, load_point(type, entry.value.data(), slot).time);
  return newest / type.series_interval_ns;
}

std::vector<Point> shown_points(const ValueType& type, std::span<const std::byte> data,
                                std::uint64_t newest) {
  std::vector<Point> points;
  for (std::uint32_t slot = 0; slot < point_count(type, data); ++slot) {
    const StoredPoint point = load_point(type, data.data(), slot);
    const std::uint64_t interval = point.time / type.series_interval_ns;
    if (point.time == 0 || interval + type.series_points <= newest) continue;
    const bool is_average = type.reduction == Reduction::avg;
    points.push_back(
        {interval, is_average ? divide(point.value, point.count, type.is_signed) : point.value});
  }
  std::ranges::sort(points, {}, &Point::interval);
  return points;
}

}  // namespace sonde::output
