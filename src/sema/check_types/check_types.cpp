// SPDX-License-Identifier: Apache-2.0
// Infers and checks all types; finds the fields of structs. The walk over the tree is in the
// other files of this folder, one per kind of construct.
#include "sema/check_types/checker.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

// A type only ever grows, by a few steps each; this is far above what a script can need.
constexpr int most_walks = 64;

void finish_maps(Script& script, diag::Diagnostics& diag) {
  for (Map& map : script.maps) {
    if (map.value) continue;
    map.value = script.types.error();
    diag.error(diag::DiagId::undefined_map, map.first_use, "Undefined map: {}", map.name)
        .hint("a map gets its type where it is assigned: `{} = count();`", map.name);
  }
}

}  // namespace

void check_types(Script& script, diag::Diagnostics& diagnostics) {
  for (int walk = 0; walk < most_walks; ++walk) {
    diag::Diagnostics silent;
    Checker checker{script, silent};
    for (const auto& probe : script.probes) checker.check_probe(*probe);
    if (!checker.changed) break;
  }
  finish_maps(script, diagnostics);
  Checker checker{script, diagnostics, true};
  for (const auto& probe : script.probes) checker.check_probe(*probe);
}

void Checker::check_probe(ResolvedProbe& p) {
  probe = &p;
  if (p.predicate) check_condition(p.predicate);
  check_block(*p.body);
}

}  // namespace sonde::sema
