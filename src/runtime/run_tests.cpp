// SPDX-License-Identifier: Apache-2.0
#include "runtime/run_tests.h"

#include <chrono>
#include <vector>

#include "runtime/reporter.h"
#include "runtime/script.h"

namespace sonde::runtime {

namespace {

using image::ProbeDesc;
using Clock = std::chrono::steady_clock;

enum class Mark : unsigned char { good, bad };

// A word in brackets, ten characters wide, and what it is about.
void append_line(const TestRun& run, Mark mark, std::string_view word, const std::string& text) {
  const std::string_view colour = mark == Mark::good ? "\033[32m" : "\033[31m";
  const bool coloured = run.reporter.options().colour;
  run.out() += coloured ? std::string(colour) : "";
  run.out().append("[").append(word).append("]");
  run.out() += coloured ? "\033[0m" : "";
  run.out() += " " + text + "\n";
}

std::string tests(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " test" : " tests");
}

std::string readable(Clock::duration time) {
  const auto ns = std::chrono::nanoseconds(time).count();
  if (ns < 10'000) return std::to_string(ns) + " ns";
  if (ns < 10'000'000) return std::to_string(ns / 1000) + " μs";
  return std::to_string(ns / 1'000'000) + " ms";
}

// Whether it passes: it returns 0, reports no error and does not ask for another exit status.
bool run_test(const TestRun& run, const ProbeDesc& probe) {
  const std::string& name = probe.places.front().function;
  append_line(run, Mark::good, " RUN      ", name);
  run.file.idle();
  std::string said;  // what it prints and reports, as it comes
  RunOptions options = run.reporter.options();
  options.say = [&said](std::string_view text) { said += text; };
  Reporter reporter(run.image, options);
  const Clock::time_point start = Clock::now();
  const auto returned = run.script.run(probe);
  const Clock::duration time = Clock::now() - start;
  const int exit_status = run.script.read_into(said, reporter);
  if (returned && *returned == 0 && exit_status == 0 && reporter.errors() == 0) {
    append_line(run, Mark::good, "       OK ", name + " (" + readable(time) + ")");
    return true;
  }
  run.out() += said;
  if (!said.empty() && !said.ends_with('\n')) run.out() += '\n';
  append_line(run, Mark::bad, "  FAILED  ", name + " (" + readable(time) + ")");
  return false;
}

}  // namespace

bool run_tests(const TestRun& run) {
  std::vector<const ProbeDesc*> all, failed;
  for (const ProbeDesc& probe : run.image.probes)
    if (probe.attach == image::AttachKind::run_as_test) all.push_back(&probe);
  append_line(run, Mark::good, "==========", "Running " + std::to_string(all.size()) + " tests.");
  std::size_t passed = 0;
  for (const ProbeDesc* probe : all) {
    run.signals.read();
    if (run.signals.end_requested()) break;
    if (run_test(run, *probe))
      ++passed;
    else
      failed.push_back(probe);
  }
  append_line(run, Mark::good, "==========", tests(passed + failed.size()) + " ran.");
  append_line(run, Mark::good, "  PASSED  ", tests(passed) + ".");
  if (failed.empty()) return true;
  append_line(run, Mark::bad, "  FAILED  ", tests(failed.size()) + ", listed below:");
  for (const ProbeDesc* probe : failed)
    append_line(run, Mark::bad, "  FAILED  ", probe->places.front().function);
  return false;
}

}  // namespace sonde::runtime
