// SPDX-License-Identifier: Apache-2.0
// Reports constructs that are not supported yet (lang/planned.def). What depends on types is
// reported where the types are known.
#include "ast/match.h"
#include "sema/passes.h"
#include "sema/unsupported.h"

namespace sonde::sema {

void not_supported_yet(diag::Diagnostics& diagnostics, diag::Span span,
                       lang::Construct construct) {
  diagnostics.error(diag::DiagId::not_supported_yet, span, "{} is not supported yet",
                    lang::words(construct));
}

namespace {

using namespace ast;
using lang::Construct;

struct Rejection {
  diag::Diagnostics& diag;

  // Does not look below what it reports: one message for one construct.
  void visit(Node& node) {
    const auto reject = [&](Construct construct) { not_supported_yet(diag, node.span, construct); };
    const auto children = [&] {
      for_each_child(node, [this](auto* child) { visit(*child); });
    };
    match(
        node,
        [&](Macro&) { reject(Construct::macro); },
        [&](MapDecl&) { reject(Construct::map_declaration); },
        [&](Subprogram&) { reject(Construct::subprogram); },
        [&](RootImport&) { reject(Construct::import_file); },
        [&](ImportStmt&) { reject(Construct::import_file); },
        [&](CDefinition&) { reject(Construct::c_definition); },
        [&](ForMap&) { reject(Construct::for_map); },
        [&](RecordExpr&) { reject(Construct::record); },
        [&](SizeofExpr&) { reject(Construct::size_of); },
        [&](OffsetofExpr&) { reject(Construct::offset_of); },
        [&](TypeinfoExpr&) { reject(Construct::type_info); },
        [&](ComptimeExpr&) { reject(Construct::comptime); },
        [&](TypeArg&) { reject(Construct::type_of); },
        [&](TypeName& type) {
          if (type.of_expr || type.of_type)
            reject(Construct::type_of);
          else
            children();
        },
        [&](Unary& unary) {
          if (unary.op == UnaryOp::address_of)
            reject(Construct::address_of);
          else
            children();
        },
        [&](Node&) { children(); });
  }
};

}  // namespace

void reject_unsupported(Script& script, diag::Diagnostics& diagnostics) {
  Rejection{diagnostics}.visit(*script.program);
}

}  // namespace sonde::sema
