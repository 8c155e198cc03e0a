// SPDX-License-Identifier: Apache-2.0
#include "sema/probes/functions.h"

namespace sonde::sema {

using diag::DiagId;
using lang::Construct;

bool check_function(Resolution& r, std::string_view text) {
  const lang::ProbeKindRow& row = r.row();
  if (text.empty() || text.front() == '+') {
    r.error(DiagId::attach_point_parts, "{} needs the name of a function", row.name)
        .hint("write `{}`", row.syntax);
    return false;
  }
  if (text.front() >= '0' && text.front() <= '9') {
    r.planned(Construct::probe_address);
    return false;
  }
  if (text.find('+') == std::string_view::npos) return true;
  if (!row.at_return) {
    r.planned(Construct::probe_offset);
    return false;
  }
  r.error(DiagId::attach_point_parts, "{} takes no offset: it fires where the function returns",
          row.name)
      .hint("write `{}`", row.syntax);
  return false;
}

}  // namespace sonde::sema
