// SPDX-License-Identifier: Apache-2.0
// Numbers out of records and maps, and as text. Private to this folder.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace sonde::output {

inline std::uint64_t load_u64(const std::byte* data) {
  std::uint64_t value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

template <typename Integer>
std::uint64_t load_extended(const std::byte* data) {
  Integer value;
  std::memcpy(&value, data, sizeof value);
  return static_cast<std::uint64_t>(value);  // a signed type extends its sign
}

// 1, 2, 4 or 8 bytes, extended to 64 bits.
inline std::uint64_t load_integer(const std::byte* data, std::uint32_t size_bytes, bool is_signed) {
  switch (size_bytes) {
    case 1: return is_signed ? load_extended<std::int8_t>(data) : load_extended<std::uint8_t>(data);
    case 2:
      return is_signed ? load_extended<std::int16_t>(data) : load_extended<std::uint16_t>(data);
    case 4:
      return is_signed ? load_extended<std::int32_t>(data) : load_extended<std::uint32_t>(data);
    default: return load_u64(data);
  }
}

// Truncates toward zero. A divisor of 0 counts as 1.
inline std::uint64_t divide(std::uint64_t value, std::uint64_t divisor, bool is_signed) {
  if (divisor <= 1) return value;
  const bool negative = is_signed && static_cast<std::int64_t>(value) < 0;
  return negative ? 0 - (0 - value) / divisor : value / divisor;
}

inline void append_decimal(std::string& out, std::uint64_t value, bool is_signed) {
  char text[24];
  const auto end = is_signed
                       ? std::to_chars(text, text + sizeof text, static_cast<std::int64_t>(value))
                       : std::to_chars(text, text + sizeof text, value);
  out.append(text, end.ptr);
}

inline void append_address(std::string& out, std::uint64_t value) {
  char text[24] = "0x";
  out.append(text, std::to_chars(text + 2, text + sizeof text, value, 16).ptr);
}

}  // namespace sonde::output
