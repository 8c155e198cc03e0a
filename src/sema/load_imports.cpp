// SPDX-License-Identifier: Apache-2.0
// Puts what imported files hold in the place of `import`.
#include <algorithm>

#include "ast/match.h"
#include "sema/modules.h"
#include "sema/passes.h"
#include "sema/unstable.h"

namespace sonde::sema {

namespace {

using namespace ast;
using lang::ConfigKey;

struct ImportLoad {
  Script& script;
  diag::Diagnostics& diag;
  std::vector<Item*> items = {};  // of imports inside of blocks

  void add(const std::string& path, diag::Span place, std::vector<Item*>& out) {
    if (!script.modules) return;
    const std::size_t reported = diag.all().size();
    std::ranges::copy(script.modules->import(path, place, diag), std::back_inserter(out));
    // What it would have defined is missed everywhere.
    if (diag.all().size() != reported) script.has_unread_names = true;
  }

  void visit_statement(const ImportStmt& stmt) {
    check_unstable(script, diag, ConfigKey::unstable_import_statement, "`import` inside of a block",
                   stmt.span);
    add(stmt.path, stmt.span, items);
  }

  void visit(Node& node) {
    if (auto* block = as<BlockExpr>(&node))
      std::erase_if(block->stmts, [&](const Stmt* stmt) {
        const auto* import = as<ImportStmt>(stmt);
        if (import) visit_statement(*import);
        return import != nullptr;
      });
    for_each_child(node, [this](auto* child) { visit(*child); });
  }
};

}  // namespace

void load_imports(Script& script, diag::Diagnostics& diagnostics) {
  ImportLoad load{script, diagnostics};
  std::vector<Item*> items;
  for (Item* item : script.program->items) {
    if (const auto* import = as<RootImport>(item))
      load.add(import->path, import->span, items);
    else
      items.push_back(item);
  }
  for (std::size_t i = 0; i < items.size(); ++i) load.visit(*items[i]);
  items.insert(items.end(), load.items.begin(), load.items.end());
  script.program->items = std::move(items);
}

}  // namespace sonde::sema
