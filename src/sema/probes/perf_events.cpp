// SPDX-License-Identifier: Apache-2.0
// software and hardware: every so many of the events that the kernel or the CPU counts.
#include "lang/perf_events.h"

#include "base/text.h"
#include "base/wildcard.h"
#include "sema/parameter_value.h"
#include "sema/probes/resolution.h"

namespace sonde::sema {

using diag::DiagId;
using lang::PerfGroup;

namespace {

std::string_view nearest_event(PerfGroup group, std::string_view word) {
  std::vector<std::string_view> names;
  for (const lang::PerfEventRow& row : lang::perf_events()) {
    if (row.group != group) continue;
    names.push_back(row.name);
    if (!row.alias.empty()) names.push_back(row.alias);
  }
  return nearest(word, std::span<const std::string_view>(names));
}

void report_unknown(Resolution& r, PerfGroup group) {
  const std::string& word = r.parts[0];
  if (r.is_pattern()) {
    r.error(DiagId::bad_event, "{} probes take no wildcard", r.row().name)
        .hint("name one event; `sonde -l '{}:*'` lists them", r.row().name);
    return;
  }
  auto report = r.error(DiagId::bad_event, "there is no {} event `{}`", r.row().name, word);
  const std::string_view candidate = nearest_event(group, to_lower(word));
  report.suggest(candidate);
  if (!candidate.empty()) return;
  std::string list;
  for (const lang::PerfEventRow& row : lang::perf_events())
    if (row.group == group) list += (list.empty() ? "`" : ", `") + std::string(row.name) + "`";
  report.hint("{} events are {}", r.row().name, list);
}

// Nothing: it was reported.
std::optional<std::uint64_t> event_count(Resolution& r, const lang::PerfEventRow& event) {
  if (r.parts.size() == 1 || r.parts[1].empty()) return event.default_count;
  const auto count = parse_count(r.parts[1]);
  // The kernel keeps what is left in a signed number.
  if (count && *count <= INT64_MAX) return count;
  r.error(DiagId::bad_event, "the count of the {} probe is not a positive integer: `{}`",
          r.row().name, r.parts[1])
      .hint("it fires once for so many events: `{}:{}:{}`", r.row().name, r.parts[0],
            event.default_count);
  return std::nullopt;
}

void resolve_event(Resolution& r, PerfGroup group) {
  if (!r.check_part_count()) return;
  const lang::PerfEventRow* event = lang::find_perf_event(group, r.parts[0]);
  if (!event) return report_unknown(r, group);
  const auto count = event_count(r, *event);
  if (!count) return;
  r.add({.value = *count, .detail = event->config}, {r.parts[0], std::to_string(*count)});
}

}  // namespace

void resolve_software(Resolution& r) { resolve_event(r, PerfGroup::software); }
void resolve_hardware(Resolution& r) { resolve_event(r, PerfGroup::hardware); }

}  // namespace sonde::sema
