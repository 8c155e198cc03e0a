// SPDX-License-Identifier: Apache-2.0
// How often a profile or interval probe fires: `hz:99`, `s:1`, `50ms`.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>

namespace sonde::sema {

struct Rate {
  std::uint64_t value = 0;    // Hz, or nanoseconds
  bool is_frequency = false;  // Hz
  std::string name;           // as `probe` says it
};

struct BadRate {
  std::string text;
  std::string hint;
};

// `parts` are one or two: the attach point without `provider`, "profile" or "interval".
std::expected<Rate, BadRate> parse_rate(std::string_view provider,
                                        std::span<const std::string> parts);

}  // namespace sonde::sema
