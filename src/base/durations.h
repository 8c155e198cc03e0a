// SPDX-License-Identifier: Apache-2.0
// The units in which scripts and attach points write a time: `50ms`.
#pragma once

#include <cstdint>
#include <string_view>

namespace sonde {

struct DurationUnit {
  std::string_view suffix;
  std::uint64_t nanoseconds;
};

// What another one ends in comes behind it: `ms` before `s`.
inline constexpr DurationUnit duration_units[] = {
    {"ns", 1},
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
    {"d", 86'400'000'000'000},
};

}  // namespace sonde
