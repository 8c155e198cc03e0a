// SPDX-License-Identifier: Apache-2.0
// The way of a script, from the command line to the exit status.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "base/file.h"
#include "base/unique_fd.h"
#include "driver/check.h"
#include "driver/command_line.h"
#include "driver/compile.h"
#include "driver/format_files.h"
#include "driver/list.h"
#include "driver/probe_filter.h"
#include "driver/process_option.h"
#include "driver/report.h"
#include "driver/snapshot.h"
#include "runtime/capabilities.h"
#include "runtime/early_maps.h"
#include "runtime/run.h"

namespace sonde::driver {

namespace {

using diag::DiagId;

bool write_output(const CommandLine& line, std::string_view content,
                  diag::Diagnostics& diagnostics) {
  if (line.output.empty()) {
    std::cout << content << std::flush;
    if (std::cout.good()) return true;
    diagnostics.error(DiagId::command_line, {}, "cannot write to standard output");
    return false;
  }
  const Status written = write_file(line.output, content);
  if (!written) diagnostics.error(DiagId::command_line, {}, "{}", written.error().message);
  return written.has_value();
}

runtime::RunOptions run_options(const CommandLine& line, PhaseTimes& times) {
  runtime::RunOptions options;
  options.buffering = line.buffering;
  options.format = line.format;
  options.debug_folders = line.debug_folders;
  options.unwound = line.dwarf_pids;
  options.quiet = line.quiet;
  options.verbose = line.verbose;
  options.show_warnings = !line.no_warnings;
  options.runtime_warnings = line.runtime_warnings;
  options.dry_run = line.dry_run;
  options.uprobe_multi =
      std::ranges::find(line.left_out, target::Feature::uprobe_multi) == line.left_out.end();
  options.work = line.work;
  options.colour = wants_colour();
  options.say_on_terminal = !line.quiet && ::isatty(STDERR_FILENO);
  options.say = [](std::string_view text) { std::cerr << text << std::flush; };
  options.on_phase = [&times](std::string_view phase, std::chrono::nanoseconds time) {
    times.add(phase, time);
  };
  return options;
}

std::optional<int> run_image(const CommandLine& line, std::string_view image,
                             const runtime::EarlyMaps& early_maps, diag::Diagnostics& diagnostics,
                             PhaseTimes& times) {
  if (const std::string missing = runtime::missing_capabilities(); !missing.empty()) {
    diagnostics
        .error(DiagId::missing_capability, {}, "Missing {}, which loading BPF programs needs",
               missing)
        .hint("run sonde as root, or give it the capability");
    return std::nullopt;
  }
  runtime::RunOptions options = run_options(line, times);
  options.early_maps = &early_maps;
  UniqueFd file;
  if (!line.output.empty()) {
    file = UniqueFd(::open(line.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.valid()) {
      diagnostics.error(DiagId::command_line, {}, "Failed to open output file: \"{}\": {}",
                        line.output, std::strerror(errno));
      return std::nullopt;
    }
    options.output_fd = file.get();
  }
  std::optional<runtime::TracedProcess> process = open_process(line, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  if (process) options.process = &*process;
  return runtime::run(image, options);
}

// Scripts that are tried out by other programs tell these apart.
int compile_status(const diag::Diagnostics& diagnostics) {
  constexpr int bad_script = 1, not_of_script = 2, nothing_asked_for = 255;
  if (!diagnostics.all().empty() && diagnostics.all().front().id == DiagId::not_asked_for)
    return nothing_asked_for;
  // A setting that stands nowhere is of the environment, so the script may be in order.
  const auto is_outside = [](const diag::Diagnostic& d) {
    const bool is_error = d.severity == diag::Severity::error;
    return is_error && (d.id == DiagId::c_text || (d.id == DiagId::bad_config && !d.span.known()));
  };
  return std::ranges::any_of(diagnostics.all(), is_outside) ? not_of_script : bad_script;
}

int run(const CommandLine& line, diag::Diagnostics& diagnostics, diag::SourceMap& sources) {
  PhaseTimes times;
  check_colour_setting(diagnostics);
  const bool runs = line.emit == Emit::nothing && line.target.empty();
  if (runs && !check_process(line, diagnostics)) {
    print_diagnostics(diagnostics, sources, line);
    return 1;
  }
  runtime::EarlyMaps early_maps;
  TablesObserver on_tables;
  if (runs) on_tables = [&](const image::Image& image) { early_maps.begin(image); };
  const auto compiled = compile(line, sources, diagnostics, times, on_tables);
  early_maps.wait();
  print_diagnostics(diagnostics, sources, line);
  if (!compiled) return compile_status(diagnostics);
  std::optional<int> status;
  diag::Diagnostics late;
  if (line.emit != Emit::nothing)
    status = write_output(line, *compiled, late) ? std::optional(0) : std::nullopt;
  else if (!runs)
    status = 0;  // checked for another kernel: there is nothing to run it on
  else
    status = run_image(line, *compiled, early_maps, late, times);
  print_diagnostics(late, sources, line);
  if (line.time_passes) std::cerr << times.table();
  return status.value_or(1);
}

// Whoever starts us may have closed these. The next file that we open must not take their place
// and get what is meant for a person; it is an unusable one that does.
void occupy_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int start(int argc, char** argv) {
  occupy_standard_streams();
  diag::Diagnostics diagnostics;
  diag::SourceMap sources;
  if (argc == 1) {
    std::cerr << help_text();
    return 1;
  }
  const CommandLine line = parse_command_line(argc, argv, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics, sources, line);
    return 1;
  }
  if (!check_probe_filter(line, diagnostics)) {
    print_diagnostics(diagnostics, sources, line);
    return 255;
  }
  switch (line.command) {
    case Command::help: std::cout << help_text(); return 0;
    case Command::version: std::cout << version_text(); return 0;
    case Command::snapshot: {
      const bool written = write_snapshot(line, diagnostics);
      print_diagnostics(diagnostics, sources, line);
      return written ? 0 : 1;
    }
    case Command::list: return list(line);
    case Command::fmt: return format_files(line);
    case Command::check: return check(line);
    case Command::run: return run(line, diagnostics, sources);
  }
  return 1;
}

}  // namespace

}  // namespace sonde::driver

int main(int argc, char** argv) {
  const int status = sonde::driver::start(argc, argv);
  // Everything is written and closed; what the process still owns the kernel takes back faster.
  std::cout.flush();
  ::_exit(status);
}
