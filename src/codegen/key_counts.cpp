// SPDX-License-Identifier: Apache-2.0
#include "codegen/key_counts.h"

#include <algorithm>
#include <limits>

#include "ast/match.h"
#include "lang/builtins.h"

namespace sonde::codegen {

using namespace ast;

namespace {

// What a map can have at most, whatever its keys are; products stay far from overflow.
constexpr std::uint64_t any_number = std::numeric_limits<std::uint32_t>::max();

class KeyCounts {
 public:
  void walk(const sema::ResolvedProbe& probe) {
    probe_names_ = std::max<std::size_t>(probe.places.size(), 1);
    if (probe.predicate) walk(*probe.predicate);
    walk(*probe.body);
  }

  std::map<const sema::Map*, std::uint64_t> counts;

 private:
  void walk(Node& node) {
    if (const auto* ref = as<MapRef>(&node); ref && ref->key) add(*ref->map, count(*ref->key));
    // Who has a map's address may add keys of its own.
    if (const auto* unary = as<Unary>(&node); unary && unary->op == UnaryOp::address_of)
      if (const auto* ref = as<MapRef>(unary->operand)) add(*ref->map, any_number);
    for_each_child(node, [&](auto* child) { walk(*child); });
  }

  void add(const sema::Map& map, std::uint64_t keys) {
    std::uint64_t& known = counts[&map];
    known = std::min(known + keys, any_number);
  }

  // How many values an expression can have.
  std::uint64_t count(const Expr& key) const {
    if (as<IntegerLiteral>(&key) || as<StringLiteral>(&key) || as<BooleanLiteral>(&key)) return 1;
    if (const auto* call = as<Call>(&key); call && call->builtin == lang::Builtin::probe)
      return probe_names_;
    const auto* tuple = as<TupleExpr>(&key);
    if (!tuple) return any_number;
    std::uint64_t product = 1;
    for (const Expr* element : tuple->elements)
      product = std::min(product * count(*element), any_number);
    return product;
  }

  std::uint64_t probe_names_ = 1;  // of the probe that is walked through
};

}  // namespace

std::map<const sema::Map*, std::uint64_t> find_key_counts(const sema::Script& script) {
  KeyCounts keys;
  for (const auto& probe : script.probes) keys.walk(*probe);
  std::erase_if(keys.counts, [](const auto& map) { return map.second == any_number; });
  return keys.counts;
}

}  // namespace sonde::codegen
