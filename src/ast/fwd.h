// SPDX-License-Identifier: Apache-2.0
// The names of all nodes, for headers that only pass them on.
#pragma once

#include <cstdint>

namespace sonde::sema {
struct Type;
struct Variable;
struct Map;
struct FieldAccess;
struct ForeignFunction;
}  // namespace sonde::sema

namespace sonde::ast {

struct Node;
struct Expr;
struct Stmt;
struct Item;
#define NODE(NAME, GROUP) struct NAME;
#include "ast/nodes.def"
#undef NODE

enum class NodeKind : std::uint8_t {
#define NODE(NAME, GROUP) NAME,
#include "ast/nodes.def"
#undef NODE
};

}  // namespace sonde::ast
