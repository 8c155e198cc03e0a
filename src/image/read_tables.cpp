// SPDX-License-Identifier: Apache-2.0
// JSON back to tables; `write_tables` is the other half. Nothing in the text is trusted: every
// field is checked for its type and range, and then the rows against each other.
#include <optional>
#include <utility>

#include "image/check_image.h"
#include "image/image.h"
#include "image/json_tape.h"
#include "image/names.h"

namespace sonde::image {

namespace {

// A row that is being read. The first thing that is wrong is kept in `error`, which all rows of
// an image share; from then on reading goes on with defaults and its result is thrown away.
class Row {
 public:
  Row(JsonValue json, const char* table, std::string& error)
      : json_(json), table_(table), error_(error) {
    if (json.kind() != JsonKind::object) complain("a row");
  }

  template <typename Number>
  void number(const char* key, Number& value) {
    if (const auto found = json_.find(key)) value = to_number<Number>(*found, key);
  }
  void boolean(const char* key, bool& value) {
    const auto found = json_.find(key);
    if (!found) return;
    if (const auto flag = found->boolean())
      value = *flag;
    else
      complain(key);
  }
  template <typename Enum>
  void named(const char* key, Enum& value) {
    const auto found = json_.find(key);
    const auto name = found ? found->text() : std::nullopt;
    const auto known = name ? find_named<Enum>(*name) : std::nullopt;
    if (known)
      value = *known;
    else
      complain(key);
  }
  template <typename Enum>
  void named_if_there(const char* key, Enum& value) {
    if (json_.find(key)) named(key, value);
  }
  void text(const char* key, std::string& value) {
    if (const auto found = json_.find(key)) value = to_text(*found, key);
  }
  void range(SourceRange& range) {
    const auto found = json_.find("range");
    if (!found) return;
    const bool expanded = is_array_of(*found, 4);
    if (!expanded && !is_array_of(*found, 3)) return complain("range");
    const JsonValue file = found->first(), begin = file.next(), end = begin.next();
    if (expanded) range.expansion = to_number<std::uint16_t>(end.next(), "range");
    range.file = to_number<std::uint16_t>(file, "range");
    range.begin = to_number<std::uint32_t>(begin, "range");
    range.end = to_number<std::uint32_t>(end, "range");
  }
  template <typename Place>
  void places(const char* key, std::vector<Place>& places) {
    const auto found = json_.find(key);
    if (!found) return;
    if (found->kind() != JsonKind::array) return complain(key);
    places.reserve(found->size());
    JsonValue pair = found->first();
    for (std::uint32_t i = 0; i < found->size(); ++i, pair = pair.next()) {
      if (!is_array_of(pair, 2)) return complain(key);
      const JsonValue type = pair.first(), offset = type.next();
      places.push_back({to_number<TypeIndex>(type, key), to_number<std::uint32_t>(offset, key)});
    }
  }
  // [type, offset], and in records [type, offset, name], of bit fields also first bit and count.
  void elements(const char* key, std::vector<Element>& elements) {
    each(key, [&](JsonValue json) {
      const std::uint32_t size = json.size();
      if (size != 2 && size != 3 && size != 5) return complain(key);
      Element& element = elements.emplace_back();
      JsonValue at = json.first();
      element.type = to_number<TypeIndex>(at, key);
      at = at.next();
      element.offset_bytes = to_number<std::uint32_t>(at, key);
      if (size == 2) return;
      at = at.next();
      element.name = to_text(at, key);
      if (size == 3) return;
      at = at.next();
      element.bit_offset = to_number<std::uint32_t>(at, key);
      element.bit_size = to_number<std::uint32_t>(at.next(), key);
    });
  }
  void enumerators(const char* key, std::vector<Enumerator>& enumerators) {
    each(key, [&](JsonValue json) {
      if (json.size() != 2) return complain(key);
      const JsonValue value = json.first();
      const auto number = to_number<std::uint64_t>(value, key);
      enumerators.push_back({number, to_text(value.next(), key)});
    });
  }
  void texts(const char* key, std::vector<std::string>& texts) {
    const auto found = json_.find(key);
    if (!found) return;
    if (found->kind() != JsonKind::array) return complain(key);
    JsonValue json = found->size() == 0 ? *found : found->first();
    for (std::uint32_t i = 0; i < found->size(); ++i, json = json.next())
      texts.push_back(to_text(json, key));
  }
  template <typename Item>
  void rows(const char* key, std::vector<Item>& items) {
    const auto found = json_.find(key);
    if (!found || found->kind() != JsonKind::array) return complain(key);
    items.reserve(found->size());
    JsonValue item = found->first();
    for (std::uint32_t i = 0; i < found->size(); ++i, item = item.next())
      read(Row(item, key, error_), items.emplace_back());
  }

 private:
  void complain(const char* what) {
    if (error_.empty()) error_ = std::string("bad `") + what + "` in `" + table_ + "`";
  }

  // Each array in the array that may be under `key`.
  template <typename Visit>
  void each(const char* key, Visit visit) {
    const auto found = json_.find(key);
    if (!found) return;
    if (found->kind() != JsonKind::array) return complain(key);
    JsonValue json = found->size() == 0 ? *found : found->first();
    for (std::uint32_t i = 0; i < found->size(); ++i, json = json.next()) {
      if (json.kind() != JsonKind::array) return complain(key);
      visit(json);
    }
  }

  static bool is_array_of(JsonValue json, std::uint32_t size) {
    return json.kind() == JsonKind::array && json.size() == size;
  }

  template <typename Number>
  Number to_number(JsonValue json, const char* key) {
    const auto number = json.number();
    if (number && std::in_range<Number>(*number)) return static_cast<Number>(*number);
    complain(key);
    return {};
  }

  std::string to_text(JsonValue json, const char* key) {
    if (const auto text = json.text()) return std::string(*text);
    const auto bytes = json.find("bytes");
    const auto points = bytes ? bytes->text() : std::nullopt;
    std::optional<std::string> text = points ? to_bytes(*points) : std::nullopt;
    if (!text) complain(key);
    return std::move(text).value_or("");
  }

  // One byte per code point, nothing when there are larger ones. The parser has checked that
  // this is UTF-8.
  static std::optional<std::string> to_bytes(std::string_view points) {
    std::string text;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto lead = static_cast<unsigned char>(points[i]);
      if (lead > 0xc3) return std::nullopt;  // U+0100 and up
      if (lead < 0x80)
        text += points[i];
      else
        text += static_cast<char>((lead & 0x03) << 6 | (points[++i] & 0x3f));
    }
    return text;
  }

  JsonValue json_;
  const char* table_;
  std::string& error_;
};

void read(Row row, Source& source) {
  row.text("name", source.name);
  row.text("text", source.text);
}

void read(Row row, SourceRange& range) { row.range(range); }

void read(Row row, ValueType& type) {
  row.named("kind", type.kind);
  row.number("size", type.size_bytes);
  row.boolean("signed", type.is_signed);
  row.elements("elements", type.elements);
  row.number("count", type.count);
  row.enumerators("enumerators", type.enumerators);
  row.number("stack_limit", type.stack_limit);
  row.named_if_there("stack_mode", type.stack_mode);
  row.number("hist_bits", type.hist_bits);
  row.number("lhist_min", type.lhist_min);
  row.number("lhist_max", type.lhist_max);
  row.number("lhist_step", type.lhist_step);
  row.number("series_interval_ns", type.series_interval_ns);
  row.number("series_points", type.series_points);
  row.named_if_there("reduction", type.reduction);
}

void read(Row row, MapDesc& map) {
  row.text("name", map.name);
  row.text("elf_name", map.elf_name);
  row.named("storage", map.storage);
  row.number("key", map.key);
  row.number("value", map.value);
  row.number("max_entries", map.max_entries);
  row.boolean("made_early", map.made_early);
  row.text("swap_name", map.swap_name);
}

void read(Row row, StackMap& map) {
  row.text("elf_name", map.elf_name);
  row.text("more_name", map.more_name);
  row.number("limit", map.limit);
  row.boolean("build_ids", map.build_ids);
}

void read(Row row, PlaceDesc& place) {
  row.text("name", place.name);
  row.text("target", place.target);
  row.text("function", place.function);
  row.number("value", place.value);
  row.number("detail", place.detail);
}

void read(Row row, ProbeDesc& probe) {
  row.text("name", probe.name);
  row.text("program", probe.program);
  row.named("attach", probe.attach);
  row.rows("places", probe.places);
  row.number("served", probe.served);
  row.range(probe.range);
}

void read(Row row, EventDesc& event) {
  std::string format;
  row.named("action", event.action);
  row.text("format", format);
  event.format = parse_format(format);
  row.places("fields", event.fields);
  row.number("map", event.map);
  row.number("top", event.top);
  row.number("divisor", event.divisor);
  row.named_if_there("taking", event.taking);
  row.boolean("is_last", event.is_last);
  row.range(event.range);
}

void read(Row row, FailureSite& site) {
  row.named("failure", site.failure);
  row.range(site.range);
}

void read(Row row, Image& image) {
  row.rows("sources", image.sources);
  row.rows("expansions", image.expansions);
  row.rows("types", image.types);
  row.rows("maps", image.maps);
  row.rows("stack_maps", image.stack_maps);
  row.rows("probes", image.probes);
  row.rows("events", image.events);
  row.rows("failures", image.failures);
  row.texts("texts", image.texts);
  row.texts("kernel_symbols", image.kernel_symbols);
  row.texts("packet_files", image.packet_files);
  row.number("ring_bytes", image.ring_bytes);
  row.boolean("print_maps_on_exit", image.print_maps_on_exit);
  row.boolean("demangle", image.demangle);
  row.boolean("show_source_lines", image.show_source_lines);
  row.boolean("unwinds", image.unwinds);
  row.text("truncation_trailer", image.truncation_trailer);
  row.number("most_cat_bytes", image.most_cat_bytes);
  row.boolean("attach_failures_are_errors", image.attach_failures_are_errors);
  row.boolean("warn_of_attach_failures", image.warn_of_attach_failures);
  row.number("log_bytes", image.log_bytes);
}

}  // namespace

Result<Image> read_tables(std::string_view tables) {
  const std::optional<JsonTape> tape = JsonTape::parse(tables);
  if (!tape) return fail("the tables of the image are not JSON");
  std::string error;
  Image image;
  std::uint32_t version = 0;
  Row top(tape->top(), "image", error);
  top.number("version", version);
  if (error.empty() && version != tables_version)
    return fail("the image has tables of version " + std::to_string(version) +
                ", this program reads version " + std::to_string(tables_version));
  read(top, image);
  if (!error.empty()) return fail("broken tables in the image: " + error);
  if (Status fits = check_image(image); !fits)
    return fail("broken tables in the image: " + fits.error().message);
  return image;
}

}  // namespace sonde::image
