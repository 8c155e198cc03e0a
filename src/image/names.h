// SPDX-License-Identifier: Apache-2.0
// Enumerators as they are written in the tables: the names of their rows.
// Private to this folder.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "image/image.h"

namespace sonde::image {

inline constexpr auto attach_names = std::to_array<std::string_view>({
#define ATTACH_KIND(NAME, SECTION, SUMMARY) #NAME,
#include "image/attach_kinds.def"
#undef ATTACH_KIND
});

inline constexpr auto action_names = std::to_array<std::string_view>({
#define ACTION(NAME, SUMMARY) #NAME,
#include "image/actions.def"
#undef ACTION
});

inline constexpr auto failure_names = std::to_array<std::string_view>({
#define FAILURE(NAME, SHOWN, HELPER, TEXT) #NAME,
#include "image/failures.def"
#undef FAILURE
});

// In the order of the enumerations in image.h.
inline constexpr auto value_kind_names = std::to_array<std::string_view>(
    {"none",  "boolean", "integer",   "pointer",     "string", "buffer", "array",
     "tuple", "record",  "kstack",    "ustack",      "ksym",   "usym",   "username",
     "inet",  "mac",     "timestamp", "cgroup_path", "count",  "sum",    "min",
     "max",   "avg",     "stats",     "hist",        "lhist",  "tseries"});
static_assert(value_kind_names[static_cast<std::size_t>(ValueKind::tseries)] == "tseries" &&
              value_kind_names.size() == static_cast<std::size_t>(ValueKind::tseries) + 1);

inline constexpr auto reduction_names =
    std::to_array<std::string_view>({"last", "avg", "max", "min", "sum"});
static_assert(reduction_names[static_cast<std::size_t>(Reduction::sum)] == "sum");

inline constexpr auto stack_mode_names =
    std::to_array<std::string_view>({"bpftrace", "perf", "raw", "build_id"});
static_assert(stack_mode_names[static_cast<std::size_t>(StackMode::build_id)] == "build_id");

inline constexpr auto storage_names = std::to_array<std::string_view>(
    {"scalar", "per_cpu_scalar", "hash", "per_cpu_hash", "per_cpu_points"});
static_assert(storage_names[static_cast<std::size_t>(MapStorage::per_cpu_points)] ==
                  "per_cpu_points" &&
              storage_names.size() == static_cast<std::size_t>(MapStorage::per_cpu_points) + 1);

inline constexpr auto taking_names =
    std::to_array<std::string_view>({"nothing", "entries", "values"});
static_assert(taking_names[static_cast<std::size_t>(Taking::values)] == "values" &&
              taking_names.size() == static_cast<std::size_t>(Taking::values) + 1);

// The list of names of an enumeration.
inline constexpr const auto& names_of(AttachKind) { return attach_names; }
inline constexpr const auto& names_of(Action) { return action_names; }
inline constexpr const auto& names_of(Failure) { return failure_names; }
inline constexpr const auto& names_of(ValueKind) { return value_kind_names; }
inline constexpr const auto& names_of(Reduction) { return reduction_names; }
inline constexpr const auto& names_of(StackMode) { return stack_mode_names; }
inline constexpr const auto& names_of(MapStorage) { return storage_names; }
inline constexpr const auto& names_of(Taking) { return taking_names; }

template <typename Enum>
constexpr std::string_view name_of(Enum value) {
  return names_of(value)[static_cast<std::size_t>(value)];
}

template <typename Enum>
constexpr std::optional<Enum> find_named(std::string_view name) {
  const auto& names = names_of(Enum{});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

// What the tables say they are; readers refuse other versions.
inline constexpr std::uint32_t tables_version = 6;

}  // namespace sonde::image
