// SPDX-License-Identifier: Apache-2.0
// The BPF programs that the kernel has loaded.
#pragma once

#include <vector>

#include "target/target.h"

namespace sonde::target {

// Those with BTF; none without the right to ask (CAP_SYS_ADMIN).
std::vector<BpfFunction> read_bpf_functions();

}  // namespace sonde::target
