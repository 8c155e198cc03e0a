// SPDX-License-Identifier: Apache-2.0
// Whether declared maps are used, and as what they are declared.
#include "lang/map_kinds.h"
#include "sema/check_types/checker.h"

namespace sonde::sema {

namespace {

void check_kind(const Map& map, diag::Diagnostics& diag) {
  const lang::MapKindRow& declared = lang::row(*map.kind);
  const bool per_cpu = map.value->is_aggregation();
  if (per_cpu == declared.per_cpu) return;
  const std::string type = type_name(map.value);
  auto report =
      per_cpu
          ? diag.error(diag::DiagId::bad_map_declaration, map.typed_at,
                       "`{}` is a '{}' map, which has one value for all CPUs: '{}' is kept per CPU",
                       map.name, declared.name, type)
          : diag.error(diag::DiagId::bad_map_declaration, map.typed_at,
                       "`{}` is a '{}' map, which is for aggregations: '{}' is none", map.name,
                       declared.name, type);
  report.label(map.declared_at, "declared here");
  for (const lang::MapKindRow& other : lang::map_kinds())
    if (other.per_cpu == per_cpu && other.evicts == declared.evicts)
      report.hint("declare it as `let {} = {}({})`", map.name, other.name, map.max_entries);
}

}  // namespace

void check_map_declarations(const Script& script, diag::Diagnostics& diag) {
  for (const Map& map : script.maps) {
    if (!map.declared_at.known()) continue;
    if (!map.is_used)
      diag.warning(diag::DiagId::unused_map, map.declared_at, "the map `{}` is not used", map.name)
          .hint("leave the declaration out");
    else if (map.kind && !map.value->is_error())
      check_kind(map, diag);
  }
}

}  // namespace sonde::sema
