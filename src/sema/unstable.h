// SPDX-License-Identifier: Apache-2.0
// Features that a setting `unstable_NAME` allows: `enable`, `warn` or `error`.
#pragma once

#include <string_view>

#include "sema/script.h"

namespace sonde::sema {

// Reports a use at `span` as the setting says; a warning once for each feature.
void check_unstable(Script& script, diag::Diagnostics& diagnostics, lang::ConfigKey setting,
                    std::string_view feature, diag::Span span);

}  // namespace sonde::sema
