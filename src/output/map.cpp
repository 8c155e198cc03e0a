// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "image/layout.h"
#include "output/entries.h"
#include "output/histogram.h"
#include "output/series.h"
#include "output/text.h"
#include "output/value.h"

namespace sonde::output {

namespace {

using image::MapDesc;
using image::ValueKind;
using image::ValueType;

// An aggregation that takes several lines.
bool is_drawn(const ValueType& type) {
  return type.kind == ValueKind::hist || type.kind == ValueKind::lhist ||
         type.kind == ValueKind::tseries;
}

void append_drawn(std::string& out, const TextContext& context, const ValueType& type,
                  const MapEntry& entry, std::uint64_t divisor, std::uint64_t newest) {
  if (type.kind == ValueKind::tseries)
    append_series(out, context, type, entry.value, newest);
  else
    append_histogram(out, type, entry.value.data(), divisor);
}

void append_entry(std::string& out, const TextContext& context, const MapDesc& map,
                  const MapEntry& entry, std::uint64_t divisor, std::uint64_t newest = 0) {
  const ValueType& type = context.image.types[map.value];
  out += map.name;
  if (map.key != image::no_type) {
    out += '[';
    append_key(out, context, map, entry.key);
    out += ']';
  }
  if (is_drawn(type)) {
    out += ":\n";
    append_drawn(out, context, type, entry, divisor, newest);
  } else {
    out += ": ";
    append_stored(out, context, map.value, entry.value.data(), divisor);
  }
  out += '\n';
}

// The zero value of a stack has no frames; an id of 0 would be another one's stack.
void lose_stacks(const TextContext& context, image::TypeIndex index, std::byte* data) {
  const ValueType& type = context.image.types[index];
  if (type.kind == ValueKind::kstack || type.kind == ValueKind::ustack)
    std::memcpy(data, &image::lost_stack, sizeof image::lost_stack);
  for (const image::Element& element : type.elements)
    lose_stacks(context, element.type, data + element.offset_bytes);
}

void append_empty_scalar(std::string& out, const TextContext& context, const MapDesc& map) {
  const ValueType& type = context.image.types[map.value];
  if (is_drawn(type)) return;
  MapEntry zero;
  zero.value.resize(stored_size(type));
  lose_stacks(context, map.value, zero.value.data());
  append_entry(out, context, map, zero, 1);
}

}  // namespace

void append_map(std::string& out, const TextContext& context, const MapDesc& map,
                std::vector<MapEntry>& entries, const MapCut& cut) {
  if (entries.empty() && map.key == image::no_type && cut.show_empty_scalar)
    return append_empty_scalar(out, context, map);
  const std::uint64_t newest = newest_interval(context.image.types[map.value], entries);
  for (const MapEntry& entry : shown_entries(context, map, entries, cut))
    append_entry(out, context, map, entry, cut.divisor, newest);
}

}  // namespace sonde::output
