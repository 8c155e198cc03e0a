// SPDX-License-Identifier: Apache-2.0
#include "image/check_image.h"

#include <algorithm>

#include "image/layout.h"

namespace sonde::image {

namespace {

// The language allows 1000 buckets and hist bits up to 5; an image with more is broken.
constexpr std::uint64_t most_lhist_buckets = 1002;
constexpr std::uint32_t most_hist_bits = 5;

// Bytes of a buffer's count.
constexpr std::uint32_t buffer_header_bytes = 4;

std::uint32_t size_in_tuple(const ValueType& type) {
  return is_aggregation(type.kind) ? stored_size(type) : type.size_bytes;
}

bool has_valid_elements(const ValueType& type, const std::vector<ValueType>& before) {
  return std::ranges::all_of(type.elements, [&](const Element& element) {
    if (element.type >= before.size()) return false;
    const std::uint64_t end =
        std::uint64_t{element.offset_bytes} + size_in_tuple(before[element.type]);
    if (element.bit_size > 64 || element.bit_offset > 64) return false;
    return end <= type.size_bytes && element.bit_offset + element.bit_size <= 64;
  });
}

bool is_valid_array(const ValueType& type, const std::vector<ValueType>& before) {
  if (type.elements.size() != 1 || type.elements[0].type >= before.size()) return false;
  const std::uint64_t size = before[type.elements[0].type].size_bytes;
  return size * type.count <= type.size_bytes;
}

bool is_valid(const ValueType& type, const std::vector<ValueType>& before) {
  switch (type.kind) {
    case ValueKind::boolean: return type.size_bytes == 1;
    case ValueKind::integer:
      return type.size_bytes == 1 || type.size_bytes == 2 || type.size_bytes == 4 ||
             type.size_bytes == 8;
    case ValueKind::pointer:
    case ValueKind::kstack:
    case ValueKind::ustack:
    case ValueKind::username:
    case ValueKind::ksym: return type.size_bytes == 8;
    case ValueKind::usym:
    case ValueKind::timestamp:
    case ValueKind::cgroup_path: return type.size_bytes == 16;
    case ValueKind::inet: return type.size_bytes == 24;
    case ValueKind::mac: return type.size_bytes == 6;
    case ValueKind::buffer: return type.size_bytes >= buffer_header_bytes;
    case ValueKind::array: return is_valid_array(type, before);
    case ValueKind::tuple:
    case ValueKind::record: return has_valid_elements(type, before);
    case ValueKind::hist: return type.hist_bits <= most_hist_bits;
    case ValueKind::lhist:
      return type.lhist_step != 0 && type.lhist_max >= type.lhist_min &&
             (type.lhist_max - type.lhist_min) / type.lhist_step + 2 <= most_lhist_buckets;
    case ValueKind::tseries:
      return type.series_interval_ns != 0 && type.series_points != 0 &&
             type.series_points <= most_series_points;
    default: return true;
  }
}

bool is_valid(const MapDesc& map, const Image& image) {
  const bool is_scalar =
      map.storage == MapStorage::scalar || map.storage == MapStorage::per_cpu_scalar;
  const bool has_points = map.storage == MapStorage::per_cpu_points;
  if (!has_points && is_scalar != (map.key == no_type)) return false;
  if (map.value >= image.types.size()) return false;
  if (has_points != is_long_series(image.types[map.value])) return false;
  if (map.made_early && map.storage != MapStorage::per_cpu_hash) return false;
  return map.key == no_type || map.key < image.types.size();
}

// By putting another one in its place, or by subtracting what it held.
bool can_be_emptied(const MapDesc& map, const Image& image) {
  return !map.swap_name.empty() ||
         (map.storage == MapStorage::per_cpu_scalar && is_additive(image.types[map.value].kind));
}

bool is_valid(const SourceRange& range, const Image& image) {
  if (range.file == SourceRange::no_source) return true;
  if (range.expansion > image.expansions.size()) return false;
  return range.file < image.sources.size() && range.begin <= range.end &&
         range.end <= image.sources[range.file].text.size();
}

bool is_valid(const EventDesc& event, const Image& image) {
  const bool known_types = std::ranges::all_of(
      event.fields, [&](const EventField& field) { return field.type < image.types.size(); });
  if (!known_types) return false;
  switch (event.action) {
    case Action::print_formatted:
    case Action::report_error:
    case Action::report_warning:
    case Action::run_command:
    case Action::print_file:
      return std::ranges::count_if(event.format, [](const FormatPiece& piece) {
               return piece.conversion != 0;
             }) == static_cast<std::ptrdiff_t>(event.fields.size());
    case Action::print_value:
      return event.fields.size() == 1 || (event.fields.empty() && event.format.size() <= 1);
    case Action::exit: return event.fields.size() == 1;
    case Action::print_time:
    case Action::print_joined: return event.format.size() <= 1 && event.fields.empty();
    case Action::print_map:
      return event.map < image.maps.size() && event.divisor != 0 &&
             (event.taking == Taking::nothing || can_be_emptied(image.maps[event.map], image));
    case Action::clear_map:
    case Action::zero_map:
      return event.map < image.maps.size() && can_be_emptied(image.maps[event.map], image);
  }
  return false;
}

std::unexpected<Error> broken(const char* table, std::size_t index) {
  return fail("row " + std::to_string(index) + " of `" + table + "` does not fit the rest");
}

}  // namespace

Status check_image(const Image& image) {
  std::vector<ValueType> before;  // a tuple's elements are types in front of it: no cycles
  before.reserve(image.types.size());
  for (const ValueType& type : image.types) {
    if (!is_valid(type, before)) return broken("types", before.size());
    before.push_back(type);
  }
  // An expansion comes from those in front of it: no cycles.
  for (std::size_t i = 0; i < image.expansions.size(); ++i)
    if (!is_valid(image.expansions[i], image) || image.expansions[i].expansion > i ||
        image.expansions[i].file == SourceRange::no_source)
      return broken("expansions", i);
  for (std::size_t i = 0; i < image.maps.size(); ++i)
    if (!is_valid(image.maps[i], image)) return broken("maps", i);
  for (std::size_t i = 0; i < image.probes.size(); ++i)
    if (image.probes[i].places.empty() || !is_valid(image.probes[i].range, image))
      return broken("probes", i);
  for (std::size_t i = 0; i < image.events.size(); ++i)
    if (!is_valid(image.events[i], image) || !is_valid(image.events[i].range, image))
      return broken("events", i);
  for (std::size_t i = 0; i < image.failures.size(); ++i)
    if (!is_valid(image.failures[i].range, image)) return broken("failures", i);
  return {};
}

}  // namespace sonde::image
