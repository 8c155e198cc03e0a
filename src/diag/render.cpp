// SPDX-License-Identifier: Apache-2.0
#include "diag/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "diag/excerpt.h"

namespace sonde::diag {

namespace {

std::string location(Span span, const SourceMap& sources) {
  const LineColumn from = sources.position(span.file, span.begin);
  const LineColumn to = sources.position(span.file, std::max(span.begin, span.end));
  const std::string name = printable(sources.name(span.file));
  if (from.line != to.line) return fmt::format("{}:{}-{}: ", name, from.line, to.line);
  return fmt::format("{}:{}:{}-{}: ", name, from.line, from.column, to.column);
}

void append_excerpt(std::string& out, Span span, const SourceMap& sources) {
  const LineColumn from = sources.position(span.file, span.begin);
  const LineColumn to = sources.position(span.file, std::max(span.begin, span.end));
  if (from.line == to.line) {
    out += marked_line(sources.line_text(span.file, from.line), {from.column, to.column});
    return;
  }
  for (std::uint32_t line = from.line; line <= to.line; ++line)
    out += plain_line(sources.line_text(span.file, line));
}

std::string_view severity_word(Severity severity) {
  return severity == Severity::error ? "ERROR" : "WARNING";
}

// The imports that led to the file of `span`, from the innermost.
std::string render_imports(std::string_view severity, Span span, const SourceMap& sources) {
  std::string out;
  while (span.known() && (span = sources.imported_at(span.file)).known())
    out += render_entry(severity, span, "imported from", sources, Excerpt::yes);
  return out;
}

}  // namespace

std::string render_entry(std::string_view severity, Span span, std::string_view text,
                         const SourceMap& sources, Excerpt excerpt, std::string_view extra) {
  std::string out;
  if (span.known()) out += location(span, sources);
  out += fmt::format("{}: {}\n", severity, text);
  if (!extra.empty()) out += fmt::format("{}\n", extra);
  if (span.known() && excerpt == Excerpt::yes) append_excerpt(out, span, sources);
  return out;
}

std::string render_expansions(std::string_view severity, Span span, const SourceMap& sources) {
  std::vector<Span> chain;
  for (Span at = span; at.expansion != 0; chain.push_back(at)) at = sources.expansion(at.expansion);
  // The ends of a long chain say where it is and how it came to be.
  constexpr std::size_t shown_at_end = 4;
  std::string out;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    span = chain[i];
    if (i == shown_at_end && chain.size() > 2 * shown_at_end + 1) {
      const std::size_t left_out = chain.size() - 2 * shown_at_end;
      out += fmt::format("{}: … {} calls more …\n", severity, left_out);
      i += left_out - 1;
      continue;
    }
    out += render_entry(severity, span, "expanded from", sources, Excerpt::yes);
  }
  return out;
}

std::string render(const Diagnostic& diagnostic, const SourceMap& sources,
                   const RenderOptions& options) {
  const std::string_view word = severity_word(diagnostic.severity);
  std::string text = printable(diagnostic.text);
  if (options.names == ShowNames::yes) text += fmt::format(" [{}]", diag_name(diagnostic.id));
  std::string out = render_entry(word, diagnostic.span, text, sources, Excerpt::yes);
  if (options.colour == Colour::on) {
    const std::size_t first_line = out.find('\n');
    const std::string_view code = diagnostic.severity == Severity::error ? "\033[31m" : "\033[33m";
    out.insert(first_line, "\033[0m");
    out.insert(0, code);
  }
  for (const Label& label : diagnostic.labels)
    out += render_entry(word, label.span, printable(label.text), sources, Excerpt::yes);
  for (const std::string& hint : diagnostic.hints)
    out += fmt::format("HINT: {}\n", printable(hint));
  out += render_expansions(word, diagnostic.span, sources);
  // Where a warning is, its file says well enough.
  if (diagnostic.severity == Severity::error) out += render_imports(word, diagnostic.span, sources);
  return out;
}

}  // namespace sonde::diag
