// SPDX-License-Identifier: Apache-2.0
// What every form of a printed map has in common. Private to this folder.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "output/text.h"

namespace sonde::output {

// The last cut.top entries in the order in which they are printed. Sorts `entries`.
std::span<const MapEntry> shown_entries(const TextContext& context, const image::MapDesc& map,
                                        std::vector<MapEntry>& entries, const MapCut& cut);

// A key that prints in parentheses loses them: `@m[1, x]`.
void append_key(std::string& out, const TextContext& context, const image::MapDesc& map,
                const std::vector<std::byte>& key);

}  // namespace sonde::output
