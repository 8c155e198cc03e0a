// SPDX-License-Identifier: Apache-2.0
// Functions that nothing calls are checked like the bodies of probes, and take no other part in
// the script. What depends on the probe that would call them is not known, so it is not checked.
#include <algorithm>

#include "ast/match.h"
#include "sema/passes.h"

namespace sonde::sema {

void add_uncalled(Script& script, diag::Diagnostics&) {
  for (ast::Item* item : script.program->items) {
    const auto* function = ast::as<ast::Subprogram>(item);
    if (!function) continue;
    auto probe = std::make_unique<ResolvedProbe>();
    probe->is_uncalled = true;
    probe->name = function->name;
    probe->places.push_back({.name = function->name});
    probe->body = function->body;
    script.probes.push_back(std::move(probe));
  }
}

void remove_uncalled(Script& script, diag::Diagnostics&) {
  std::erase_if(script.probes, [](const auto& probe) { return probe->is_uncalled; });
}

}  // namespace sonde::sema
