// SPDX-License-Identifier: Apache-2.0
// What the user is told: errors and warnings with places, contexts and hints. One engine
// for everything the user did or can change; one renderer to text (render.h).
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <vector>

#include "diag/span.h"

namespace sonde::diag {

// Every diagnostic has a name, listed in diagnostics.def and shown with -v.
enum class DiagId : std::uint16_t {
#define DIAGNOSTIC(NAME, SUMMARY) NAME,
#include "diag/diagnostics.def"
#undef DIAGNOSTIC
};

std::string_view diag_name(DiagId id);

enum class Severity : std::uint8_t { error, warning };

// A second place that explains the first: "this is the initial declaration".
struct Label {
  Span span;
  std::string text;
};

struct Diagnostic {
  DiagId id;
  Severity severity;
  Span span;  // not known(): printed without a place
  std::string text;
  std::vector<Label> labels;
  std::vector<std::string> hints;
};

// Adds to the diagnostic that was just reported. Valid until the next report.
class DiagnosticBuilder {
 public:
  explicit DiagnosticBuilder(Diagnostic& diagnostic) : diagnostic_(diagnostic) {}

  template <typename... Args>
  DiagnosticBuilder& label(Span span, fmt::format_string<Args...> format, Args&&... args) {
    diagnostic_.labels.push_back({span, fmt::format(format, std::forward<Args>(args)...)});
    return *this;
  }
  template <typename... Args>
  DiagnosticBuilder& hint(fmt::format_string<Args...> format, Args&&... args) {
    diagnostic_.hints.push_back(fmt::format(format, std::forward<Args>(args)...));
    return *this;
  }
  // "did you mean `x`?", when there is a candidate.
  DiagnosticBuilder& suggest(std::string_view candidate);

 private:
  Diagnostic& diagnostic_;
};

class Diagnostics {
 public:
  template <typename... Args>
  DiagnosticBuilder error(DiagId id, Span span, fmt::format_string<Args...> format,
                          Args&&... args) {
    return report(Severity::error, id, span, fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  DiagnosticBuilder warning(DiagId id, Span span, fmt::format_string<Args...> format,
                            Args&&... args) {
    return report(Severity::warning, id, span, fmt::format(format, std::forward<Args>(args)...));
  }

  bool has_errors() const { return error_count_ != 0; }
  // In the order of the report. The same place with the same text is reported once, inside of a
  // macro for its first few calls; warnings of library code are not kept.
  const std::vector<Diagnostic>& all() const { return all_; }

  // Takes back what was reported since there were `count`: it is about code of which it is not
  // known yet whether it belongs to the script.
  std::vector<Diagnostic> take_since(std::size_t count);
  void add(const std::vector<Diagnostic>& diagnostics);

 private:
  DiagnosticBuilder report(Severity severity, DiagId id, Span span, std::string text);

  std::vector<Diagnostic> all_;
  Diagnostic repeated_{};
  std::size_t error_count_ = 0;
};

}  // namespace sonde::diag
