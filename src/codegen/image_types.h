// SPDX-License-Identifier: Apache-2.0
// Types of the language as the runtime sees them.
#pragma once

#include "image/image.h"
#include "sema/type.h"

namespace sonde::codegen {

// Without the elements of a tuple, whose indices only the image has.
image::ValueType image_type(const sema::Type& type);

}  // namespace sonde::codegen
