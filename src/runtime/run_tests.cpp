// SPDX-License-Identifier: Apache-2.0
#include "runtime/run_tests.h"

#include <string>
#include <vector>

#include "runtime/print/printer.h"
#include "runtime/reporter.h"
#include "runtime/script.h"

namespace sonde::runtime {

namespace {

using image::ProbeDesc;
using Clock = std::chrono::steady_clock;

// It passes when it returns 0, reports no error and does not ask for another exit status.
TestResult run_test(const TestRun& run, const ProbeDesc& probe) {
  TestResult result{.name = probe.places.front().function};
  RunOptions options = run.reporter.options();
  options.say = [&result](std::string_view text) { result.said += text; };  // as it comes
  Reporter reporter(run.image, options);
  const Clock::time_point start = Clock::now();
  const auto returned = run.script.run(probe);
  result.time = Clock::now() - start;
  const int exit_status = run.script.read_into(result.said, reporter);
  result.passed = returned && *returned == 0 && exit_status == 0 && reporter.errors() == 0;
  return result;
}

}  // namespace

bool run_tests(const TestRun& run) {
  std::vector<const ProbeDesc*> all;
  for (const ProbeDesc& probe : run.image.probes)
    if (probe.attach == image::AttachKind::run_as_test) all.push_back(&probe);
  run.printer.tests_begin(all.size());
  std::size_t passed = 0;
  std::vector<std::string> failed;
  for (const ProbeDesc* probe : all) {
    run.signals.read();
    if (run.signals.end_requested()) break;
    run.printer.test_begins(probe->places.front().function);
    run.file.idle();
    const TestResult result = run_test(run, *probe);
    run.printer.test_ended(result);
    if (result.passed)
      ++passed;
    else
      failed.push_back(result.name);
  }
  run.printer.tests_ended(passed, failed);
  return failed.empty();
}

}  // namespace sonde::runtime
