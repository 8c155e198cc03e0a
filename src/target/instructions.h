// SPDX-License-Identifier: Apache-2.0
// Where the instructions of a program begin.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace sonde::target {

// Intel SDM, volume 2, 2.3.11: no instruction is longer.
constexpr std::uint64_t longest_instruction_bytes = 15;

// `code` begins with an instruction of x86-64 and holds the one at `offset`, or the one around it,
// as a whole. Gives the first start of an instruction at or behind `offset`; `offset + 1` where
// something cannot be decoded. Fails when the decoder (libZydis, opened here) is not installed.
Result<std::uint64_t> next_instruction(std::string_view code, std::uint64_t offset);

}  // namespace sonde::target
