// SPDX-License-Identifier: Apache-2.0
// Patterns of names, as attach points and listings have them.
#pragma once

#include <string_view>

namespace sonde {

// Whether the text stands for several names. `[` and `]` say so too, though they match only
// themselves: the language reserves them.
bool has_wildcard(std::string_view text);

// `*` stands for any run of characters; everything else is literal. Takes the time of the text's
// length, and for patterns of several `*` at most that of the product of both lengths.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace sonde
