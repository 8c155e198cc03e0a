// SPDX-License-Identifier: Apache-2.0
// Kinds that are rows of the table and cannot be attached yet: planned.def has them, so nobody
// gets here.
#include "base/assert.h"
#include "sema/probes/resolution.h"

namespace sonde::sema {

void resolve_fentry(Resolution&) { SONDE_UNREACHABLE("fentry is planned"); }
void resolve_fexit(Resolution&) { SONDE_UNREACHABLE("fexit is planned"); }

}  // namespace sonde::sema
