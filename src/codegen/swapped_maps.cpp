// SPDX-License-Identifier: Apache-2.0
#include "codegen/swapped_maps.h"

#include "ast/match.h"
#include "codegen/image_types.h"
#include "image/layout.h"
#include "lang/builtins.h"

namespace sonde::codegen {

using namespace ast;
using lang::Builtin;

namespace {

class Uses {
 public:
  void walk(Node& node) {
    const auto* call = as<Call>(&node);
    const auto* assign = as<Assign>(&node);
    const auto* ref = as<MapRef>(&node);
    if (ref) read.insert(ref->map);
    const MapRef* other = call ? handed_to_reader(*call) : assign ? added_to(*assign) : nullptr;
    if (other && call && call->builtin != Builtin::print) emptied.insert(other->map);
    for_each_child(node, [&](auto* child) {
      if (static_cast<const Node*>(child) != other)
        walk(*child);
      else if (other->key)
        walk(*other->key);
    });
  }

  std::set<const sema::Map*> emptied;
  std::set<const sema::Map*> read;  // by programs

 private:
  // print(@m), clear(@m), zero(@m)
  static const MapRef* handed_to_reader(const Call& call) {
    const bool is_handed = call.builtin == Builtin::print || call.builtin == Builtin::clear ||
                           call.builtin == Builtin::zero;
    const auto* ref = is_handed && !call.args.empty() ? as<MapRef>(call.args[0]) : nullptr;
    return ref && !ref->key ? ref : nullptr;
  }
  // @m = count()
  static const MapRef* added_to(const Assign& assign) {
    const auto* ref = as<MapRef>(assign.target);
    const bool adds =
        ref && as<Call>(assign.value) && ref->map->value && ref->map->value->is_aggregation();
    return adds ? ref : nullptr;
  }
};

}  // namespace

std::set<const sema::Map*> find_swapped_maps(const sema::Script& script) {
  Uses uses;
  for (const auto& probe : script.probes) {
    if (probe->predicate) uses.walk(*probe->predicate);
    uses.walk(*probe->body);
  }
  std::erase_if(uses.emptied, [&](const sema::Map* map) {
    const bool goes_on = !map->key && image::is_additive(image_type(*map->value).kind);
    return !map->is_used || (goes_on && !uses.read.contains(map));
  });
  return uses.emptied;
}

}  // namespace sonde::codegen
