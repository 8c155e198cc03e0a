// SPDX-License-Identifier: Apache-2.0
// Reads the C text of the script, which may define types, enumerators and macros.
#include "ast/match.h"
#include "sema/passes.h"

namespace sonde::sema {

void read_c_text(Script& script, diag::Diagnostics& diagnostics) {
  std::vector<ctext::Piece> pieces;
  for (const ast::Item* item : script.program->items)
    if (const auto* definition = ast::as<ast::CDefinition>(item))
      pieces.push_back({definition->text, definition->span});
  if (pieces.empty() && script.c_options.include_files.empty()) return;
  script.c_options.architecture = script.target.architecture();
  script.c_options.release = script.target.release();
  auto c_text = ctext::read_c_text(pieces, script.c_options, script.target.btf(), diagnostics);
  // What it would have defined is missed later.
  if (!c_text) script.has_unread_names = true;
  script.type_sources.set_c_text(std::move(c_text));
}

}  // namespace sonde::sema
