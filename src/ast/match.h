// SPDX-License-Identifier: Apache-2.0
// Dispatch on the kind of a node, and the operations made from nodes.def and `fields`.
// For .cpp files: every use instantiates code for all nodes.
#pragma once

#include <type_traits>
#include <utility>

#include "ast/nodes.h"
#include "base/arena.h"
#include "base/assert.h"

namespace sonde::ast {

template <typename... Arms>
struct Overload : Arms... {
  using Arms::operator()...;
};

// `match(node, [](Binary& b) {…}, [](Call& c) {…}, [](Node&) {…})`: a switch over the kind.
// Without the last arm a forgotten node is a compile error that names it.
template <typename N, typename... Arms>
decltype(auto) match(N& node, Arms&&... arms) {
  Overload<std::decay_t<Arms>...> visit{std::forward<Arms>(arms)...};
  switch (node.kind) {
#define NODE(NAME, GROUP)                                                                         \
  case NodeKind::NAME:                                                                            \
    if constexpr (std::is_base_of_v<std::remove_const_t<N>, NAME>)                                \
      return visit(static_cast<std::conditional_t<std::is_const_v<N>, const NAME, NAME>&>(node)); \
    break;
#include "ast/nodes.def"
#undef NODE
  }
  SONDE_UNREACHABLE("a node has a kind that is not of its group");
}

// The node as a `T`, or null when it is something else (or null).
template <typename T>
T* as(Node* node) {
  return node && node->kind == T::node_kind ? static_cast<T*>(node) : nullptr;
}
template <typename T>
const T* as(const Node* node) {
  return node && node->kind == T::node_kind ? static_cast<const T*>(node) : nullptr;
}

template <typename T>
concept NodePointer = std::is_pointer_v<T> && std::is_base_of_v<Node, std::remove_pointer_t<T>>;

template <typename T>
inline constexpr bool is_node_list = false;
template <NodePointer T>
inline constexpr bool is_node_list<std::vector<T>> = true;

// Calls `visit(slot)` for the slot of every present child, in source order. A slot is a
// reference to the typed pointer, so a pass replaces a child by assigning to it.
template <typename Visit>
void for_each_child(Node& node, Visit&& visit) {
  const auto visit_field = [&](auto& field) {
    using Field = std::remove_reference_t<decltype(field)>;
    if constexpr (NodePointer<Field>) {
      if (field) visit(field);
    } else if constexpr (is_node_list<Field>) {
      for (auto& slot : field) visit(slot);
    }
  };
  match(node, [&](auto& n) {
    std::apply([&](auto... members) { (visit_field(n.*members), ...); },
               std::remove_reference_t<decltype(n)>::fields);
  });
}

// A new node; `values` are its fields in order.
template <typename T, typename... Values>
T* make(Arena& arena, diag::Span span, Values&&... values) {
  T* node = arena.make<T>();
  node->kind = T::node_kind;
  node->span = span;
  static_assert(sizeof...(Values) == std::tuple_size_v<decltype(T::fields)>,
                "one value for each field of the node");
  std::apply([&](auto... members) { ((node->*members = std::forward<Values>(values)), ...); },
             T::fields);
  return node;
}

}  // namespace sonde::ast
