// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "image/layout.h"
#include "output/histogram.h"
#include "output/order.h"
#include "output/text.h"
#include "output/value.h"

namespace sonde::output {

namespace {

using image::MapDesc;
using image::ValueKind;
using image::ValueType;

bool is_histogram(const ValueType& type) {
  return type.kind == ValueKind::hist || type.kind == ValueKind::lhist;
}

// A key that prints in parentheses loses them: `@m[1, x]`.
void append_key(std::string& out, const TextContext& context, const MapDesc& map,
                const std::vector<std::byte>& key) {
  const std::size_t start = out.size();
  append_value(out, context, map.key, key.data());
  if (out.size() - start < 2 || out[start] != '(' || out.back() != ')') return;
  out.pop_back();
  out.erase(start, 1);
}

void append_entry(std::string& out, const TextContext& context, const MapDesc& map,
                  const MapEntry& entry, std::uint64_t divisor) {
  const ValueType& type = context.image.types[map.value];
  out += map.name;
  if (map.key != image::no_type) {
    out += '[';
    append_key(out, context, map, entry.key);
    out += ']';
  }
  if (is_histogram(type)) {
    out += ":\n";
    append_histogram(out, type, entry.value.data(), divisor);
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
  if (is_histogram(type)) return;
  MapEntry zero;
  zero.value.resize(stored_size(type));
  lose_stacks(context, map.value, zero.value.data());
  append_entry(out, context, map, zero, 1);
}

// Everything below follows offsets into the entries without looking at their sizes again.
void check_sizes(const TextContext& context, const MapDesc& map,
                 const std::vector<MapEntry>& entries) {
  const std::size_t value_size = stored_size(context.image.types[map.value]);
  const std::size_t key_size =
      map.key == image::no_type ? 0 : context.image.types[map.key].size_bytes;
  for (const MapEntry& entry : entries)
    SONDE_ASSERT(entry.key.size() >= key_size && entry.value.size() >= value_size,
                 "entries of maps are read completely");
}

}  // namespace

void append_map(std::string& out, const TextContext& context, const MapDesc& map,
                std::vector<MapEntry>& entries, const MapCut& cut) {
  if (entries.empty() && map.key == image::no_type && cut.show_empty_scalar)
    return append_empty_scalar(out, context, map);
  check_sizes(context, map, entries);
  sort_entries(context, map, entries);
  const std::size_t skipped =
      cut.top != 0 && cut.top < entries.size() ? entries.size() - cut.top : 0;
  for (std::size_t i = skipped; i < entries.size(); ++i)
    append_entry(out, context, map, entries[i], cut.divisor);
}

}  // namespace sonde::output
