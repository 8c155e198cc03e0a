// SPDX-License-Identifier: Apache-2.0
#include "sema/unstable.h"

namespace sonde::sema {

using diag::DiagId;

void check_unstable(Script& script, diag::Diagnostics& diagnostics, lang::ConfigKey setting,
                    std::string_view feature, diag::Span span) {
  if (span.in_library) return;
  const std::string& policy = script.config.text(setting);
  const std::string_view name = lang::row(setting).name;
  if (policy == "error" || policy == "false")
    diagnostics
        .error(DiagId::unstable_feature, span, "{} may still change and is not enabled", feature)
        .hint("`config = {{ {} = enable }}`", name);
  else if (policy == "warn")  // without a place it is said once
    diagnostics
        .warning(DiagId::unstable_feature, {},
                 "the script uses {}, which may still change in later versions", feature)
        .hint("`config = {{ {} = enable }}` says that this is known", name);
}

}  // namespace sonde::sema
