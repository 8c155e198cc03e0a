// SPDX-License-Identifier: Apache-2.0
// Asking the running kernel what it offers.
#pragma once

#include <cstddef>
#include <string_view>

#include "target/target.h"

namespace sonde::target {

constexpr std::size_t feature_count = 0
#define FEATURE(NAME, SINCE, SUMMARY) +1
#include "target/features.def"
#undef FEATURE
    ;

// Tries it out, which takes some microseconds; whoever asks remembers. Where this process may
// not try (no CAP_BPF), `release` is compared with the version that brought the feature.
bool probe_feature(Feature feature, std::string_view release);

std::string_view feature_name(Feature feature);

// The Linux version that brought it: "6.9".
std::string_view feature_since(Feature feature);

// `6.12.3-foo` >= `6.9`, by the leading numbers.
bool release_at_least(std::string_view release, std::string_view since);

}  // namespace sonde::target
