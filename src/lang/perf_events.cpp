// SPDX-License-Identifier: Apache-2.0
#include "lang/perf_events.h"

#include <linux/perf_event.h>

namespace sonde::lang {

namespace {

constexpr PerfEventRow rows[] = {
#define PERF_EVENT(GROUP, ...) PerfEventRow{.group = PerfGroup::GROUP, __VA_ARGS__},
#include "lang/perf_events.def"
#undef PERF_EVENT
};

}  // namespace

std::span<const PerfEventRow> perf_events() { return rows; }

const PerfEventRow* find_perf_event(PerfGroup group, std::string_view word) {
  if (word.empty()) return nullptr;
  for (const PerfEventRow& row : rows)
    if (row.group == group && (row.name == word || row.alias == word)) return &row;
  return nullptr;
}

}  // namespace sonde::lang
