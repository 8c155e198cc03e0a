// SPDX-License-Identifier: Apache-2.0
// The BPF programs that the kernel has loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "target/target.h"

namespace sonde::target {

// Those with BTF; none without the right to ask (CAP_SYS_ADMIN).
std::vector<BpfFunction> read_bpf_functions();

// The bytes of the program's BTF; empty when there is none, or no such program.
std::vector<std::byte> read_program_btf(std::uint32_t program_id);

}  // namespace sonde::target
