// SPDX-License-Identifier: Apache-2.0
// Private to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "image/image.h"

namespace sonde::output {

// One line per bucket from the first to the last that is not empty; `data` holds
// bucket_count(type) counts. Those of hist() are divided, those of lhist() are not.
void append_histogram(std::string& out, const image::ValueType& type, const std::byte* data,
                      std::uint64_t divisor);

}  // namespace sonde::output
