// SPDX-License-Identifier: Apache-2.0
// Runs an image: load, attach, read events, act, detach.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::runtime {

enum class Buffering : unsigned char { line, full, none };
// Of the script's output. JSON takes in the messages about the running script.
enum class Format : unsigned char { text, json };

class EarlyMaps;
class TracedProcess;

// What of a script is run: its probes, or its tests or benchmarks, beside which only begin and end
// run.
enum class Work : unsigned char { script, tests, benchmarks };

struct RunOptions {
  // The one that the script is restricted to, and with which it ends; null: none. A child is told
  // to go on when everything is attached. Not owned.
  TracedProcess* process = nullptr;
  Work work = Work::script;
  std::vector<pid_t> unwound;  // other processes whose stacks dw_ustack takes
  std::string debug_folders;   // where separate debug information is looked for first: A:B
  int output_fd = 1;           // where the script's output goes
  Buffering buffering = Buffering::line;
  Format format = Format::text;
  bool quiet = false;             // no attached line
  bool verbose = false;           // the verifier's whole log
  bool show_warnings = true;      // --no-warnings clears it
  bool runtime_warnings = false;  // -k
  bool dry_run = false;
  // Made while the script was compiled, and waited for; null: none. Not owned.
  const EarlyMaps* early_maps = nullptr;
  bool uprobe_multi = true;  // where the kernel has such links
  bool colour = false;
  bool say_on_terminal = false;  // `say` writes to one: lines may be rewritten
  // Text for people: stderr. Whole lines.
  std::function<void(std::string_view)> say;
  // Called at the end of "load", "attach" and "detach" with their time, for --time-passes.
  std::function<void(std::string_view phase, std::chrono::nanoseconds)> on_phase;
};

// The exit status: 0, what exit() gave, or 255 when the script could not be loaded or attached
// (the reason has then been said). Blocks and restores SIGINT, SIGTERM and SIGUSR1. A second
// SIGINT or SIGTERM ends the process at once.
int run(std::string_view elf, const RunOptions& options);

}  // namespace sonde::runtime
