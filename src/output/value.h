// SPDX-License-Identifier: Apache-2.0
// Values as they lie in maps. Private to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "output/text.h"

namespace sonde::output {

// The value of a map's entry: numbers take 8 bytes there, see image/layout.h. Numbers and
// averages are divided. Not for histograms.
void append_stored(std::string& out, const TextContext& context, image::TypeIndex type,
                   const std::byte* data, std::uint64_t divisor);

// A number, by its name when it is that of an enumerator.
void append_integer(std::string& out, const image::ValueType& type, std::uint64_t value);

// The text of a string of `type`, up to its NUL or its end.
std::string_view string_at(const image::ValueType& type, const std::byte* data);

// The bits of a field, extended as its type says.
std::uint64_t bit_field(const image::Element& element, const image::ValueType& type,
                        const std::byte* data);

// Those that a buffer holds.
std::span<const std::byte> bytes_of_buffer(const image::ValueType& type, const std::byte* data);

// total / count of an avg or stats value; 0 when nothing was counted.
std::uint64_t average_of(const image::ValueType& type, const std::byte* data);

}  // namespace sonde::output
