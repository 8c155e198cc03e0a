// SPDX-License-Identifier: Apache-2.0
// All passes. Each is a file of its name; passes.def says in which order they run and why.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string_view>

#include "diag/diagnostics.h"
#include "sema/script.h"

namespace sonde::sema {

#define PASS(NAME, SUMMARY) void NAME(Script& script, diag::Diagnostics& diagnostics);
#include "sema/passes.def"
#undef PASS

struct PassRow {
  std::string_view name;
  std::string_view summary;
  void (*run)(Script&, diag::Diagnostics&);
};
std::span<const PassRow> passes();

// Called after each pass with its name and time.
using PassObserver = std::function<void(std::string_view, std::chrono::nanoseconds)>;

// Runs all passes. They go on after errors, so that one run reports as many as it can: what was
// reported has the type `error`, about which nobody complains again. False when there was any.
bool run_passes(Script& script, diag::Diagnostics& diagnostics, const PassObserver& observer = {});

// The script as it stands: the probes' own trees once there are some, with types when known.
std::string print_script(const Script& script);

}  // namespace sonde::sema
