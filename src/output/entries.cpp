// SPDX-License-Identifier: Apache-2.0
#include "output/entries.h"

#include "base/assert.h"
#include "image/layout.h"
#include "output/order.h"

namespace sonde::output {

namespace {

// Whoever prints follows offsets into the entries without looking at their sizes again.
void check_sizes(const TextContext& context, const image::MapDesc& map,
                 const std::vector<MapEntry>& entries) {
  const std::size_t value_size = entry_size(context.image.types[map.value]);
  const std::size_t key_size =
      map.key == image::no_type ? 0 : context.image.types[map.key].size_bytes;
  for (const MapEntry& entry : entries)
    SONDE_ASSERT(entry.key.size() >= key_size && entry.value.size() >= value_size,
                 "entries of maps are read completely");
}

}  // namespace

std::span<const MapEntry> shown_entries(const TextContext& context, const image::MapDesc& map,
                                        std::vector<MapEntry>& entries, const MapCut& cut) {
  check_sizes(context, map, entries);
  sort_entries(context, map, entries);
  const std::size_t shown = cut.top != 0 && cut.top < entries.size() ? cut.top : entries.size();
  return std::span(entries).last(shown);
}

void append_key(std::string& out, const TextContext& context, const image::MapDesc& map,
                const std::vector<std::byte>& key) {
  const std::size_t start = out.size();
  append_value(out, context, map.key, key.data());
  if (out.size() - start < 2 || out[start] != '(' || out.back() != ')') return;
  out.pop_back();
  out.erase(start, 1);
}

}  // namespace sonde::output
