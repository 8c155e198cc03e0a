// SPDX-License-Identifier: Apache-2.0
// Private to this folder.
#pragma once

#include "image/image.h"

namespace sonde::image {

// Checks that the rows of an image fit together, so that whoever follows an index, an offset or
// a size in it stays inside the image and its records.
Status check_image(const Image& image);

}  // namespace sonde::image
