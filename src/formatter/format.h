// SPDX-License-Identifier: Apache-2.0
// A script in its canonical form: the same tree and the same comments, laid out anew.
//
// Two blanks of indentation, lines of at most 100 columns, one statement a line; a block that was
// on one line stays there if it fits. What is too long breaks after commas and before operators.
// At most one empty line is kept between statements and items. C text is left as it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "diag/diagnostics.h"

namespace sonde::diag {
class SourceMap;
}

namespace sonde::formatter {

// Nothing when the script cannot be parsed: that is reported, with `name` as the file's.
std::optional<std::string> format(std::string_view name, std::string_view script,
                                  diag::Diagnostics& diagnostics, diag::SourceMap& sources);

}  // namespace sonde::formatter
