// SPDX-License-Identifier: Apache-2.0
#include "diag/diagnostics.h"

#include <iterator>

namespace sonde::diag {

std::string_view diag_name(DiagId id) {
  static constexpr std::string_view names[] = {
#define DIAGNOSTIC(NAME, SUMMARY) #NAME,
#include "diag/diagnostics.def"
#undef DIAGNOSTIC
  };
  return names[static_cast<std::size_t>(id)];
}

DiagnosticBuilder& DiagnosticBuilder::suggest(std::string_view candidate) {
  if (!candidate.empty()) hint("did you mean `{}`?", candidate);
  return *this;
}

// The same part of a file, whatever expanded it.
static bool same_text(const Span& a, const Span& b) {
  return a.file == b.file && a.begin == b.begin && a.end == b.end;
}

DiagnosticBuilder Diagnostics::report(Severity severity, DiagId id, Span span, std::string text) {
  if (severity == Severity::warning && span.in_library) {
    repeated_ = {};
    return DiagnosticBuilder(repeated_);
  }
  // Bodies are checked once per attach point, so one mistake may be met several times; and a
  // mistake in a macro once for each call, which may be thousands of times.
  constexpr int most_calls = 4;
  int calls = 0;
  for (const Diagnostic& d : all_) {
    if (d.severity != severity || d.id != id || !same_text(d.span, span) || d.text != text)
      continue;
    if (d.span == span || ++calls == most_calls) {
      repeated_ = d;
      return DiagnosticBuilder(repeated_);
    }
  }
  if (severity == Severity::error) ++error_count_;
  all_.push_back({id, severity, span, std::move(text), {}, {}});
  return DiagnosticBuilder(all_.back());
}

std::vector<Diagnostic> Diagnostics::take_since(std::size_t count) {
  std::vector<Diagnostic> taken(std::make_move_iterator(all_.begin() + static_cast<long>(count)),
                                std::make_move_iterator(all_.end()));
  all_.resize(count);
  for (const Diagnostic& d : taken) error_count_ -= d.severity == Severity::error;
  return taken;
}

void Diagnostics::add(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& d : diagnostics) {
    DiagnosticBuilder added = report(d.severity, d.id, d.span, d.text);
    for (const Label& label : d.labels) added.label(label.span, "{}", label.text);
    for (const std::string& hint : d.hints) added.hint("{}", hint);
  }
}

}  // namespace sonde::diag
