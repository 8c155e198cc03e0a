// SPDX-License-Identifier: Apache-2.0
// profile and interval.
#include "sema/probes/resolution.h"
#include "sema/rate.h"

namespace sonde::sema {

namespace {

void resolve_rate(Resolution& r) {
  if (!r.check_part_count()) return;
  const auto rate = parse_rate(r.row().name, r.parts);
  if (!rate) {
    auto report = r.error(diag::DiagId::bad_rate, "{}", rate.error().text);
    if (!rate.error().hint.empty()) report.hint("{}", rate.error().hint);
    return;
  }
  Match& match = r.add({.value = rate->value}, {});
  match.place.name = rate->name;
  match.is_frequency = rate->is_frequency;
}

}  // namespace

void resolve_profile(Resolution& r) { resolve_rate(r); }
void resolve_interval(Resolution& r) { resolve_rate(r); }

}  // namespace sonde::sema
