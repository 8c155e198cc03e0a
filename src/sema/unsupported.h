// SPDX-License-Identifier: Apache-2.0
// The one message for what the language has and sonde does not do yet.
#pragma once

#include "diag/diagnostics.h"
#include "lang/planned.h"

namespace sonde::sema {

void not_supported_yet(diag::Diagnostics& diagnostics, diag::Span span, lang::Construct construct);

}  // namespace sonde::sema
