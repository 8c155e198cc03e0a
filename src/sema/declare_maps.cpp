// SPDX-License-Identifier: Apache-2.0
// Takes the kind and the size of each declared map. Whether the kind suits what the map holds is
// known when the types are (check_types).
#include <algorithm>

#include "ast/match.h"
#include "base/text.h"
#include "lang/map_kinds.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

using diag::DiagId;

std::vector<std::string_view> kind_names() {
  std::vector<std::string_view> names;
  for (const lang::MapKindRow& row : lang::map_kinds()) names.push_back(row.name);
  return names;
}

void report_kind(const ast::MapDecl& decl, diag::Diagnostics& diag) {
  const auto names = kind_names();
  auto report = diag.error(DiagId::bad_map_declaration, decl.span, "there is no kind of map `{}`",
                           decl.map_kind);
  report.suggest(nearest(decl.map_kind, std::span<const std::string_view>(names)));
  std::string list;
  for (const std::string_view name : names)
    list += (list.empty() ? "`" : ", `") + std::string(name) + "`";
  report.hint("the kinds are {}", list);
}

bool check_size(const ast::MapDecl& decl, diag::Diagnostics& diag) {
  // The definition of a map says it as the length of an array of int, of which the kernel wants
  // the size to fit 32 bits (kernel/bpf/btf.c, btf_array_resolve).
  constexpr std::uint64_t most = (1U << 30) - 1;
  if (decl.max_entries != 0 && decl.max_entries <= most) return true;
  diag.error(DiagId::bad_map_declaration, decl.span, "a map has room for 1 to {} entries, not {}",
             most, decl.max_entries);
  return false;
}

void declare(Script& script, const ast::MapDecl& decl, diag::Diagnostics& diag) {
  const auto known = std::ranges::find(script.maps, decl.map, &Map::name);
  if (known != script.maps.end()) {
    diag.error(DiagId::redefinition, decl.span, "the map `{}` is declared twice", decl.map)
        .label(known->declared_at, "the first time")
        .hint("leave one of the declarations out");
    return;
  }
  Map& map = script.maps.emplace_back();
  map.name = decl.map;
  map.declared_at = decl.span;
  map.kind = lang::find_map_kind(decl.map_kind);
  if (!map.kind) report_kind(decl, diag);
  if (check_size(decl, diag)) map.max_entries = static_cast<std::uint32_t>(decl.max_entries);
}

}  // namespace

void declare_maps(Script& script, diag::Diagnostics& diagnostics) {
  for (ast::Item* item : script.program->items)
    if (const auto* decl = ast::as<ast::MapDecl>(item)) declare(script, *decl, diagnostics);
}

}  // namespace sonde::sema
