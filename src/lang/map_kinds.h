// SPDX-License-Identifier: Apache-2.0
// The table of the kinds of maps. A row is in map_kinds.def.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "lang/ids.h"

namespace sonde::lang {

struct MapKindRow {
  std::string_view name;
  bool per_cpu = false;  // holds aggregations; otherwise anything else
  bool evicts = false;   // a full map gives up its least recently used key
  std::string_view summary;
};

const MapKindRow& row(MapKind kind);
std::span<const MapKindRow> map_kinds();
std::optional<MapKind> find_map_kind(std::string_view name);

}  // namespace sonde::lang
