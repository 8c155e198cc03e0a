// SPDX-License-Identifier: Apache-2.0
// --test and --bench: runs the `test` or `bench` probes of a script and writes what came of them.
#pragma once

#include "image/image.h"
#include "runtime/output_file.h"

namespace sonde::runtime {

class Object;
class Printer;
class Reporter;
class Script;
class Signals;

struct TestRun {
  const image::Image& image;
  const Object& object;
  Reporter& reporter;
  Printer& printer;
  Signals& signals;
  Script& script;  // its begin probes have run
  OutputFile& file;
};

// False when a test has failed.
bool run_tests(const TestRun& run);
// False when they cannot be measured; the reason has been reported.
bool run_benchmarks(const TestRun& run);

}  // namespace sonde::runtime
