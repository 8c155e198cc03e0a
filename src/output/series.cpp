// SPDX-License-Identifier: Apache-2.0
#include "output/series.h"

#include <algorithm>
#include <string_view>

#include "output/numbers.h"

namespace sonde::output {

namespace {

using image::ValueType;

constexpr std::size_t graph_width = 53;
constexpr std::size_t low_label_width = 21;
constexpr std::size_t time_width = 8;  // hh:mm:ss

// How exactly times are shown.
struct Unit {
  std::string_view name;
  std::string_view format;  // of strftime(), with its fractions
  std::size_t width;        // of the fraction
  std::size_t name_width;   // in columns
};

Unit unit_for(std::uint64_t step_ns) {
  if (step_ns >= 1'000'000'000) return {"", "%H:%M:%S", 0, 0};
  if (step_ns >= 1'000'000) return {".ms", "%H:%M:%S.%l", 4, 3};
  if (step_ns >= 1'000) return {".μs", "%H:%M:%S.%f", 7, 3};
  return {".ns", "%H:%M:%S.%k", 10, 3};
}

// The values at the left and right end of the graph.
struct Range {
  std::uint64_t low = 0, high = 0;
  bool is_signed = false;

  bool is_less(std::uint64_t a, std::uint64_t b) const {
    return is_signed ? static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b) : a < b;
  }
};

Range range_of(const ValueType& type, const std::vector<Point>& points) {
  Range range{points.front().value, points.front().value, type.is_signed};
  for (const Point& point : points) {
    if (range.is_less(point.value, range.low)) range.low = point.value;
    if (range.is_less(range.high, point.value)) range.high = point.value;
  }
  if (range.low != range.high) return range;
  const std::uint64_t least = type.is_signed ? static_cast<std::uint64_t>(INT64_MIN) : 0;
  const std::uint64_t greatest =
      type.is_signed ? static_cast<std::uint64_t>(INT64_MAX) : UINT64_MAX;
  if (range.low != least) --range.low;
  if (range.high != greatest) ++range.high;
  return range;
}

// Single precision, and this order of operations, are part of the format.
std::size_t column(float columns, std::uint64_t part, std::uint64_t whole) {
  const float place = columns * static_cast<float>(part) / static_cast<float>(whole);
  return std::min(static_cast<std::size_t>(place), graph_width - 1);
}

void append_scale(std::string& out, std::size_t indent, const Range& range) {
  out.append(indent, ' ');
  const std::size_t start = out.size();
  append_decimal(out, range.low, range.is_signed);
  out.resize(std::max(out.size(), start + low_label_width), ' ');
  std::string high;
  append_decimal(high, range.high, range.is_signed);
  const std::size_t width = graph_width - low_label_width;
  out.append(width - std::min(width, high.size()), ' ');
  out += high + '\n';
}

void append_rule(std::string& out, char ends) {
  out += ends;
  out.append(graph_width - 2, '_');
  out += ends;
  out += '\n';
}

// `point`: null where the interval has no sample.
void append_line(std::string& out, const Range& range, const Point* point) {
  std::string line(graph_width, ' ');
  line.front() = line.back() = '|';
  if (range.is_less(range.low, 0) && range.is_less(0, range.high))
    line[column(53.0F, 0 - range.low, range.high - range.low)] = '.';
  if (point) line[column(52.0F, point->value - range.low, range.high - range.low)] = '*';
  out += ' ' + line + ' ';
  if (point)
    append_decimal(out, point->value, range.is_signed);
  else
    out += '-';
  out += '\n';
}

}  // namespace

void append_series(std::string& out, const TextContext& context, const ValueType& type,
                   std::span<const std::byte> data, std::uint64_t newest) {
  const std::vector<Point> points = shown_points(type, data, newest);
  if (points.empty()) {
    out += "<no data>\n";
    return;
  }
  const std::uint64_t first = points.front().interval;
  const Range range = range_of(type, points);
  const Unit unit = unit_for(first == newest ? 0 : type.series_interval_ns);
  const std::size_t width = time_width + unit.width;
  append_scale(out, width + 1, range);
  out.append("hh:mm:ss").append(unit.name).append(width + 1 - time_width - unit.name_width, ' ');
  append_rule(out, '|');
  auto next = points.begin();
  for (std::uint64_t interval = first; interval <= newest; ++interval) {
    const std::uint64_t start_ns = interval * type.series_interval_ns;
    context.resolver.append_time(out, start_ns, image::Clock::tai, std::string(unit.format));
    const bool is_there = next != points.end() && next->interval == interval;
    append_line(out, range, is_there ? &*next++ : nullptr);
  }
  out.append(width + 1, ' ');
  append_rule(out, 'v');
  append_scale(out, width + 1, range);
}

}  // namespace sonde::output
