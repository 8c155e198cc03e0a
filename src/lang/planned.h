// SPDX-License-Identifier: Apache-2.0
// The table of what is not supported yet (planned.def).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sonde::lang {

enum class PlannedGroup : unsigned char { builtin, option, construct };

struct PlannedRow {
  PlannedGroup group;
  std::string_view name;
};

std::span<const PlannedRow> planned();
bool is_planned(PlannedGroup group, std::string_view name);
std::string_view group_name(PlannedGroup group);

// The constructs as ids, so that a pass cannot name one that is not in the table.
enum class Construct : unsigned char {
#define PLANNED(GROUP, NAME)
#define PLANNED_CONSTRUCT(ID, WORDS) ID,
#include "lang/planned.def"
#undef PLANNED
#undef PLANNED_CONSTRUCT
};

// How a message calls it: "`for`", "a record".
std::string_view words(Construct construct);

}  // namespace sonde::lang
