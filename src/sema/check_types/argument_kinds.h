// SPDX-License-Identifier: Apache-2.0
// An argument that may be of several kinds, which a signature cannot say. Private to this folder.
#pragma once

#include <initializer_list>
#include <string_view>

#include "ast/nodes.h"
#include "sema/type.h"

namespace sonde::sema {

struct Checker;

// The type of an argument that must be of one of these kinds, described by `words`; null while it
// is not known, `error` when it was reported.
const Type* check_kind(Checker& c, const ast::Call& call, ast::Expr* argument,
                       std::string_view name, std::initializer_list<TypeKind> kinds,
                       std::string_view words);

}  // namespace sonde::sema
