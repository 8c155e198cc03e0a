// SPDX-License-Identifier: Apache-2.0
// The table of what `software` and `hardware` probes count (perf_events.def).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sonde::lang {

enum class PerfGroup : std::uint8_t { software, hardware };

struct PerfEventRow {
  PerfGroup group{};
  std::string_view name;
  std::string_view alias;           // empty: none
  std::uint64_t default_count = 0;  // events from one firing to the next
  std::uint64_t config = 0;  // for perf_event_open, with the type PERF_TYPE_SOFTWARE or _HARDWARE
};

std::span<const PerfEventRow> perf_events();

// By name or alias. Null when the group has none.
const PerfEventRow* find_perf_event(PerfGroup group, std::string_view word);

}  // namespace sonde::lang
