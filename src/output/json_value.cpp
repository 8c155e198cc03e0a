// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "image/layout.h"
#include "output/json.h"
#include "output/numbers.h"
#include "output/value.h"

namespace sonde::output {

namespace {

using image::ValueKind;
using image::ValueType;

// What a string cannot hold as it is. Bytes from 0x80 on can be anything: they are handed on.
bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escaped(std::string& out, char c) {
  constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '"':
    case '\\': out.append({'\\', c}); return;
    default: out.append({'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]}); return;
  }
}

// Whether a double holds exactly this number: its bits from the first to the last that is set.
bool fits_double(std::uint64_t magnitude) {
  constexpr int significant_bits = 53;
  return std::bit_width(magnitude) - std::countr_zero(magnitude) <= significant_bits ||
         magnitude == 0;
}

void append_array(std::string& out, const TextContext& context, const ValueType& type,
                  const std::byte* data) {
  const image::TypeIndex element = type.elements[0].type;
  out += '[';
  for (std::uint32_t i = 0; i < type.count; ++i) {
    if (i != 0) out += ',';
    append_json_value(out, context, element, data + i * context.image.types[element].size_bytes);
  }
  out += ']';
}

void append_tuple(std::string& out, const TextContext& context, const ValueType& type,
                  const std::byte* data) {
  out += '[';
  std::string_view separator;
  for (const image::Element& element : type.elements) {
    out += separator;
    separator = ",";
    append_json_value(out, context, element.type, data + element.offset_bytes);
  }
  out += ']';
}

void append_record(std::string& out, const TextContext& context, const ValueType& type,
                   const std::byte* data) {
  out += '{';
  std::string_view separator;
  for (const image::Element& element : type.elements) {
    const ValueType& of = context.image.types[element.type];
    const std::byte* place = data + element.offset_bytes;
    out += separator;
    append_json_string(out, element.name);
    out += ": ";
    if (element.bit_size != 0)
      append_json_integer(out, bit_field(element, of, place), of.is_signed);
    else
      append_json_value(out, context, element.type, place);
    separator = ", ";
  }
  out += '}';
}

// Signed, as the bytes of C are.
void append_bytes(std::string& out, const ValueType& type, const std::byte* data) {
  out += '[';
  std::string_view separator;
  for (const std::byte byte : bytes_of_buffer(type, data)) {
    out += separator;
    append_decimal(out, load_extended<std::int8_t>(&byte), true);
    separator = ",";
  }
  out += ']';
}

void append_stats(std::string& out, const ValueType& type, const std::byte* data,
                  std::uint64_t divisor) {
  out += "{\"count\": ";
  append_json_integer(out, load_u64(data + 8), false);
  out += ", \"average\": ";
  append_json_integer(out, divide(average_of(type, data), divisor, type.is_signed), type.is_signed);
  out += ", \"total\": ";
  append_json_integer(out, load_u64(data), type.is_signed);
  out += '}';
}

}  // namespace

void quote_from(std::string& out, std::size_t start) {
  std::size_t plain = start;
  while (plain < out.size() && !needs_escape(out[plain])) ++plain;
  const std::string rest = out.substr(plain);
  out.resize(plain);
  for (const char c : rest) {
    if (needs_escape(c))
      append_escaped(out, c);
    else
      out += c;
  }
  out.insert(start, 1, '"');
  out += '"';
}

void append_json_string(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  out += text;
  quote_from(out, start);
}

void append_json_integer(std::string& out, std::uint64_t value, bool is_signed) {
  const bool is_negative = is_signed && static_cast<std::int64_t>(value) < 0;
  const std::string_view quote = fits_double(is_negative ? 0 - value : value) ? "" : "\"";
  out += quote;
  append_decimal(out, value, is_signed);
  out += quote;
}

void append_json_value(std::string& out, const TextContext& context, image::TypeIndex index,
                       const std::byte* data) {
  const ValueType& type = context.image.types[index];
  switch (type.kind) {
    case ValueKind::none: out += "null"; return;
    case ValueKind::boolean: return append_value(out, context, index, data);
    case ValueKind::integer:
      return append_json_integer(out, load_integer(data, type.size_bytes, type.is_signed),
                                 type.is_signed);
    case ValueKind::pointer: return append_json_integer(out, load_u64(data), false);
    case ValueKind::buffer: return append_bytes(out, type, data);
    case ValueKind::array: return append_array(out, context, type, data);
    case ValueKind::tuple: return append_tuple(out, context, type, data);
    case ValueKind::record: return append_record(out, context, type, data);
    case ValueKind::count:
    case ValueKind::sum:
    case ValueKind::min:
    case ValueKind::max:
    case ValueKind::avg:
    case ValueKind::stats: return append_json_stored(out, context, index, data, 1);
    default: {  // what is text to people
      const std::size_t start = out.size();
      append_value(out, context, index, data);
      return quote_from(out, start);
    }
  }
}

void append_json_stored(std::string& out, const TextContext& context, image::TypeIndex index,
                        const std::byte* data, std::uint64_t divisor) {
  const ValueType& type = context.image.types[index];
  switch (type.kind) {
    case ValueKind::boolean: return append_stored(out, context, index, data, divisor);
    case ValueKind::integer:
      if (!type.enumerators.empty()) divisor = 1;
      [[fallthrough]];
    case ValueKind::count:
    case ValueKind::sum:
    case ValueKind::min:
    case ValueKind::max:
      return append_json_integer(out, divide(load_u64(data), divisor, type.is_signed),
                                 type.is_signed);
    case ValueKind::avg:
      return append_json_integer(out, divide(average_of(type, data), divisor, type.is_signed),
                                 type.is_signed);
    case ValueKind::stats: return append_stats(out, type, data, divisor);
    default: return append_json_value(out, context, index, data);
  }
}

}  // namespace sonde::output
