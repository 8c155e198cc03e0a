// SPDX-License-Identifier: Apache-2.0
// The table of what is not supported yet (planned.def).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sonde::lang {

enum class PlannedGroup : unsigned char { builtin, option };

struct PlannedRow {
  PlannedGroup group;
  std::string_view name;
};

std::span<const PlannedRow> planned();
bool is_planned(PlannedGroup group, std::string_view name);
std::string_view group_name(PlannedGroup group);

}  // namespace sonde::lang
