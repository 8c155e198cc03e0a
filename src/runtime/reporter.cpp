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
  return {range.file, range.begin, range.end};
}

void Reporter::error(diag::Span span, std::string_view text) {
  say(coloured(diag::render_entry("ERROR", span, text, sources(), diag::Excerpt::yes), red,
               options_.colour));
}

void Reporter::warning(diag::Span span, std::string_view text, std::string_view extra) {
  if (!options_.show_warnings) return;
  say(coloured(diag::render_entry("WARNING", span, text, sources(), diag::Excerpt::yes, extra),
               yellow, options_.colour));
}

void Reporter::brief_warning(diag::Span span, std::string_view text) {
  if (!options_.show_warnings) return;
  say(coloured(diag::render_entry("WARNING", span, text, sources(), diag::Excerpt::no), yellow,
               options_.colour));
}

void Reporter::hint(std::string_view text) { say("HINT: " + std::string(text) + "\n"); }

void Reporter::say(std::string_view lines) {
  if (options_.say) options_.say(lines);
}

const diag::SourceMap& Reporter::sources() {
  if (!sources_) {
    sources_.emplace();
    for (const image::Source& source : image_.sources) sources_->add(source.name, source.text);
  }
  return *sources_;
}

}  // namespace sonde::runtime
