// SPDX-License-Identifier: Apache-2.0
// libFuzzer's target: any bytes through lexer, parser, formatter and sema, and their messages
// through the renderer. Nothing may crash, hang, or break what the formatter promises.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "ctext/clang.h"
#include "diag/diagnostics.h"
#include "diag/render.h"
#include "diag/source_map.h"
#include "formatter/format.h"
#include "parser/parser.h"
#include "sema/passes.h"
#include "target/target.h"

namespace {

using namespace sonde;

// One for all inputs: it is never changed.
target::Target& kernel() {
  static const std::unique_ptr<target::Target> shared = [] {
    auto opened = target::open_snapshot(SONDE_TEST_DATA_DIR "/x86_64-6.18.snap");
    if (opened) return std::move(*opened);
    std::cerr << opened.error().message << '\n';
    std::exit(1);
  }();
  return *shared;
}

void render(const diag::Diagnostics& diagnostics, const diag::SourceMap& sources) {
  for (const diag::Diagnostic& d : diagnostics.all())
    if (diag::render(d, sources).empty()) std::abort();
}

// The formatter itself asserts that it keeps the tree and the comments.
void format(std::string_view text) {
  diag::Diagnostics diagnostics;
  diag::SourceMap sources;
  const auto once = formatter::format("fuzz", text, diagnostics, sources);
  if (!once) return;
  const auto twice = formatter::format("fuzz", *once, diagnostics, sources);
  if (twice == once) return;
  std::cerr << "formatting twice differs from formatting once:\n" << *once << "---\n";
  std::cerr << (twice ? *twice : "is refused") << '\n';
  std::abort();
}

void check(std::string_view text) {
  Arena arena;
  diag::SourceMap sources;
  diag::Diagnostics diagnostics;
  sema::Script script(arena, sources, kernel());
  script.params = {"3", "text"};
  const diag::FileId file = sources.add("fuzz", std::string(text));
  script.program = parser::parse(file, sources, script.params, arena, diagnostics);
  if (script.program) sema::run_passes(script, diagnostics);
  render(diagnostics, sources);
}

}  // namespace

// C text that sonde's own reader does not understand is refused: libclang would read any file
// that the text includes.
sonde::Result<sonde::ctext::Clang> sonde::ctext::load_clang() { return fail("not here"); }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  format(text);
  check(text);
  return 0;
}
