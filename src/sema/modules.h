// SPDX-License-Identifier: Apache-2.0
// Where a script's other texts come from: imported files and the library of macros. Finding and
// parsing them is the work of whoever implements this (src/modules); what they mean is sema's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ast/fwd.h"
#include "diag/diagnostics.h"
#include "diag/span.h"

namespace sonde::sema {

struct ForeignFunction;
struct ForeignObject;

class Modules {
 public:
  virtual ~Modules() = default;

  // The library's macros of that name, in the order of their definition; parsed when they are
  // first asked for.
  virtual const std::vector<ast::Macro*>& library_macros(std::string_view name) = 0;
  // For suggestions.
  virtual std::vector<std::string_view> library_names() const = 0;

  // The files that `import "path";` at `place` names, each once per script: the items that take
  // the import's place. Reports what cannot be used.
  virtual std::vector<ast::Item*> import(std::string_view path, diag::Span place,
                                         diag::Diagnostics& diagnostics) = 0;

  // What imported C files define, and what is to be linked therefore.
  virtual const ForeignFunction* find_foreign(std::string_view name) const = 0;
  virtual std::vector<const ForeignObject*> objects() const = 0;
};

}  // namespace sonde::sema
