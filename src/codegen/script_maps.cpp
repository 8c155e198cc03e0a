// SPDX-License-Identifier: Apache-2.0
// The maps of the script.
#include <algorithm>

#include "codegen/image_types.h"
#include "codegen/module_builder.h"
#include "lang/map_kinds.h"

namespace sonde::codegen {

namespace {

using image::MapStorage;

// Elements with values above this are allocated when they are needed, not all when the map is
// made: 4096 histograms on every CPU would be megabytes.
constexpr std::uint32_t most_preallocated_bytes = 64;

struct Storage {
  MapStorage storage{};
  BpfMapType type{};
  BpfMapType evicting{};  // of a declared map that gives up keys
};
constexpr Storage storages[2][2] = {
    // without and with keys; one value, and one on each CPU
    {{MapStorage::scalar, BpfMapType::array, BpfMapType::array},
     {MapStorage::per_cpu_scalar, BpfMapType::per_cpu_array, BpfMapType::per_cpu_array}},
    {{MapStorage::hash, BpfMapType::hash, BpfMapType::lru_hash},
     {MapStorage::per_cpu_hash, BpfMapType::per_cpu_hash, BpfMapType::lru_per_cpu_hash}},
};
// Entries are points of series, with and without keys.
constexpr Storage points_storage = {MapStorage::per_cpu_points, BpfMapType::per_cpu_hash,
                                    BpfMapType::per_cpu_hash};

// Maps with fewer elements are made as fast as a thread is begun.
constexpr std::uint32_t many_elements = 1024;

// Points are allocated when they are needed; the table that finds them takes 16 bytes for each.
std::uint32_t room_for_points(const image::ValueType& series, std::uint32_t keys) {
  constexpr std::uint64_t most_points = 1U << 20;
  return static_cast<std::uint32_t>(
      std::min(std::uint64_t{series.series_points} * keys, most_points));
}

}  // namespace

llvm::GlobalVariable* ModuleBuilder::script_map(const sema::Map& map) {
  const auto known = map_indices_.find(&map);
  if (known != map_indices_.end())
    return module.getGlobalVariable(image.maps[known->second].elf_name);
  const image::ValueType value = image_type(*map.value);
  const bool has_points = image::is_long_series(value);
  const bool evicts = map.kind && lang::row(*map.kind).evicts;
  const Storage& storage =
      has_points ? points_storage : storages[map.key != nullptr][map.value->is_aggregation()];
  image::MapDesc desc;
  desc.name = map.name;
  desc.elf_name = mangle(map.name);
  desc.storage = storage.storage;
  desc.key = map.key ? type_index(map.key) : image::no_type;
  desc.value = type_index(map.value);
  desc.max_entries = room_for_keys(map);
  if (has_points) desc.max_entries = room_for_points(value, desc.max_entries);

  BpfMap bpf;
  bpf.elf_name = desc.elf_name;
  bpf.type = evicts ? storage.evicting : storage.type;
  bpf.max_entries = desc.max_entries;
  bpf.value_bytes = image::align_up(image::entry_size(value), 8);
  const bool is_slot = !map.key && !has_points;
  if (is_slot) {
    bpf.key_bytes = 4;
    bpf.value_bytes += sizeof(image::ScalarHeader);
  } else {
    bpf.key_bytes = map.key ? map.key->size_bytes : 0;
    if (has_points) bpf.key_bytes += sizeof(image::PointKey);
    // Maps that give up keys are preallocated or refused (kernel/bpf/hashtab.c).
    if (has_points || (bpf.value_bytes > most_preallocated_bytes && !evicts))
      bpf.flags = map_no_prealloc;
  }
  desc.made_early =
      bpf.type == BpfMapType::per_cpu_hash && bpf.flags == 0 && bpf.max_entries >= many_elements;
  if (swapped_.contains(&map)) {
    desc.swap_name = "SWAP_" + desc.elf_name;
    add_map({.elf_name = desc.swap_name,
             .type = BpfMapType::array_of_maps,
             .key_bytes = 4,
             .value_bytes = 4,
             .max_entries = 1});
  }
  image.maps.push_back(std::move(desc));
  map_indices_[&map] = static_cast<std::uint32_t>(image.maps.size() - 1);
  return add_map(std::move(bpf)).variable;
}

std::uint32_t ModuleBuilder::room_for_keys(const sema::Map& map) const {
  if (!map.key) return 1;
  if (map.max_entries != 0) return map.max_entries;
  const std::uint64_t most = script.config.number(lang::ConfigKey::max_map_keys);
  const auto known = key_counts_.find(&map);
  return static_cast<std::uint32_t>(known == key_counts_.end() ? most
                                                               : std::min(most, known->second));
}

llvm::GlobalVariable* ModuleBuilder::swap_of(const sema::Map& map) {
  const std::string& name = image.maps[map_index(map)].swap_name;
  return name.empty() ? nullptr : module.getGlobalVariable(name);
}

}  // namespace sonde::codegen
