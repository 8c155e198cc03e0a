// SPDX-License-Identifier: Apache-2.0
// What a probe's body asks of its attach point, before any name in it is resolved.
#pragma once

#include "ast/nodes.h"
#include "sema/probes/resolution.h"

namespace sonde::sema {

BodyUse body_use(const ast::Probe& probe);

}  // namespace sonde::sema
