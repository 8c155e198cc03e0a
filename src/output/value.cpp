// SPDX-License-Identifier: Apache-2.0
#include "output/value.h"

#include <algorithm>

#include "image/layout.h"
#include "output/addresses.h"
#include "output/numbers.h"

namespace sonde::output {

namespace {

using image::ValueKind;
using image::ValueType;

void append_string(std::string& out, const TextContext& context, const ValueType& type,
                   const std::byte* data) {
  std::string_view text = string_at(type, data);
  if (type.size_bytes == 0) return;
  const char last = static_cast<char>(data[type.size_bytes - 1]);
  const bool is_full = text.size() == type.size_bytes;
  if (is_full && last == image::cut_mark) text.remove_suffix(1);
  out += text;
  // The mark of what was cut, or no NUL at all: then the text did not fit when it was read.
  if (is_full || last == image::cut_mark) out += context.image.truncation_trailer;
}

void append_tuple(std::string& out, const TextContext& context, const ValueType& type,
                  const std::byte* data) {
  out += '(';
  std::string_view separator;
  for (const image::Element& element : type.elements) {
    out += separator;
    append_value(out, context, element.type, data + element.offset_bytes);
    separator = ", ";
  }
  out += ')';
}

void append_array(std::string& out, const TextContext& context, const ValueType& type,
                  const std::byte* data) {
  const image::TypeIndex element = type.elements[0].type;
  out += '[';
  for (std::uint32_t i = 0; i < type.count; ++i) {
    if (i != 0) out += ',';
    append_value(out, context, element, data + i * context.image.types[element].size_bytes);
  }
  out += ']';
}

void append_record(std::string& out, const TextContext& context, const ValueType& type,
                   const std::byte* data) {
  out += '{';
  std::string_view separator = " ";
  for (const image::Element& element : type.elements) {
    const ValueType& of = context.image.types[element.type];
    const std::byte* place = data + element.offset_bytes;
    out += separator;
    out += '.';
    out += element.name;
    out += " = ";
    if (of.kind == ValueKind::none)
      out += "null";
    else if (element.bit_size != 0)
      append_integer(out, of, bit_field(element, of, place));
    else
      append_value(out, context, element.type, place);
    separator = ", ";
  }
  out += type.elements.empty() ? "}" : " }";
}

void append_stats(std::string& out, const ValueType& type, const std::byte* data,
                  std::uint64_t divisor) {
  out += "{ .count = ";
  append_decimal(out, load_u64(data + 8), false);
  out += ", .average = ";
  append_decimal(out, divide(average_of(type, data), divisor, type.is_signed), type.is_signed);
  out += ", .total = ";
  append_decimal(out, load_u64(data), type.is_signed);
  out += " }";
}

// A text of the image that a value names.
const std::string& text_at(const TextContext& context, std::uint64_t index) {
  static const std::string none;
  return index < context.image.texts.size() ? context.image.texts[index] : none;
}

void append_timestamp(std::string& out, const TextContext& context, const std::byte* data) {
  const std::uint64_t format = load_integer(data + 8, 4, false);
  const auto clock = static_cast<image::Clock>(load_integer(data + 12, 4, false));
  context.resolver.append_time(out, load_u64(data), clock, text_at(context, format));
}

}  // namespace

std::uint64_t bit_field(const image::Element& element, const ValueType& type,
                        const std::byte* data) {
  const std::uint64_t whole = load_integer(data, type.size_bytes, false);
  const std::uint64_t top = whole << (64 - element.bit_offset - element.bit_size);
  const unsigned unused = 64 - element.bit_size;
  return type.is_signed ? static_cast<std::uint64_t>(static_cast<std::int64_t>(top) >> unused)
                        : top >> unused;
}

std::span<const std::byte> bytes_of_buffer(const ValueType& type, const std::byte* data) {
  constexpr std::uint32_t header_bytes = 4;
  const std::uint64_t count = load_integer(data, header_bytes, false);
  return {data + header_bytes, std::min<std::uint64_t>(count, type.size_bytes - header_bytes)};
}

void append_buffer(std::string& out, const ValueType& type, const std::byte* data, Bytes bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string_view separator;
  for (const std::byte each : bytes_of_buffer(type, data)) {
    const auto byte = static_cast<unsigned char>(each);
    if (bytes == Bytes::readable && byte >= 0x20 && byte < 0x7f) {
      out += static_cast<char>(byte);
      continue;
    }
    out += bytes == Bytes::hex ? separator : "\\x";
    out.append({digits[byte >> 4], digits[byte & 15]});
    separator = " ";
  }
}

void append_integer(std::string& out, const ValueType& type, std::uint64_t value) {
  for (const image::Enumerator& known : type.enumerators)
    if (known.value == value) {
      out += known.name;
      return;
    }
  append_decimal(out, value, type.is_signed);
}

std::string_view string_at(const ValueType& type, const std::byte* data) {
  const char* text = reinterpret_cast<const char*>(data);
  return {text, ::strnlen(text, type.size_bytes)};
}

std::uint64_t average_of(const ValueType& type, const std::byte* data) {
  return divide(load_u64(data), load_u64(data + 8), type.is_signed);
}

void append_value(std::string& out, const TextContext& context, image::TypeIndex index,
                  const std::byte* data) {
  const ValueType& type = context.image.types[index];
  switch (type.kind) {
    case ValueKind::none: return;
    case ValueKind::boolean: out += *data != std::byte{0} ? "true" : "false"; return;
    case ValueKind::integer:
      return append_integer(out, type, load_integer(data, type.size_bytes, type.is_signed));
    case ValueKind::pointer: return append_address(out, load_u64(data));
    case ValueKind::string: return append_string(out, context, type, data);
    case ValueKind::buffer: return append_buffer(out, type, data, Bytes::readable);
    case ValueKind::array: return append_array(out, context, type, data);
    case ValueKind::tuple: return append_tuple(out, context, type, data);
    case ValueKind::record: return append_record(out, context, type, data);
    case ValueKind::kstack:
    case ValueKind::ustack:
      out += '\n';  // every frame has a line of its own, also the first
      return context.resolver.append_stack(out, type, load_u64(data));
    case ValueKind::ksym: return context.resolver.append_kernel_symbol(out, load_u64(data));
    case ValueKind::usym: {
      const auto tgid = static_cast<std::uint32_t>(load_integer(data + 8, 4, false));
      return context.resolver.append_user_symbol(out, load_u64(data), tgid);
    }
    case ValueKind::username: return context.resolver.append_user_name(out, load_u64(data));
    case ValueKind::inet: return append_internet_address(out, data);
    case ValueKind::mac: return append_hardware_address(out, data);
    case ValueKind::timestamp: return append_timestamp(out, context, data);
    case ValueKind::cgroup_path:
      return context.resolver.append_cgroup_path(out, load_u64(data),
                                                 text_at(context, load_u64(data + 8)));
    case ValueKind::count:
    case ValueKind::sum:
    case ValueKind::min:
    case ValueKind::max:
    case ValueKind::avg:
    case ValueKind::stats: return append_stored(out, context, index, data, 1);
    case ValueKind::hist:
    case ValueKind::lhist:
    case ValueKind::tseries: return;  // never inside another value, nor printed as one
  }
}

void append_stored(std::string& out, const TextContext& context, image::TypeIndex index,
                   const std::byte* data, std::uint64_t divisor) {
  const ValueType& type = context.image.types[index];
  switch (type.kind) {
    case ValueKind::boolean: out += load_u64(data) != 0 ? "true" : "false"; return;
    case ValueKind::integer:
      if (!type.enumerators.empty()) return append_integer(out, type, load_u64(data));
      [[fallthrough]];
    case ValueKind::count:
    case ValueKind::sum:
    case ValueKind::min:
    case ValueKind::max:
      return append_decimal(out, divide(load_u64(data), divisor, type.is_signed), type.is_signed);
    case ValueKind::avg: {
      const std::uint64_t average = divide(average_of(type, data), divisor, type.is_signed);
      return append_decimal(out, average, type.is_signed);
    }
    case ValueKind::stats: return append_stats(out, type, data, divisor);
    default: return append_value(out, context, index, data);
  }
}

}  // namespace sonde::output
