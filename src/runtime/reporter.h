// SPDX-License-Identifier: Apache-2.0
// What the runtime tells the user: errors and warnings in the shape of the compiler's, with the
// line of the script where there is one. Everything goes through RunOptions::say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "diag/render.h"
#include "diag/source_map.h"
#include "diag/span.h"
#include "image/image.h"
#include "runtime/run.h"

namespace sonde::runtime {

diag::Span to_span(const image::SourceRange& range);

class Reporter {
 public:
  // Both outlive the reporter.
  Reporter(const image::Image& image, const RunOptions& options)
      : image_(image), options_(options) {}

  void error(diag::Span span, std::string_view text);
  // `extra` is a line of its own behind the text. Says nothing under --no-warnings.
  void warning(diag::Span span, std::string_view text, std::string_view extra = {});
  // Without the line of the script.
  void brief_error(diag::Span span, std::string_view text);
  void brief_warning(diag::Span span, std::string_view text);
  void hint(std::string_view text);
  // Text as it is: whole lines.
  void say(std::string_view lines);

  const RunOptions& options() const { return options_; }
  // How many errors were reported.
  unsigned errors() const { return errors_; }
  // Made when first asked for: a script that runs well needs none.
  const diag::SourceMap& sources();

 private:
  void entry(std::string_view severity, std::string_view colour, diag::Span span,
             std::string_view text, diag::Excerpt excerpt, std::string_view extra = {});

  const image::Image& image_;
  const RunOptions& options_;
  std::optional<diag::SourceMap> sources_;
  unsigned errors_ = 0;
};

}  // namespace sonde::runtime
