// SPDX-License-Identifier: Apache-2.0
// The tables as JSON. Fields that have their default are left out: most probes and types need
// few of them, and reading is on the start-up path. `read_tables` is the other half.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "image/image.h"
#include "image/names.h"

namespace sonde::image {

namespace {

using Json = nlohmann::ordered_json;

// JSON is UTF-8, scripts and formats are bytes. Text with bytes beyond ASCII is written as
// {"bytes": …} with one code point per byte, which any reader of JSON gives back unchanged.
Json text(std::string_view bytes) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::ranges::all_of(bytes, is_ascii)) return Json(bytes);
  std::string points;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) points += static_cast<char>(0xc0 | byte >> 6);
    points += byte < 0x80 ? c : static_cast<char>(0x80 | (byte & 0x3f));
  }
  return Json{{"bytes", std::move(points)}};
}

// A row under construction.
class Row {
 public:
  template <typename Value>
  Row& with(const char* key, const Value& value, const Value& left_out = {}) {
    if (value != left_out) json_[key] = value;
    return *this;
  }
  Row& text_of(const char* key, std::string_view value, std::string_view left_out = "") {
    if (value != left_out) json_[key] = text(value);
    return *this;
  }
  template <typename Enum>
  Row& named(const char* key, Enum value) {
    json_[key] = name_of(value);
    return *this;
  }
  Row& range(const SourceRange& range) {
    if (range.file == SourceRange::no_source) return *this;
    Json& json = json_["range"] = Json::array({range.file, range.begin, range.end});
    if (range.expansion != 0) json.push_back(range.expansion);
    return *this;
  }
  template <typename Places>  // [type, offset]
  Row& places(const char* key, const Places& places) {
    for (const auto& place : places)
      json_[key].push_back(Json::array({place.type, place.offset_bytes}));
    return *this;
  }
  Row& elements(const char* key, const std::vector<Element>& elements) {
    for (const Element& element : elements) {
      Json place = Json::array({element.type, element.offset_bytes});
      if (!element.name.empty() || element.bit_size != 0) place.push_back(text(element.name));
      if (element.bit_size != 0) {
        place.push_back(element.bit_offset);
        place.push_back(element.bit_size);
      }
      json_[key].push_back(std::move(place));
    }
    return *this;
  }
  Row& enumerators(const char* key, const std::vector<Enumerator>& enumerators) {
    for (const Enumerator& each : enumerators)
      json_[key].push_back(Json::array({each.value, text(each.name)}));
    return *this;
  }
  Row& texts(const char* key, const std::vector<std::string>& texts) {
    for (const std::string& each : texts) json_[key].push_back(text(each));
    return *this;
  }
  template <typename Enum>
  Row& named_unless(const char* key, Enum value, Enum left_out) {
    return value == left_out ? *this : named(key, value);
  }
  Row& rows(const char* key, Json list) {
    json_[key] = std::move(list);
    return *this;
  }
  Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

// The format as it could stand in a script; parse_format gives the same pieces again.
std::string format_text(const std::vector<FormatPiece>& pieces) {
  std::string out;
  for (const FormatPiece& piece : pieces) {
    if (piece.conversion == 0) {
      for (const char c : piece.literal) out.append(c == '%' ? 2 : 1, c);
      continue;
    }
    out += '%';
    if (piece.left) out += '-';
    if (piece.plus) out += '+';
    if (piece.blank) out += ' ';
    if (piece.alternate) out += '#';
    if (piece.zero) out += '0';
    if (piece.width > 0) out += std::to_string(piece.width);
    if (piece.precision >= 0) out += '.' + std::to_string(piece.precision);
    constexpr const char* lengths[] = {"", "hh", "h", "l"};
    out += lengths[static_cast<std::size_t>(piece.length)];
    out += piece.conversion;
    if (piece.variant != 0) out += piece.variant;
  }
  return out;
}

Json row(const Source& source) {
  return Row().text_of("name", source.name).text_of("text", source.text).take();
}

Json row(const SourceRange& range) { return Row().range(range).take(); }

Json row(const ValueType& type) {
  return Row()
      .named("kind", type.kind)
      .with("size", type.size_bytes)
      .with("signed", type.is_signed)
      .elements("elements", type.elements)
      .with("count", type.count)
      .enumerators("enumerators", type.enumerators)
      .with("stack_limit", type.stack_limit)
      .named_unless("stack_mode", type.stack_mode, StackMode::bpftrace)
      .with("hist_bits", type.hist_bits)
      .with("lhist_min", type.lhist_min)
      .with("lhist_max", type.lhist_max)
      .with("lhist_step", type.lhist_step)
      .with("series_interval_ns", type.series_interval_ns)
      .with("series_points", type.series_points)
      .named_unless("reduction", type.reduction, Reduction::last)
      .take();
}

Json row(const MapDesc& map) {
  return Row()
      .text_of("name", map.name)
      .text_of("elf_name", map.elf_name)
      .named("storage", map.storage)
      .with("key", map.key, no_type)
      .with("value", map.value, no_type)
      .with("max_entries", map.max_entries)
      .with("made_early", map.made_early, false)
      .text_of("swap_name", map.swap_name)
      .take();
}

Json row(const StackMap& map) {
  return Row()
      .text_of("elf_name", map.elf_name)
      .text_of("more_name", map.more_name)
      .with("limit", map.limit)
      .with("build_ids", map.build_ids)
      .take();
}

Json row(const PlaceDesc& place) {
  return Row()
      .text_of("name", place.name)
      .text_of("target", place.target)
      .text_of("function", place.function)
      .with("value", place.value)
      .with("detail", place.detail)
      .take();
}

template <typename Item>
Json rows(const std::vector<Item>& items);

Json row(const ProbeDesc& probe) {
  return Row()
      .text_of("name", probe.name)
      .text_of("program", probe.program)
      .named("attach", probe.attach)
      .rows("places", rows(probe.places))
      .with("served", probe.served)
      .range(probe.range)
      .take();
}

Json row(const EventDesc& event) {
  const EventDesc usual;
  return Row()
      .named("action", event.action)
      .text_of("format", format_text(event.format))
      .places("fields", event.fields)
      .with("map", event.map, usual.map)
      .with("top", event.top, usual.top)
      .with("divisor", event.divisor, usual.divisor)
      .named_unless("taking", event.taking, usual.taking)
      .with("is_last", event.is_last)
      .range(event.range)
      .take();
}

Json row(const FailureSite& site) {
  return Row().named("failure", site.failure).range(site.range).take();
}

template <typename Item>
Json rows(const std::vector<Item>& items) {
  Json list = Json::array();
  for (const Item& item : items) list.push_back(row(item));
  return list;
}

}  // namespace

std::string write_tables(const Image& image) {
  const Image usual;
  return Row()
      .with("version", tables_version)
      .rows("sources", rows(image.sources))
      .rows("expansions", rows(image.expansions))
      .rows("types", rows(image.types))
      .rows("maps", rows(image.maps))
      .rows("stack_maps", rows(image.stack_maps))
      .rows("probes", rows(image.probes))
      .rows("events", rows(image.events))
      .rows("failures", rows(image.failures))
      .texts("texts", image.texts)
      .texts("kernel_symbols", image.kernel_symbols)
      .texts("packet_files", image.packet_files)
      .with("ring_bytes", image.ring_bytes, usual.ring_bytes)
      .with("print_maps_on_exit", image.print_maps_on_exit, usual.print_maps_on_exit)
      .with("demangle", image.demangle, usual.demangle)
      .with("show_source_lines", image.show_source_lines, usual.show_source_lines)
      .with("unwinds", image.unwinds, usual.unwinds)
      .text_of("truncation_trailer", image.truncation_trailer, usual.truncation_trailer)
      .with("most_cat_bytes", image.most_cat_bytes, usual.most_cat_bytes)
      .with("attach_failures_are_errors", image.attach_failures_are_errors,
            usual.attach_failures_are_errors)
      .with("warn_of_attach_failures", image.warn_of_attach_failures, usual.warn_of_attach_failures)
      .with("log_bytes", image.log_bytes, usual.log_bytes)
      .take()
      .dump();
}

}  // namespace sonde::image
