// SPDX-License-Identifier: Apache-2.0
// Letting go of many attachments.
#pragma once

#include <vector>

#include "runtime/attach/link.h"

namespace sonde::runtime {

class Progress;

// Detaches all of them; in what order, nobody knows.
void close_links(std::vector<Link> links, Progress& progress);

}  // namespace sonde::runtime
