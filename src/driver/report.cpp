// SPDX-License-Identifier: Apache-2.0
#include "driver/report.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "diag/render.h"

namespace sonde::driver {

using diag::Severity;

bool wants_colour() {
  const char* setting = std::getenv("BPFTRACE_COLOR");
  const std::string_view mode = setting ? setting : "auto";
  if (mode == "always") return true;
  return mode != "never" && ::isatty(STDOUT_FILENO) && ::isatty(STDERR_FILENO);
}

void check_colour_setting(diag::Diagnostics& diagnostics) {
  const char* setting = std::getenv("BPFTRACE_COLOR");
  const std::string_view mode = setting ? setting : "auto";
  if (mode == "always" || mode == "never" || mode == "auto") return;
  diagnostics
      .warning(diag::DiagId::command_line, {}, "BPFTRACE_COLOR of the environment: found `{}`",
               mode)
      .hint("it is `auto`, `always` or `never`");
}

void print_diagnostics(const diag::Diagnostics& diagnostics, const diag::SourceMap& sources,
                       const CommandLine& line) {
  diag::RenderOptions options;
  options.colour = wants_colour() ? diag::Colour::on : diag::Colour::off;
  options.names = line.verbose ? diag::ShowNames::yes : diag::ShowNames::no;
  // The lines of a listing are for other programs.
  const bool apart = diagnostics.has_errors() || line.command == Command::list;
  std::ostream& warnings = apart ? std::cerr : std::cout;
  const auto is_wanted = [&](const diag::Diagnostic& d) {
    return d.id != diag::DiagId::no_probes || !line.quiet || line.command == Command::check;
  };
  for (const diag::Diagnostic& d : diagnostics.all())
    if (d.severity == Severity::error && is_wanted(d))
      std::cerr << diag::render(d, sources, options);
  for (const diag::Diagnostic& d : diagnostics.all())
    if (d.severity == Severity::warning && !line.no_warnings)
      warnings << diag::render(d, sources, options);
  std::cout.flush();
}

}  // namespace sonde::driver
