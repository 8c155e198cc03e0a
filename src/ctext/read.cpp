// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "ctext/clang.h"
#include "ctext/ctext.h"
#include "ctext/declarations.h"
#include "ctext/finish.h"
#include "ctext/preprocessor.h"

namespace sonde::ctext {

namespace {

using diag::DiagId;

// The reader of our own.
Parsed<std::unique_ptr<CText>> read_by_ourselves(std::span<const Piece> pieces,
                                                 const Options& options, const target::Btf* kernel,
                                                 diag::Diagnostics& diagnostics) {
  if (!options.include_files.empty()) return beyond({}, "`--include`");
  std::vector<std::string> predefined;
  if (kernel) predefined.emplace_back(have_btf_macro);
  Preprocessor preprocessor(std::move(predefined));
  std::vector<Token> tokens;
  for (const Piece& piece : pieces) {
    SONDE_TRY(std::vector<Token> own, preprocessor.read(piece.text, piece.span));
    tokens.insert(tokens.end(), own.begin(), own.end());
    // The language does not want the `;` behind a definition.
    const diag::Span end{piece.span.file, piece.span.end, piece.span.end};
    if (!own.empty()) tokens.push_back({TokenKind::mark, ";", end});
  }
  SONDE_CHECK(preprocessor.finish());
  CTypes types(kernel, options.architecture);
  Declarations declarations{types, {}, {}};
  SONDE_CHECK(read_declarations(tokens, declarations));
  auto result = finish(types.builder(), declarations.definitions, kernel, diagnostics);
  for (const auto& [name, macro] : preprocessor.macros()) {
    if (macro.is_function)
      result->function_macros.insert(name);
    else
      result->macros.emplace(name, Macro{script_text(macro.tokens), macro.span});
  }
  return result;
}

}  // namespace

std::unique_ptr<CText> read_c_text(std::span<const Piece> pieces, const Options& options,
                                   const target::Btf* kernel, diag::Diagnostics& diagnostics) {
  auto own = read_by_ourselves(pieces, options, kernel, diagnostics);
  if (own) return *std::move(own);
  const Problem& problem = own.error();
  if (problem.kind == Problem::Kind::wrong) {
    auto report = diagnostics.error(DiagId::c_text, problem.span, "{}", problem.text);
    if (!problem.hint.empty()) report.hint("{}", problem.hint);
    return nullptr;
  }
  const Result<Clang> clang = load_clang();
  if (clang) return read_with_clang(*clang, pieces, options, kernel, diagnostics);
  diagnostics
      .error(DiagId::c_text, problem.span, "{} needs libclang, which is not installed",
             problem.text)
      .hint("install it (on Debian: libclang1-19 and libclang-common-19-dev)");
  return nullptr;
}

}  // namespace sonde::ctext
