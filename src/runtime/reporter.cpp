// SPDX-License-Identifier: Apache-2.0
#include "runtime/reporter.h"

#include "diag/render.h"

namespace sonde::runtime {

namespace {

constexpr std::string_view red = "\033[31m";
constexpr std::string_view yellow = "\033[33m";
constexpr std::string_view plain = "\033[0m";

// Only the first line of an entry is coloured, as in the compiler's messages.
std::string coloured(std::string entry, std::string_view colour, bool enabled) {
  if (!enabled) return entry;
  entry.insert(entry.find('\n'), plain);
  return entry.insert(0, colour);
}

}  // namespace

diag::Span to_span(const image::SourceRange& range) {
  if (range.file == image::SourceRange::no_source) return {};
  return {range.file, range.begin, range.end, range.expansion};
}

void Reporter::entry(std::string_view severity, std::string_view colour, diag::Span span,
                     std::string_view text, diag::Excerpt excerpt, std::string_view extra) {
  say(coloured(diag::render_entry(severity, span, text, sources(), excerpt, extra), colour,
               options_.colour) +
      diag::render_expansions(severity, span, sources()));
}

void Reporter::error(diag::Span span, std::string_view text) {
  ++errors_;
  entry("ERROR", red, span, text, diag::Excerpt::yes);
}

void Reporter::warning(diag::Span span, std::string_view text, std::string_view extra) {
  if (options_.show_warnings) entry("WARNING", yellow, span, text, diag::Excerpt::yes, extra);
}

void Reporter::brief_error(diag::Span span, std::string_view text) {
  ++errors_;
  entry("ERROR", red, span, text, diag::Excerpt::no);
}

void Reporter::brief_warning(diag::Span span, std::string_view text) {
  if (options_.show_warnings) entry("WARNING", yellow, span, text, diag::Excerpt::no);
}

void Reporter::hint(std::string_view text) { say("HINT: " + std::string(text) + "\n"); }

void Reporter::say(std::string_view lines) {
  if (options_.say) options_.say(lines);
}

const diag::SourceMap& Reporter::sources() {
  if (!sources_) {
    sources_.emplace();
    for (const image::Source& source : image_.sources) sources_->add(source.name, source.text);
    for (const image::SourceRange& call : image_.expansions) sources_->add_expansion(to_span(call));
  }
  return *sources_;
}

}  // namespace sonde::runtime
