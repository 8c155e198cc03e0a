// SPDX-License-Identifier: Apache-2.0
// What is said of a probe that could not be attached.
#pragma once

#include "base/result.h"
#include "image/image.h"

namespace sonde::runtime {

class Reporter;

// As the script's `missing_probes` wants it. Gives whether that ends the script.
bool report_unattached(const image::Image& image, Reporter& reporter, const image::ProbeDesc& probe,
                       const image::PlaceDesc& place, Error error);

}  // namespace sonde::runtime
