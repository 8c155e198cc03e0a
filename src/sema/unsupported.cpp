// SPDX-License-Identifier: Apache-2.0
#include "sema/unsupported.h"

namespace sonde::sema {

void not_supported_yet(diag::Diagnostics& diagnostics, diag::Span span, lang::Construct construct) {
  diagnostics.error(diag::DiagId::not_supported_yet, span, "{} is not supported yet",
                    lang::words(construct));
}

}  // namespace sonde::sema
