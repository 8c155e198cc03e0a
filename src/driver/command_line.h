// SPDX-License-Identifier: Apache-2.0
// The command line, read with getopt_long from the table of options.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diag/diagnostics.h"
#include "runtime/run.h"
#include "sema/script.h"

namespace sonde::driver {

enum class Command : unsigned char { run, list, snapshot, fmt, check, help, version };
enum class Emit : unsigned char { nothing, ast, ir, assembly, image };

struct CommandLine {
  Command command = Command::run;
  std::optional<std::string> program;  // -e
  std::string file;                    // the script's file; "-" is standard input
  std::string pattern;                 // of `-l`, where it is no file
  std::vector<std::string> files;      // of `fmt` and `check`
  std::vector<std::string> params;     // positional
  std::vector<std::pair<std::string, std::optional<std::string>>> named_params;  // `--name=value`
  std::string output;  // -o; empty: standard output
  std::string target;  // snapshot to compile for; empty: the running kernel
  std::vector<std::string> print_after;
  std::vector<std::string> include_folders, include_files;  // of C text
  std::string debug_folders;                                // A:B
  std::string traceable_functions;                          // a file; empty: what tracefs says
  std::vector<std::string> keep;                            // of `snapshot`
  std::optional<int> pid;                                   // -p
  std::vector<std::string> child;                           // -c, split into words
  std::vector<int> dwarf_pids;                              // --dwarf-pid
  runtime::Work work = runtime::Work::script;
  Emit emit = Emit::nothing;
  runtime::Buffering buffering = runtime::Buffering::line;
  runtime::Format format = runtime::Format::text;
  bool quiet = false;
  bool verbose = false;
  bool unsafe = false;
  bool no_warnings = false;
  bool runtime_warnings = false;
  bool dry_run = false;
  bool explain = false;
  sema::KprobeAttach kprobe_attach{};
  std::optional<std::string> probe_filter;  // a regular expression of ECMAScript
  std::vector<target::Feature> left_out;    // --no-feature
  bool time_passes = false;
  bool write = false;         // of `fmt`
  bool check_format = false;  // of `fmt`
  bool warnings_as_errors = false;
};

// Reports what cannot be used; what could be read until then is in the result.
CommandLine parse_command_line(int argc, char** argv, diag::Diagnostics& diagnostics);

std::string help_text();
std::string version_text();

}  // namespace sonde::driver
