// SPDX-License-Identifier: Apache-2.0
// printf. Where bpftrace's development branch differs from its releases we do what C does:
// zeros stand behind the sign (`%05d` of -1 is `-0001`) and a precision cuts text (`%.2s`).
#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "output/gfp.h"
#include "output/numbers.h"
#include "output/text.h"

namespace sonde::output {

namespace {

using image::FormatPiece;
using image::Length;
using image::ValueKind;
using image::ValueType;

// What an integer conversion takes, extended to 64 bits by the sign of its type.
std::optional<std::uint64_t> integer_at(const ValueType& type, const std::byte* data) {
  switch (type.kind) {
    case ValueKind::boolean: return *data != std::byte{0} ? 1 : 0;
    case ValueKind::integer: return load_integer(data, type.size_bytes, type.is_signed);
    case ValueKind::pointer:
    case ValueKind::ksym:
    case ValueKind::usym: return load_u64(data);
    default: return std::nullopt;
  }
}

// Without a length a conversion sees 32 bits, as in C and in all versions of bpftrace.
unsigned bits_of(Length length) {
  switch (length) {
    case Length::hh: return 8;
    case Length::h: return 16;
    case Length::l: return 64;
    case Length::none: break;
  }
  return 32;
}

// Sign or base in front, zeros and blanks as the piece wants them.
void append_number(std::string& out, const FormatPiece& piece, std::string_view prefix,
                   std::string_view digits) {
  const auto precision = static_cast<std::size_t>(std::max(piece.precision, 0));
  const auto width = static_cast<std::size_t>(piece.width);
  std::size_t zeros = precision > digits.size() ? precision - digits.size() : 0;
  const std::size_t size = prefix.size() + zeros + digits.size();
  std::size_t blanks = width > size ? width - size : 0;
  if (piece.zero && !piece.left && piece.precision < 0) zeros += std::exchange(blanks, 0);
  if (!piece.left) out.append(blanks, ' ');
  out += prefix;
  out.append(zeros, '0');
  out += digits;
  if (piece.left) out.append(blanks, ' ');
}

void append_signed(std::string& out, const FormatPiece& piece, std::uint64_t value) {
  const unsigned unused_bits = 64 - bits_of(piece.length);
  const auto number = static_cast<std::int64_t>(value << unused_bits) >> unused_bits;
  const auto bits = static_cast<std::uint64_t>(number);
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number < 0 ? 0 - bits : bits);
  const std::string_view sign = number < 0 ? "-" : piece.plus ? "+" : "";
  append_number(out, piece, sign, {digits, end.ptr});
}

void append_unsigned(std::string& out, const FormatPiece& piece, std::uint64_t value, int base) {
  const unsigned unused_bits = 64 - bits_of(piece.length);
  value = value << unused_bits >> unused_bits;
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, base);
  std::string_view prefix;
  if (piece.alternate && value != 0 && base != 10) prefix = base == 16 ? "0x" : "0";
  if (piece.conversion == 'X') {
    if (!prefix.empty()) prefix = "0X";
    std::transform(digits, end.ptr, digits,
                   [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
  }
  append_number(out, piece, prefix, {digits, end.ptr});
}

void append_pointer(std::string& out, const FormatPiece& piece, std::uint64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16);
  append_number(out, piece, value == 0 ? "" : "0x", {digits, end.ptr});
}

// Widens what was appended since `start`. Zeros are used for text too, as bpftrace does.
void pad_text(std::string& out, std::size_t start, const FormatPiece& piece) {
  const std::size_t size = out.size() - start;
  const auto width = static_cast<std::size_t>(piece.width);
  if (size >= width) return;
  if (piece.left)
    out.append(width - size, ' ');
  else
    out.insert(start, width - size, piece.zero ? '0' : ' ');
}

void append_text(std::string& out, const TextContext& context, const FormatPiece& piece,
                 image::TypeIndex type, const std::byte* data) {
  const std::size_t start = out.size();
  append_value(out, context, type, data);
  if (piece.precision >= 0 && out.size() - start > static_cast<std::size_t>(piece.precision))
    out.resize(start + static_cast<std::size_t>(piece.precision));
  pad_text(out, start, piece);
}

void append_bytes(std::string& out, const FormatPiece& piece, const ValueType& type,
                  const std::byte* data) {
  const std::size_t start = out.size();
  append_buffer(out, type, data,
                piece.variant == 'x'   ? Bytes::escaped
                : piece.variant == 'h' ? Bytes::hex
                                       : Bytes::readable);
  pad_text(out, start, piece);
}

void append_character(std::string& out, const FormatPiece& piece, std::uint64_t value) {
  const std::size_t start = out.size();
  out += static_cast<char>(value);
  pad_text(out, start, piece);
}

void append_conversion(std::string& out, const TextContext& context, const FormatPiece& piece,
                       image::TypeIndex index, const std::byte* data) {
  if (piece.conversion == 'r') return append_bytes(out, piece, context.image.types[index], data);
  const std::optional<std::uint64_t> integer = integer_at(context.image.types[index], data);
  // sema lets integer conversions have integers only
  if (!integer) return append_text(out, context, piece, index, data);
  switch (piece.conversion) {
    case 'd':
    case 'i': return append_signed(out, piece, *integer);
    case 'u': return append_unsigned(out, piece, *integer, 10);
    case 'o': return append_unsigned(out, piece, *integer, 8);
    case 'x':
    case 'X': return append_unsigned(out, piece, *integer, 16);
    case 'p': return append_pointer(out, piece, *integer);
    case 'c': return append_character(out, piece, *integer);
    case 'g': {
      const std::size_t start = out.size();
      append_gfp_flags(out, *integer);
      return pad_text(out, start, piece);
    }
    default: return append_text(out, context, piece, index, data);
  }
}

}  // namespace

void append_formatted(std::string& out, const TextContext& context, const image::EventDesc& event,
                      const std::byte* record) {
  std::size_t next = 0;
  for (const FormatPiece& piece : event.format) {
    if (piece.conversion == 0) {
      out += piece.literal;
      continue;
    }
    SONDE_ASSERT(next < event.fields.size(), "a format has as many conversions as fields");
    const image::EventField& field = event.fields[next++];
    append_conversion(out, context, piece, field.type, record + field.offset_bytes);
  }
}

}  // namespace sonde::output
