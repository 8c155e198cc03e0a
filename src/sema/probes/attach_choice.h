// SPDX-License-Identifier: Apache-2.0
// Whether kprobes and kretprobes are attached as such, or by the trampolines of fentry and fexit,
// which cost the traced function less and hand on typed arguments.
#pragma once

#include "sema/probes/resolution.h"

namespace sonde::sema {

// Decides for all that was found. Reports what can be attached in no way, or not as --attach wants.
void choose_kprobe_attachment(Resolution& r);

}  // namespace sonde::sema
