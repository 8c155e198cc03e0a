// SPDX-License-Identifier: Apache-2.0
// Values and maps as JSON. The rules are in docs/json.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"
#include "output/text.h"

namespace sonde::output {

// Makes what was appended since `start` a JSON string.
void quote_from(std::string& out, std::size_t start);
void append_json_string(std::string& out, std::string_view text);
// A number, or a string of its digits when a double cannot hold it.
void append_json_integer(std::string& out, std::uint64_t value, bool is_signed);

// A value of a record or a key.
void append_json_value(std::string& out, const TextContext& context, image::TypeIndex type,
                       const std::byte* data);
// The value of a map's entry, as append_stored() of value.h.
void append_json_stored(std::string& out, const TextContext& context, image::TypeIndex type,
                        const std::byte* data, std::uint64_t divisor);

// print(@m) and the dump at the end: one line, or nothing for a map without entries. Sorts
// `entries`.
void append_json_map(std::string& out, const TextContext& context, const image::MapDesc& map,
                     std::vector<MapEntry>& entries, const MapCut& cut);

}  // namespace sonde::output
