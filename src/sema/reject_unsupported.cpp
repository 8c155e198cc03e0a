// SPDX-License-Identifier: Apache-2.0
// Reports constructs that are not supported yet (lang/planned.def). What depends on types is
// reported where the types are known.
#include "ast/match.h"
#include "sema/passes.h"
#include "sema/unsupported.h"

namespace sonde::sema {

void not_supported_yet(diag::Diagnostics& diagnostics, diag::Span span, lang::Construct construct) {
  diagnostics.error(diag::DiagId::not_supported_yet, span, "{} is not supported yet",
                    lang::words(construct));
}

namespace {

using namespace ast;
using lang::Construct;

struct Rejection {
  Script& script;
  diag::Diagnostics& diag;

  // Does not look below what it reports: one message for one construct.
  void visit(Node& node) {
    const auto reject = [&](Construct construct) { not_supported_yet(diag, node.span, construct); };
    // The names that these would define are missed later.
    const auto reject_source = [&](Construct construct) {
      script.has_unread_names = true;
      reject(construct);
    };
    const auto children = [&] { for_each_child(node, [this](auto* child) { visit(*child); }); };
    match(
        node, [&](RootImport&) { reject_source(Construct::import_file); },
        [&](ImportStmt&) { reject_source(Construct::import_file); }, [&](Node&) { children(); });
  }
};

}  // namespace

void reject_unsupported(Script& script, diag::Diagnostics& diagnostics) {
  Rejection{script, diagnostics}.visit(*script.program);
}

}  // namespace sonde::sema
