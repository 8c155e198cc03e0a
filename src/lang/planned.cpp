// SPDX-License-Identifier: Apache-2.0
#include "lang/planned.h"

namespace sonde::lang {

namespace {

constexpr PlannedRow rows[] = {
#define PLANNED(GROUP, NAME) {PlannedGroup::GROUP, #NAME},
#include "lang/planned.def"
#undef PLANNED
};

}  // namespace

std::span<const PlannedRow> planned() { return rows; }

bool is_planned(PlannedGroup group, std::string_view name) {
  for (const PlannedRow& row : rows)
    if (row.group == group && row.name == name) return true;
  return false;
}

std::string_view group_name(PlannedGroup group) {
  static constexpr std::string_view names[] = {"builtin", "option"};
  return names[static_cast<std::size_t>(group)];
}

}  // namespace sonde::lang
