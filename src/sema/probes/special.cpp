// SPDX-License-Identifier: Apache-2.0
// begin and end.
#include "sema/probes/resolution.h"

namespace sonde::sema {

namespace {

void resolve_nameless(Resolution& r) {
  if (r.parts == std::vector<std::string>{"*"}) r.parts.clear();
  if (r.check_part_count()) r.add({}, {});
}

}  // namespace

void resolve_begin(Resolution& r) { resolve_nameless(r); }
void resolve_end(Resolution& r) { resolve_nameless(r); }

}  // namespace sonde::sema
