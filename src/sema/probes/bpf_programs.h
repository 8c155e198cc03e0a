// SPDX-License-Identifier: Apache-2.0
// fentry and fexit of BPF programs that somebody has loaded.
#pragma once

#include "sema/probes/resolution.h"

namespace sonde::sema {

// `bpf:NAME` and `bpf:ID:NAME`.
void resolve_bpf_program(Resolution& r);

// Whether the kernel has trampolines for BPF programs; if not, what was found is taken away, and
// that is reported.
bool check_trampolines(Resolution& r);

}  // namespace sonde::sema
