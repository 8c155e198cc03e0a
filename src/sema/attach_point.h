// SPDX-License-Identifier: Apache-2.0
// The text of an attach point, taken apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sonde::sema {

// Split at `:` outside of quotes; quotes removed, `\c` inside them is `c`. A `name=` in front is
// dropped (reserved by the language, without effect).
std::vector<std::string> split_attach_point(std::string_view text);

}  // namespace sonde::sema
