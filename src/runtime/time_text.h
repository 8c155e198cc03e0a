// SPDX-License-Identifier: Apache-2.0
// Times as text, and the clocks that they come from.
#pragma once

#include <time.h>

#include <cstdint>
#include <string>

#include "image/image.h"

namespace sonde::runtime {

std::uint64_t clock_ns(clockid_t clock);

// As strftime() of C, in local time; `%f`, `%l` and `%k` are the microseconds, milliseconds and
// nanoseconds of the second. "(?)" for what cannot be written.
void append_time(std::string& out, std::uint64_t ns, image::Clock clock, const std::string& format);

}  // namespace sonde::runtime
