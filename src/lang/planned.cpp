// SPDX-License-Identifier: Apache-2.0
#include "lang/planned.h"

namespace sonde::lang {

namespace {

constexpr PlannedRow rows[] = {
#define PLANNED(GROUP, NAME) {PlannedGroup::GROUP, #NAME},
#define PLANNED_CONSTRUCT(ID, WORDS) {PlannedGroup::construct, WORDS},
#include "lang/planned.def"
#undef PLANNED
#undef PLANNED_CONSTRUCT
};

constexpr std::string_view construct_words[] = {
#define PLANNED(GROUP, NAME)
#define PLANNED_CONSTRUCT(ID, WORDS) WORDS,
#include "lang/planned.def"
#undef PLANNED
#undef PLANNED_CONSTRUCT
};

}  // namespace

std::span<const PlannedRow> planned() { return rows; }

bool is_planned(PlannedGroup group, std::string_view name) {
  for (const PlannedRow& row : rows)
    if (row.group == group && row.name == name) return true;
  return false;
}

std::string_view group_name(PlannedGroup group) {
  static constexpr std::string_view names[] = {"builtin", "option", "construct"};
  return names[static_cast<std::size_t>(group)];
}

std::string_view words(Construct construct) {
  return construct_words[static_cast<std::size_t>(construct)];
}

}  // namespace sonde::lang
