// SPDX-License-Identifier: Apache-2.0
// The ids that the tables of this folder give to things. Light: everybody may include it.
#pragma once

#include <cstdint>

namespace sonde::lang {

enum class Builtin : std::uint16_t {
#define BUILTIN(NAME, ...) NAME,
#include "lang/builtins.def"
#undef BUILTIN
};

enum class ProbeKind : std::uint8_t {
#define PROBE_KIND(NAME, ...) NAME,
#include "lang/probe_kinds.def"
#undef PROBE_KIND
};

enum class MapKind : std::uint8_t {
#define MAP_KIND(NAME, ...) NAME,
#include "lang/map_kinds.def"
#undef MAP_KIND
};

enum class ConfigKey : std::uint8_t {
#define CONFIG(NAME, ...) NAME,
#include "lang/config.def"
#undef CONFIG
};

enum class Option : std::uint8_t {
#define OPTION(NAME, ...) NAME,
#include "lang/options.def"
#undef OPTION
};

}  // namespace sonde::lang
