// SPDX-License-Identifier: Apache-2.0
// The table of command-line options (options.def).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lang/ids.h"

namespace sonde::lang {

struct OptionRow {
  std::string_view name;      // the enumerator
  char letter = 0;            // 0: no short form
  std::string_view flag;      // without `--`; empty: no long form
  std::string_view argument;  // as shown in the help; empty: takes none
  std::string_view section;
  std::string_view help;
};

const OptionRow& row(Option option);
std::span<const OptionRow> options();

}  // namespace sonde::lang
