// SPDX-License-Identifier: Apache-2.0
// The values of integer and string literals. Errors are reported at the letter that is wrong;
// the parser then goes on with what could be read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "diag/span.h"

namespace sonde::diag {
class Diagnostics;
}

namespace sonde::parser {

// `text` begins with a digit and is all of `span`.
std::uint64_t read_integer(std::string_view text, diag::Span span, diag::Diagnostics& diagnostics);

// `text` is all of `span`, with both quotes.
std::string read_string(std::string_view text, diag::Span span, diag::Diagnostics& diagnostics);

}  // namespace sonde::parser
