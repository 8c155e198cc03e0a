// SPDX-License-Identifier: Apache-2.0
#include "output/entries.h"
#include "output/histogram.h"
#include "output/json.h"
#include "output/series.h"

namespace sonde::output {

namespace {

using image::MapDesc;
using image::ValueKind;
using image::ValueType;

std::string_view message_type(ValueKind kind) {
  switch (kind) {
    case ValueKind::hist:
    case ValueKind::lhist: return "hist";
    case ValueKind::tseries: return "tseries";
    case ValueKind::avg:
    case ValueKind::stats: return "stats";
    default: return "map";
  }
}

void append_buckets(std::string& out, const ValueType& type, const std::byte* data,
                    std::uint64_t divisor) {
  out += '[';
  std::string_view separator = "{";
  for (const Bucket& bucket : shown_buckets(type, data, divisor)) {
    const BucketBounds bounds = bounds_of(type, bucket.index);
    out += separator;
    if (bounds.has_first) {
      out += "\"min\": ";
      append_json_integer(out, bounds.first, false);
      out += ", ";
    }
    if (bounds.has_last) {
      out += "\"max\": ";
      append_json_integer(out, bounds.last, !bounds.has_first);
      out += ", ";
    }
    out += "\"count\": ";
    append_json_integer(out, bucket.count, false);
    out += '}';
    separator = ",{";
  }
  out += ']';
}

void append_points(std::string& out, const TextContext& context, const ValueType& type,
                   std::span<const std::byte> data, std::uint64_t newest) {
  out += '[';
  std::string_view separator;
  for (const Point& point : shown_points(type, data, newest)) {
    out.append(separator).append("{\"interval_start\":\"");
    context.resolver.append_time(out, point.interval * type.series_interval_ns, image::Clock::tai,
                                 "%Y-%m-%d %H:%M:%S.%k");
    out += "\",\"value\":";
    append_json_integer(out, point.value, type.is_signed);
    out += '}';
    separator = ",";
  }
  out += ']';
}

void append_entry_value(std::string& out, const TextContext& context, const MapDesc& map,
                        std::span<const std::byte> value, std::uint64_t divisor,
                        std::uint64_t newest) {
  const ValueType& type = context.image.types[map.value];
  const std::byte* data = value.data();
  switch (type.kind) {
    case ValueKind::hist:
    case ValueKind::lhist: return append_buckets(out, type, data, divisor);
    case ValueKind::tseries: return append_points(out, context, type, value, newest);
    default: return append_json_stored(out, context, map.value, data, divisor);
  }
}

// The text of the key without blanks. Names of members are strings, whatever the key's type is.
void append_member_name(std::string& out, const TextContext& context, const MapDesc& map,
                        const std::vector<std::byte>& key) {
  std::string name;
  append_key(name, context, map, key);
  std::erase(name, ' ');
  append_json_string(out, name);
}

}  // namespace

void append_json_map(std::string& out, const TextContext& context, const MapDesc& map,
                     std::vector<MapEntry>& entries, const MapCut& cut) {
  if (entries.empty()) return;
  const ValueType& type = context.image.types[map.value];
  const std::uint64_t newest = newest_interval(type, entries);
  const bool is_keyed = map.key != image::no_type;
  out.append("{\"type\": \"").append(message_type(type.kind)).append("\", \"data\": {");
  append_json_string(out, map.name);
  out += is_keyed ? ": {" : ": ";
  std::string_view separator;
  for (const MapEntry& entry : shown_entries(context, map, entries, cut)) {
    out += separator;
    if (is_keyed) {
      append_member_name(out, context, map, entry.key);
      out += ": ";
    }
    append_entry_value(out, context, map, entry.value, cut.divisor, newest);
    separator = ", ";
  }
  out += is_keyed ? "}}}\n" : "}}\n";
}

}  // namespace sonde::output
