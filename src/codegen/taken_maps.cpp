// SPDX-License-Identifier: Apache-2.0
#include "codegen/taken_maps.h"

#include <algorithm>
#include <vector>

#include "ast/match.h"
#include "lang/builtins.h"

namespace sonde::codegen {

using namespace ast;
using image::Taking;
using lang::Builtin;

namespace {

// The calls that a block consists of; null for what is none.
std::vector<const Call*> calls_of(const BlockExpr& block) {
  std::vector<const Call*> calls;
  for (const Stmt* stmt : block.stmts) {
    const auto* only = as<ExprStmt>(stmt);
    calls.push_back(only ? as<Call>(only->expr) : nullptr);
  }
  calls.push_back(as<Call>(block.value));
  return calls;
}

// The whole map that is the first argument.
const sema::Map* map_of(const Call& call) {
  const auto* ref = call.args.empty() ? nullptr : as<MapRef>(call.args[0]);
  return ref && !ref->key ? ref->map : nullptr;
}

bool mentions(Node& node, const sema::Map& map) {
  const auto* ref = as<MapRef>(&node);
  bool found = ref && ref->map == &map;
  for_each_child(node, [&](auto* child) { found = found || mentions(*child, map); });
  return found;
}

bool is_done_by_reader(const Call& call) {
  return call.builtin && lang::row(*call.builtin).runs == lang::Runs::in_reader &&
         !lang::row(*call.builtin).ends_probe;
}

Taking taking_of(const Call& call) {
  if (call.builtin == Builtin::clear) return Taking::entries;
  if (call.builtin == Builtin::zero) return Taking::values;
  return Taking::nothing;
}

}  // namespace

void TakenMaps::walk(Node& node) {
  if (const auto* block = as<BlockExpr>(&node)) {
    const std::vector<const Call*> calls = calls_of(*block);
    look_at(calls);
    look_for_exit(calls);
  }
  for_each_child(node, [&](auto* child) { walk(*child); });
}

// From the exit() back to what may leave the block before it.
void TakenMaps::look_for_exit(const std::vector<const Call*>& calls) {
  const auto is_exit = [](const Call* call) { return call && call->builtin == Builtin::exit; };
  const auto exit = std::ranges::find_if(calls, is_exit);
  if (exit == calls.end()) return;
  for (auto call = exit; call != calls.begin() && *(call - 1); --call) last_.insert(*(call - 1));
}

void TakenMaps::look_at(const std::vector<const Call*>& calls) {
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const Call* print = calls[i];
    const sema::Map* map = print && print->builtin == Builtin::print ? map_of(*print) : nullptr;
    if (!map) continue;
    for (std::size_t j = i + 1; j < calls.size() && calls[j] && is_done_by_reader(*calls[j]); ++j) {
      const Call& next = *calls[j];
      const Taking taking = taking_of(next);
      if (taking != Taking::nothing && map_of(next) == map) {
        prints_[print] = taking;
        done_.insert(&next);
      }
      if (mentions(const_cast<Call&>(next), *map)) break;
    }
  }
}

}  // namespace sonde::codegen
