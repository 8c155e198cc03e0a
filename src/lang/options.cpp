// SPDX-License-Identifier: Apache-2.0
#include "lang/options.h"

#include <cstddef>
#include <iterator>

namespace sonde::lang {

namespace {

constexpr OptionRow rows[] = {
#define OPTION(NAME, ...) OptionRow{.name = #NAME, __VA_ARGS__},
#include "lang/options.def"
#undef OPTION
};

}  // namespace

const OptionRow& row(Option option) { return rows[static_cast<std::size_t>(option)]; }

std::span<const OptionRow> options() { return rows; }

}  // namespace sonde::lang
