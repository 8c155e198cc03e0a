// SPDX-License-Identifier: Apache-2.0
#include "sema/passes.h"

#include "ast/ops.h"

namespace sonde::sema {

namespace {

constexpr PassRow rows[] = {
#define PASS(NAME, SUMMARY) {#NAME, SUMMARY, NAME},
#include "sema/passes.def"
#undef PASS
};

}  // namespace

std::span<const PassRow> passes() { return rows; }

bool run_passes(Script& script, diag::Diagnostics& diagnostics, const PassObserver& observer) {
  for (const PassRow& pass : rows) {
    const auto start = std::chrono::steady_clock::now();
    pass.run(script, diagnostics);
    if (observer) observer(pass.name, std::chrono::steady_clock::now() - start);
  }
  return !diagnostics.has_errors();
}

std::string print_script(const Script& script) {
  const ast::Annotate types = [](const ast::Expr& expr) {
    return expr.type ? " : " + type_name(expr.type) : std::string();
  };
  if (script.probes.empty()) return ast::print(*script.program, types);
  std::string out;
  for (const auto& probe : script.probes) {
    out += (probe->is_uncalled ? "function " : "probe ") + probe->name + "\n";
    if (probe->predicate) out += ast::print(*probe->predicate, types);
    out += ast::print(*probe->body, types);
  }
  for (const Map& map : script.maps) {
    if (!map.value || !map.is_used) continue;
    out += "map " + map.name;
    if (map.key) out += "[" + type_name(map.key) + "]";
    out += " : " + type_name(map.value) + "\n";
  }
  return out;
}

}  // namespace sonde::sema
