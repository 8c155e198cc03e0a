// SPDX-License-Identifier: Apache-2.0
#include "driver/check.h"

#include <algorithm>
#include <iostream>

#include "driver/compile.h"
#include "driver/report.h"

namespace sonde::driver {

namespace {

struct Counts {
  std::size_t scripts = 0;
  std::size_t with_errors = 0;
  std::size_t warnings = 0;
};

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

int check_one(const CommandLine& line, Counts& counts) {
  diag::Diagnostics diagnostics;
  diag::SourceMap sources;
  PhaseTimes times;
  const bool compiled = compile(line, sources, diagnostics, times).has_value();
  print_diagnostics(diagnostics, sources, line);
  if (line.time_passes) std::cerr << times.table();
  const auto warnings = static_cast<std::size_t>(
      std::ranges::count(diagnostics.all(), diag::Severity::warning, &diag::Diagnostic::severity));
  ++counts.scripts;
  counts.warnings += line.no_warnings ? 0 : warnings;
  counts.with_errors += compiled ? 0 : 1;
  return !compiled || (line.warnings_as_errors && warnings != 0) ? 1 : 0;
}

}  // namespace

int check(const CommandLine& line) {
  Counts counts;
  int status = 0;
  if (line.program) status = check_one(line, counts);
  for (const std::string& file : line.files) {
    CommandLine one = line;
    one.file = file;
    status = std::max(status, check_one(one, counts));
  }
  if (!line.quiet)
    std::cout << fmt::format("{} checked: {} with errors, {}\n", counted(counts.scripts, "script"),
                             counts.with_errors, counted(counts.warnings, "warning"));
  return status;
}

}  // namespace sonde::driver
