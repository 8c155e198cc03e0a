// SPDX-License-Identifier: Apache-2.0
#include "parser/parser.h"

#include <algorithm>

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

}  // namespace sonde::parser
