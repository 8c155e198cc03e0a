// SPDX-License-Identifier: Apache-2.0
// How attach points name functions.
#pragma once

#include <string_view>

#include "sema/probes/resolution.h"

namespace sonde::sema {

// Whether it is `function`; reports what is not. `function+4` and `0x1234` are not supported yet.
bool check_function(Resolution& r, std::string_view text);

}  // namespace sonde::sema
