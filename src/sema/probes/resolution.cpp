// SPDX-License-Identifier: Apache-2.0
#include "sema/probes/resolution.h"

#include <algorithm>

#include "base/text.h"
#include "base/wildcard.h"

namespace sonde::sema {

using diag::DiagId;

bool Resolution::is_pattern() const { return any_kind || std::ranges::any_of(parts, has_wildcard); }

Match& Resolution::add(Place place, std::initializer_list<std::string_view> named) {
  place.name = row().name;
  for (const std::string_view part : named) place.name.append(":").append(part);
  return matches.emplace_back(Match{.place = std::move(place)});
}

bool Resolution::tells_missing() const {
  return script.config.text(lang::ConfigKey::missing_probes) != "ignore";
}

std::string Resolution::nearest_of(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  const std::string_view candidate = nearest(word, std::span<const std::string>(candidates));
  return candidate == word ? "" : std::string(candidate);
}

void Resolution::cannot_attach(Missing why) {
  matches.clear();
  if (is_pattern())
    unmatched = std::move(why);
  else
    report_missing(why, "");
}

void Resolution::report_missing(const Missing& what, std::string_view candidate) {
  const std::string& policy = script.config.text(lang::ConfigKey::missing_probes);
  if (policy == "error") {
    auto report = error(what.id, "{}", what.text);
    report.suggest(candidate);
    if (!what.hint.empty())
      report.hint("{}", what.hint);
    else if (candidate.empty())
      report.hint("to go on without it: `config = {{ missing_probes = \"warn\" }}`");
  } else if (policy == "warn") {
    diag.warning(what.id, attach_point.span, "{}; it is left out", what.text).suggest(candidate);
  }
}

bool Resolution::check_part_count() {
  const std::size_t found = parts.size();
  if (found >= row().min_parts && found <= row().max_parts) return true;
  const std::string wanted = row().max_parts == 0 ? "no"
                             : row().min_parts == row().max_parts
                                 ? fmt::format("{}", row().min_parts)
                             : row().max_parts - row().min_parts == 1
                                 ? fmt::format("{} or {}", row().min_parts, row().max_parts)
                                 : fmt::format("{} to {}", row().min_parts, row().max_parts);
  auto report = error(DiagId::attach_point_parts, "{} takes {} {} behind its name, found {}",
                      row().name, wanted, wanted == "1" ? "part" : "parts", found);
  if (found > row().max_parts && row().syntax.contains("[cpp:]"))
    report.hint("names with a `:` stand in quotes: `{}:FILE:cpp:\"ns::f\"`", row().name);
  else
    report.hint("write `{}`", row().syntax);
  return false;
}

}  // namespace sonde::sema
