// SPDX-License-Identifier: Apache-2.0
// Small operations on text that several folders need.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sonde {

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

// Number of single-character edits (insert, delete, replace, swap neighbours).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that a user who typed `word` most likely meant; empty when none is close
// (more than a third of the letters would have to change).
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

// A whole decimal, 0x-hexadecimal or 0-octal number; nothing when there is anything else.
std::optional<std::uint64_t> parse_u64(std::string_view text);

// `1 true on yes`, `0 false off no` in any case.
std::optional<bool> parse_flag(std::string_view text);

}  // namespace sonde
