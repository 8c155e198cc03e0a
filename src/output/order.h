// SPDX-License-Identifier: Apache-2.0
// Private to this folder.
#pragma once

#include <vector>

#include "output/text.h"

namespace sonde::output {

// Puts the entries of a map into the order in which they are printed. Equal ones stay as they
// are.
void sort_entries(const TextContext& context, const image::MapDesc& map,
                  std::vector<MapEntry>& entries);

}  // namespace sonde::output
