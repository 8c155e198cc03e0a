// SPDX-License-Identifier: Apache-2.0
#include "lang/probe_kinds.h"

#include <array>

#include "base/text.h"

namespace sonde::lang {

namespace {

constexpr ProbeKindRow rows[] = {
#define PROBE_KIND(NAME, ...) ProbeKindRow{.name = #NAME, __VA_ARGS__},
#include "lang/probe_kinds.def"
#undef PROBE_KIND
};

constexpr auto kinds = [] {
  std::array<ProbeKind, std::size(rows)> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<ProbeKind>(i);
  return all;
}();

bool has_alias(std::string_view aliases, std::string_view word) {
  for (const std::string_view alias : split(aliases, ' '))
    if (alias == word) return true;
  return false;
}

bool is_called(const ProbeKindRow& row, std::string_view word) {
  return row.name == word || has_alias(row.aliases, word);
}

}  // namespace

const ProbeKindRow& row(ProbeKind kind) { return rows[static_cast<std::size_t>(kind)]; }

std::span<const ProbeKindRow> probe_kinds() { return rows; }

const ProbeKind* find_probe_kind(std::string_view word) {
  if (word.empty()) return nullptr;
  for (const std::string& spelling : {std::string(word), to_lower(word)})
    for (const ProbeKind& kind : kinds)
      if (is_called(row(kind), spelling)) return &kind;
  return nullptr;
}

}  // namespace sonde::lang
