// SPDX-License-Identifier: Apache-2.0
// Providers whose lines do not depend on the kernel.
#include "base/wildcard.h"
#include "lang/perf_events.h"
#include "listing/providers.h"

namespace sonde::listing {

namespace {

// The line ends where a count would follow.
void list_perf_events(Request& request, lang::PerfGroup group) {
  const std::string& pattern = request.parts.front();
  for (const lang::PerfEventRow& row : lang::perf_events())
    if (row.group == group)
      for (const std::string_view name : {row.name, row.alias})
        if (!name.empty() && matches(pattern, name)) request.lines.add(request.line({name, ""}));
}

}  // namespace

// Neither the kernel nor a program has these.
void list_nothing(Request&) {}

void list_software(Request& request) { list_perf_events(request, lang::PerfGroup::software); }
void list_hardware(Request& request) { list_perf_events(request, lang::PerfGroup::hardware); }

void list_units(Request& request) {
  for (const std::string_view unit : {"hz", "ms", "s", "us"})
    if (matches(request.parts.front(), unit)) request.lines.add(request.line({unit, ""}));
}

void list_signals(Request& request) {
  const std::string& kind = request.parts.front();
  const std::string_view signal = "SIGUSR1";
  const bool is_meant = request.parts.size() == 1 || matches(request.parts[1], signal);
  if (matches(kind, "signal") && is_meant) request.lines.add(request.line({"signal", signal}));
}

}  // namespace sonde::listing
