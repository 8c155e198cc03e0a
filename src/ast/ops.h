// SPDX-License-Identifier: Apache-2.0
// Operations on whole trees.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "ast/fwd.h"
#include "diag/span.h"

namespace sonde {
class Arena;
}

namespace sonde::ast {

// A deep copy without what sema found.
Node* clone(const Node& node, Arena& arena);
template <typename T>
T* clone_as(const T& node, Arena& arena) {
  return static_cast<T*>(clone(node, arena));
}

// Gives every place of the tree to `replace`.
void respan(Node& node, const std::function<diag::Span(diag::Span)>& replace);

// Passes over the tree are recursive, so a deeper one could end the process. With sanitizers 8 MiB
// of stack are used up at 450 levels.
constexpr std::size_t maximum_depth = 400;

struct Extent {
  std::size_t nodes = 0;
  std::size_t depth = 0;           // levels below the root
  const Node* too_deep = nullptr;  // the first below maximum_depth
};
// Not recursive: for trees of any depth.
Extent extent_of(const Node& root);

// Same kinds and fields, wherever they stand.
bool equal(const Node& a, const Node& b);

// One line per node, children indented by two blanks: `Binary +`. `annotate` may add text
// behind an expression, such as its type.
using Annotate = std::function<std::string(const Expr&)>;
std::string print(const Node& node, const Annotate& annotate = {});

}  // namespace sonde::ast
