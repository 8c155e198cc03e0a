// SPDX-License-Identifier: Apache-2.0
#include "diag/diagnostics.h"

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

DiagnosticBuilder Diagnostics::report(Severity severity, DiagId id, Span span, std::string text) {
  if (severity == Severity::warning && span.in_library) {
    repeated_ = {};
    return DiagnosticBuilder(repeated_);
  }
  // Bodies are checked once per attach point, so one mistake may be met several times.
  for (const Diagnostic& d : all_) {
    if (d.severity == severity && d.id == id && d.span == span && d.text == text) {
      repeated_ = d;
      return DiagnosticBuilder(repeated_);
    }
  }
  if (severity == Severity::error) ++error_count_;
  all_.push_back({id, severity, span, std::move(text), {}, {}});
  return DiagnosticBuilder(all_.back());
}

}  // namespace sonde::diag
