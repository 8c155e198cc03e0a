// SPDX-License-Identifier: Apache-2.0
#include "runtime/early_maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "image/layout.h"

namespace sonde::runtime {

void EarlyMaps::begin(const image::Image& image) {
  if (!maps_.empty()) return;
  for (const image::MapDesc& map : image.maps) {
    if (!map.made_early) continue;
    maps_.push_back({.elf_name = map.elf_name,
                     .key_bytes = image.types[map.key].size_bytes,
                     .value_bytes = image::align_up(image::entry_size(image.types[map.value]), 8),
                     .max_entries = map.max_entries});
  }
  if (maps_.empty()) return;
  thread_ = std::jthread([this] {
    for (Map& map : maps_)
      map.fd = UniqueFd(bpf_map_create(BPF_MAP_TYPE_PERCPU_HASH, map.elf_name.c_str(),
                                       map.key_bytes, map.value_bytes, map.max_entries, nullptr));
  });
}

void EarlyMaps::wait() {
  if (thread_.joinable()) thread_.join();
}

void EarlyMaps::give_to(bpf_object* object) const {
  for (const Map& made : maps_) {
    bpf_map* map = bpf_object__find_map_by_name(object, made.elf_name.c_str());
    // Where the object declares something else, the load makes that.
    const bool fits = map != nullptr && made.fd.valid() &&
                      bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_HASH &&
                      bpf_map__map_flags(map) == 0 && bpf_map__key_size(map) == made.key_bytes &&
                      bpf_map__value_size(map) == made.value_bytes &&
                      bpf_map__max_entries(map) == made.max_entries;
    if (fits) bpf_map__reuse_fd(map, made.fd.get());
  }
}

}  // namespace sonde::runtime
