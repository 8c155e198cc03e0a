// SPDX-License-Identifier: Apache-2.0
// The per-CPU memory in which a probe keeps what does not fit on its stack.
#pragma once

#include <cstdint>

namespace sonde::image {

// A per-CPU value is not larger (PCPU_MIN_UNIT_SIZE, include/linux/percpu.h).
inline constexpr std::uint32_t most_frame_bytes = 32768;
// A frame starts with a word that says whether it is taken.
inline constexpr std::uint32_t frame_header_bytes = 8;
// Of one value.
inline constexpr std::uint32_t most_value_bytes = most_frame_bytes - frame_header_bytes;

}  // namespace sonde::image
