// SPDX-License-Identifier: Apache-2.0
#include "driver/format_files.h"

#include <unistd.h>

#include <iostream>

#include "base/file.h"
#include "driver/compile.h"
#include "driver/report.h"
#include "formatter/format.h"

namespace sonde::driver {

namespace {

using diag::DiagId;

// Where the text goes that was made of a script.
bool deliver(const CommandLine& line, std::string_view original, const std::string& formatted,
             diag::Diagnostics& diagnostics) {
  const std::string name = line.file.empty() || line.file == "-" ? "stdin" : line.file;
  if (line.check_format) {
    if (formatted == original) return true;
    std::cout << name << '\n';
    return false;
  }
  if (line.write && formatted == original) return true;
  Status written;
  if (line.write)
    written = rewrite_file(line.file, formatted);
  else if (!line.output.empty())
    written = ::access(line.output.c_str(), F_OK) == 0 ? rewrite_file(line.output, formatted)
                                                       : write_file(line.output, formatted);
  else
    std::cout << formatted << std::flush;
  if (!written) diagnostics.error(DiagId::command_line, {}, "{}", written.error().message);
  if (!std::cout.good())
    diagnostics.error(DiagId::command_line, {}, "cannot write to standard output");
  return !diagnostics.has_errors();
}

bool format_one(const CommandLine& line) {
  diag::Diagnostics diagnostics;
  diag::SourceMap sources;
  bool good = false;
  if (const auto file = read_script(line, sources, diagnostics)) {
    const std::string original(sources.text(*file));
    const auto formatted = formatter::format(sources.name(*file), original, diagnostics, sources);
    good = formatted && deliver(line, original, *formatted, diagnostics);
  }
  print_diagnostics(diagnostics, sources, line);
  return good;
}

}  // namespace

int format_files(const CommandLine& line) {
  if (line.program) return format_one(line) ? 0 : 1;
  std::vector<std::string> files = line.files;
  if (files.empty()) files.emplace_back("-");
  bool good = true;
  for (const std::string& file : files) {
    CommandLine one = line;
    one.file = file;
    good &= format_one(one);
  }
  return good ? 0 : 1;
}

}  // namespace sonde::driver
