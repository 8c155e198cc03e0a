// SPDX-License-Identifier: Apache-2.0
#include "lang/map_kinds.h"

#include <cstddef>

namespace sonde::lang {

namespace {

constexpr MapKindRow rows[] = {
#define MAP_KIND(NAME, ...) MapKindRow{.name = #NAME, __VA_ARGS__},
#include "lang/map_kinds.def"
#undef MAP_KIND
};

}  // namespace

const MapKindRow& row(MapKind kind) { return rows[static_cast<std::size_t>(kind)]; }

std::span<const MapKindRow> map_kinds() { return rows; }

std::optional<MapKind> find_map_kind(std::string_view name) {
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (rows[i].name == name) return static_cast<MapKind>(i);
  return std::nullopt;
}

}  // namespace sonde::lang
