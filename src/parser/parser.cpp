// SPDX-License-Identifier: Apache-2.0
#include "parser/parser.h"

#include <algorithm>

#include "ast/match.h"
#include "diag/diagnostics.h"
#include "diag/source_map.h"
#include "parser/builder.h"
#include "parser/scanner.h"

namespace sonde::parser {

namespace {

// Other files may have been read with the same diagnostics before.
bool has_errors_since(const diag::Diagnostics& diagnostics, std::size_t start) {
  const auto is_error = [](const diag::Diagnostic& d) {
    return d.severity == diag::Severity::error;
  };
  return std::any_of(diagnostics.all().begin() + static_cast<std::ptrdiff_t>(start),
                     diagnostics.all().end(), is_error);
}

void move_to(ast::Node& node, diag::Span span) {
  node.span = span;
  if (auto* field = ast::as<ast::FieldRef>(&node)) field->field_span = span;
  ast::for_each_child(node, [span](auto* child) { move_to(*child, span); });
}

}  // namespace

ast::Program* parse(diag::FileId file, const diag::SourceMap& sources,
                    std::span<const std::string> params, Arena& arena,
                    diag::Diagnostics& diagnostics, std::vector<diag::Span>* tokens) {
  const std::string_view text = sources.text(file);
  const std::size_t reported = diagnostics.all().size();
  Scanner scanner(file, text, params, diagnostics);
  scanner.hand_out(tokens);
  Builder builder(arena, diagnostics);
  if (Grammar(scanner, builder).parse() != 0) return nullptr;
  if (has_errors_since(diagnostics, reported)) return nullptr;
  return builder.program({file, 0, static_cast<std::uint32_t>(text.size())});
}

// As the trailing expression of a block that has nothing else.
ast::Expr* parse_expression(std::string_view text, diag::Span span, Arena& arena) {
  const std::string script = "begin { " + std::string(text) + " }";
  diag::Diagnostics unseen;
  Scanner scanner(span.file, script, {}, unseen);
  Builder builder(arena, unseen);
  if (Grammar(scanner, builder).parse() != 0 || unseen.has_errors()) return nullptr;
  const ast::Program* program = builder.program({});
  if (!program || program->items.size() != 1) return nullptr;
  const auto* probe = ast::as<ast::Probe>(program->items[0]);
  if (!probe || !probe->body->stmts.empty() || !probe->body->value) return nullptr;
  move_to(*probe->body->value, span);
  return probe->body->value;
}

}  // namespace sonde::parser
