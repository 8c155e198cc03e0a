// SPDX-License-Identifier: Apache-2.0
// Infers and checks all types; finds the fields of structs. The walk over the tree is in the
// other files of this folder, one per kind of construct.
#include "base/text.h"
#include "sema/check_types/checker.h"
#include "sema/passes.h"

namespace sonde::sema {

namespace {

// A walk that changes anything makes a type larger, and a type has few sizes: this is far above
// what a script can need. A chain of assignments against their order takes a walk for each.
std::size_t most_walks(const Script& script) {
  std::size_t typed = script.maps.size();
  for (const auto& probe : script.probes) typed += probe->variables.size();
  return 16 + 8 * typed;
}

void infer(Script& script, bool takes_addresses) {
  for (std::size_t walk = 0; walk < most_walks(script); ++walk) {
    diag::Diagnostics silent;
    Checker checker{script, silent};
    checker.takes_addresses = takes_addresses;
    for (Map& map : script.maps) map.waits = false;
    for (const auto& probe : script.probes) checker.check_probe(*probe);
    if (!checker.changed) return;
  }
}

// What is known of the types answers questions about them, and the answers lead to more types.
// Addresses come last: what a pointer points to no longer changes its type.
void infer_with_answers(Script& script, diag::Diagnostics& diag) {
  for (const bool takes_addresses : {false, true}) {
    do infer(script, takes_addresses);
    while (answer_questions(script, diag));
  }
}

// What was never assigned holds zero; first where no type is waited for. A loop over what has no
// type was or will be reported.
void finish_variables(Script& script, bool waiting_too) {
  for (const auto& probe : script.probes)
    for (Variable& variable : probe->variables)
      if (!variable.type && (waiting_too || !variable.waits))
        variable.type = variable.is_loop_variable ? script.types.error() : script.types.int64();
}

// Whether the text assigns it, be it in a probe that was left out.
bool is_assigned(ast::Node& node, const std::string& name) {
  const auto is_target = [&](const ast::Expr* target) {
    const auto* ref = ast::as<ast::MapRef>(target);
    return ref && ref->name == name;
  };
  if (const auto* assign = ast::as<ast::Assign>(&node); assign && is_target(assign->target))
    return true;
  if (const auto* change = ast::as<ast::IncDec>(&node); change && is_target(change->target))
    return true;
  bool found = false;
  ast::for_each_child(node, [&](auto* child) { found = found || is_assigned(*child, name); });
  return found;
}

void report_undefined(const Script& script, const Map& map, diag::Diagnostics& diag) {
  auto report = diag.error(diag::DiagId::undefined_map, map.first_use,
                           "the map `{}` is never assigned", map.name);
  std::vector<std::string_view> names;
  for (const Map& other : script.maps)
    if (other.value) names.push_back(other.name);
  std::string_view candidate;
  if (map.name.size() > 3) candidate = nearest(map.name, std::span<const std::string_view>(names));
  report.suggest(candidate);
  if (candidate.empty())
    report.hint("a map gets its type where it is assigned: `{} = count();`", map.name);
}

void mark_used(ast::Node& node) {
  if (const auto* ref = ast::as<ast::MapRef>(&node); ref && ref->map) ref->map->is_used = true;
  ast::for_each_child(node, [](auto* child) { mark_used(*child); });
}

// `if comptime` may have left out what named a map, and so may a function that nothing calls.
void mark_used_maps(Script& script, bool uncalled_too) {
  for (Map& map : script.maps) map.is_used = false;
  for (const auto& probe : script.probes) {
    if (probe->is_uncalled && !uncalled_too) continue;
    if (probe->predicate) mark_used(*probe->predicate);
    mark_used(*probe->body);
  }
}

// Maps without a value that a message explains already are passed over.
void finish_maps(Script& script, diag::Diagnostics& diag) {
  mark_used_maps(script, true);
  std::vector<const Map*> undefined;
  for (Map& map : script.maps) {
    if (map.value || !map.is_used) continue;
    if (map.copied_from) {
      diag.error(diag::DiagId::aggregation_copy, map.copied_at,
                 "'{}' cannot be copied: nothing makes `{}` a map of numbers",
                 type_name(map.copied_from->value), map.name)
          .hint("a cast reads the number: `(int64){}`", map.copied_from->name);
      continue;
    }
    const bool assigned = is_assigned(*script.program, map.name);
    if (assigned && !diag.has_errors())
      diag.error(diag::DiagId::undefined_map, map.first_use,
                 "the type of `{}` is not known: nothing that is left assigns a value to it",
                 map.name);
    else if (!assigned && !script.has_unread_names)
      undefined.push_back(&map);
  }
  for (const Map* map : undefined) report_undefined(script, *map, diag);
  for (Map& map : script.maps)
    if (!map.value) map.value = script.types.error();
}

}  // namespace

void check_types(Script& script, diag::Diagnostics& diagnostics) {
  for (const bool waiting_too : {false, true}) {
    infer_with_answers(script, diagnostics);
    finish_variables(script, waiting_too);
  }
  infer_with_answers(script, diagnostics);
  finish_maps(script, diagnostics);
  infer_with_answers(script, diagnostics);
  mark_used_maps(script, false);
  Checker checker{script, diagnostics, true};
  for (const auto& probe : script.probes) checker.check_probe(*probe);
  check_map_declarations(script, diagnostics);
}

void Checker::check_probe(ResolvedProbe& p) {
  probe = &p;
  p.reads_record = false;
  for (Variable& variable : p.variables) variable.waits = false;
  if (p.predicate) check_condition(p.predicate);
  check_body(*p.body);
}

}  // namespace sonde::sema
