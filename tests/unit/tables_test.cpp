// SPDX-License-Identifier: Apache-2.0
// The tables of an image: written, read, and refused when they are broken.
#include <elf.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "image/image.h"
#include "image/layout.h"

namespace sonde::image {
namespace {

using Json = nlohmann::json;

// One row of everything, with a script that is no UTF-8.
Image full_image() {
  Image image;
  image.sources = {{"stdin", "begin { printf(\"\xff\xc3\xa9 %d\", 1) }\n"}};
  image.expansions = {{0, 8, 10}, {0, 8, 12, 1}};
  image.types = {{.kind = ValueKind::integer, .size_bytes = 4, .is_signed = true},
                 {.kind = ValueKind::string, .size_bytes = 16},
                 {.kind = ValueKind::tuple, .size_bytes = 20, .elements = {{0, 0}, {1, 4}}},
                 {.kind = ValueKind::kstack, .size_bytes = 8, .stack_limit = 127},
                 {.kind = ValueKind::hist, .hist_bits = 5},
                 {.kind = ValueKind::lhist, .lhist_min = 1, .lhist_max = 100, .lhist_step = 9},
                 {.kind = ValueKind::usym, .size_bytes = 16},
                 {.kind = ValueKind::inet, .size_bytes = 24},
                 {.kind = ValueKind::mac, .size_bytes = 6},
                 {.kind = ValueKind::username, .size_bytes = 8},
                 {.kind = ValueKind::timestamp, .size_bytes = 16},
                 {.kind = ValueKind::cgroup_path, .size_bytes = 16},
                 {.kind = ValueKind::ustack,
                  .size_bytes = 8,
                  .stack_limit = 3,
                  .stack_mode = StackMode::build_id},
                 {.kind = ValueKind::tseries,
                  .series_interval_ns = 1'000'000'000,
                  .series_points = 2047,
                  .reduction = Reduction::sum}};
  image.maps = {{"@", "AT_", MapStorage::scalar, no_type, 0, 1},
                {"@x", "AT_x", MapStorage::per_cpu_hash, 2, 4, 4096}};
  image.stack_maps = {{"sonde_stack127", "sonde_more127", 127},
                      {"sonde_stack_ids3", "sonde_more_ids3", 3, true}};
  image.texts = {"%H:%M", "uni*", ""};
  image.kernel_symbols = {"do_exit", "jiffies_64"};
  image.probes = {{.name = "kprobe:vfs_*",
                   .program = "probe_0",
                   .attach = AttachKind::kprobe,
                   .places = {{"kprobe:vfs_read", "", "vfs_read", 16}, {"kprobe:vfs_open"}},
                   .served = 7,
                   .range = {0, 0, 5}},
                  {"end", "probe_1", AttachKind::run_at_end, {{}}}};
  image.events = {{.action = Action::print_formatted,
                   .format = parse_format("\xff\xc3\xa9 %-08.3lx%%%rh%5s\0x"),
                   .fields = {{0, 4}, {1, 8}, {2, 24}},
                   .range = {0, 8, 20, 2}},
                  {.action = Action::print_map, .map = 1, .top = 5, .divisor = UINT64_MAX},
                  {.action = Action::exit, .fields = {{0, 4}}},
                  {.action = Action::print_time, .format = {{.literal = "%H:%M"}}}};
  image.failures = {{Failure::map_full, {0, 1, 2}}, {Failure::event_lost, {}}};
  image.ring_bytes = 1 << 20;
  image.print_maps_on_exit = false;
  image.truncation_trailer = "\xe2\x80\xa6";
  image.attach_failures_are_errors = false;
  image.warn_of_attach_failures = false;
  image.log_bytes = 12345;
  return image;
}

void expect_equal(const SourceRange& a, const SourceRange& b) {
  EXPECT_EQ(a.file, b.file);
  EXPECT_EQ(a.begin, b.begin);
  EXPECT_EQ(a.end, b.end);
  EXPECT_EQ(a.expansion, b.expansion);
}

TEST(Tables, RoundTrip) {
  const Image image = full_image();
  const std::string tables = write_tables(image);
  const Result<Image> read = read_tables(tables);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(write_tables(*read), tables);
  EXPECT_EQ(read->sources[0].text, image.sources[0].text);
  EXPECT_EQ(read->types.size(), image.types.size());
  EXPECT_EQ(read->types[2].elements[1].offset_bytes, 4U);
  EXPECT_EQ(read->types[5].lhist_step, 9U);
  EXPECT_EQ(read->types.back().series_interval_ns, 1'000'000'000U);
  EXPECT_EQ(read->types.back().series_points, 2047U);
  EXPECT_EQ(read->types.back().reduction, Reduction::sum);
  EXPECT_EQ(read->maps[0].key, no_type);
  EXPECT_EQ(read->maps[1].storage, MapStorage::per_cpu_hash);
  EXPECT_EQ(read->stack_maps[0].limit, 127U);
  EXPECT_EQ(read->probes[0].attach, AttachKind::kprobe);
  EXPECT_EQ(read->probes[0].places, image.probes[0].places);
  EXPECT_EQ(read->probes[0].served, 7U);
  expect_equal(read->probes[0].range, image.probes[0].range);
  expect_equal(read->probes[1].range, {});
  expect_equal(read->events[0].range, image.events[0].range);
  expect_equal(read->expansions[1], image.expansions[1]);
  EXPECT_EQ(read->events[1].divisor, UINT64_MAX);
  EXPECT_EQ(read->failures[0].failure, Failure::map_full);
  EXPECT_EQ(read->truncation_trailer, "\xe2\x80\xa6");
  EXPECT_FALSE(read->print_maps_on_exit || read->attach_failures_are_errors ||
               read->warn_of_attach_failures);
  EXPECT_EQ(read->log_bytes, 12345U);
}

TEST(Tables, FormatsStayTheSame) {
  const Image image = full_image();
  const auto& written = image.events[0].format;
  const Result<Image> read = read_tables(write_tables(image));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->events[0].format.size(), written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    const FormatPiece& a = read->events[0].format[i];
    const FormatPiece& b = written[i];
    EXPECT_EQ(a.literal, b.literal);
    EXPECT_EQ(a.conversion, b.conversion);
    EXPECT_EQ(a.variant, b.variant);
    EXPECT_EQ(std::tie(a.left, a.plus, a.blank, a.alternate, a.zero),
              std::tie(b.left, b.plus, b.blank, b.alternate, b.zero));
    EXPECT_EQ(a.width, b.width);
    EXPECT_EQ(a.precision, b.precision);
    EXPECT_EQ(a.length, b.length);
  }
}

TEST(Tables, EmptyImage) {
  const Result<Image> read = read_tables(write_tables({}));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->truncation_trailer, "..");
  EXPECT_TRUE(read->print_maps_on_exit);
}

TEST(Tables, RowsHaveNames) {
  const Json json = Json::parse(write_tables(full_image()));
  EXPECT_EQ(json["probes"][0]["attach"], "kprobe");
  EXPECT_EQ(json["events"][1]["action"], "print_map");
  EXPECT_EQ(json["types"][4]["kind"], "hist");
  EXPECT_EQ(json["maps"][1]["storage"], "per_cpu_hash");
  EXPECT_EQ(json["failures"][0]["failure"], "map_full");
}

// --- broken tables --------------------------------------------------------------------------

Result<Image> read_changed(const char* pointer, const Json& value) {
  Json json = Json::parse(write_tables(full_image()));
  json[Json::json_pointer(pointer)] = value;
  return read_tables(json.dump());
}

TEST(BrokenTables, FieldsOfTheWrongKind) {
  const std::pair<const char*, Json> changes[] = {{"/version", 1},
                                                  {"/sources", 5},
                                                  {"/sources/0", "x"},
                                                  {"/sources/0/name", 7},
                                                  {"/sources/0/text", {{"bytes", "\u0100"}}},
                                                  {"/sources/0/text", {{"bytes", 1}}},
                                                  {"/types/0/kind", "integers"},
                                                  {"/types/0/kind", 3},
                                                  {"/types/0/size", -4},
                                                  {"/types/0/size", 4.5},
                                                  {"/types/0/size", 1ULL << 32},
                                                  {"/types/0/signed", 1},
                                                  {"/types/2/elements/0", {1}},
                                                  {"/types/2/elements", {{"a", 1}}},
                                                  {"/maps/1/storage", "tree"},
                                                  {"/probes/0/attach", "kprobes"},
                                                  {"/probes/0/range", {0, 1}},
                                                  {"/probes/0/range", {70000, 0, 0}},
                                                  {"/probes/0/range", {0, 0, 0, -1}},
                                                  {"/events/0/action", nullptr},
                                                  {"/events/0/fields", "none"},
                                                  {"/failures/0/failure", ""},
                                                  {"/ring_bytes", "many"},
                                                  {"/print_maps_on_exit", "yes"}};
  for (const auto& [pointer, value] : changes) {
    const Result<Image> read = read_changed(pointer, value);
    ASSERT_FALSE(read) << pointer << ' ' << value;
    EXPECT_FALSE(read.error().message.empty());
  }
}

TEST(BrokenTables, RowsThatDoNotFitEachOther) {
  const std::pair<const char*, Json> changes[] = {
      {"/types/0/size", 3},                      // no such integer
      {"/types/3/size", 4},                      // a stack id has 8 bytes
      {"/types/2/elements/0", {2, 0}},           // a tuple that holds itself
      {"/types/2/elements/1", {1, 5}},           // ends behind the tuple
      {"/types/2/elements/1", {1, UINT32_MAX}},  //
      {"/types/4/hist_bits", 6},                 //
      {"/types/5/lhist_step", 0},                //
      {"/types/5/lhist_max", UINT64_MAX},        // too many buckets
      {"/types/5/lhist_max", 0},                 // below min
      {"/maps/0/value", 99},                     // no such type
      {"/maps/0/key", 0},                        // a scalar with a key
      {"/maps/1/key", 99},                       //
      {"/probes/0/range", {0, 5, 4}},            // ends before it begins
      {"/probes/0/range", {1, 0, 0}},            // no such source
      {"/failures/0/range", {0, 0, 9999}},       // behind the source
      {"/failures/0/range", {0, 0, 4, 9}},       // no such expansion
      {"/expansions/0/range", {0, 0, 4, 1}},     // comes from itself
      {"/events/0/format", "%d"},                // three fields
      {"/events/0/fields/0", {99, 0}},           //
      {"/events/1/map", 2},                      //
      {"/events/1/divisor", 0},                  //
      {"/events/1/taking", "entries"},           // of a map that cannot be emptied
      {"/events/2/fields", Json::array()},       // exit without status
      {"/events/3/fields", {{0, 4}}}};           // a time has none
  for (const auto& [pointer, value] : changes) {
    const Result<Image> read = read_changed(pointer, value);
    ASSERT_FALSE(read) << pointer << ' ' << value;
    EXPECT_NE(read.error().message.find("does not fit"), std::string::npos) << pointer;
  }
}

TEST(BrokenTables, MissingTables) {
  for (const char* key : {"version", "types", "events"}) {
    Json json = Json::parse(write_tables(full_image()));
    json.erase(key);
    EXPECT_FALSE(read_tables(json.dump())) << key;
  }
}

TEST(BrokenTables, NotJson) {
  for (const char* text : {"", "{", "null", "[]", "5", "{\"version\":1}", "\xff\xfe"})
    EXPECT_FALSE(read_tables(text)) << text;
  EXPECT_FALSE(read_tables(std::string(100000, '[')));
}

TEST(BrokenTables, CutAnywhere) {
  const std::string tables = write_tables(full_image());
  for (std::size_t size = 0; size < tables.size(); ++size)
    EXPECT_FALSE(read_tables(std::string_view(tables).substr(0, size))) << size;
}

// Bytes changed one by one: an error or an image, but nothing worse.
TEST(BrokenTables, ChangedAnywhere) {
  const std::string tables = write_tables(full_image());
  for (std::size_t at = 0; at < tables.size(); ++at) {
    for (const char c : {'0', '9', '"', '{', ']', '\0', '\xff'}) {
      std::string changed = tables;
      changed[at] = c;
      if (const Result<Image> read = read_tables(changed)) write_tables(*read);
    }
  }
}

// --- the ELF object -------------------------------------------------------------------------

// An object with two sections: the given one and the names.
std::string make_object(std::string_view section, std::string_view content) {
  const std::string names = '\0' + std::string(section) + '\0' + ".shstrtab" + '\0';
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine = EM_BPF;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof header;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 3;
  header.e_shstrndx = 2;
  std::string file(sizeof header, '\0');
  Elf64_Shdr sections[3] = {};
  sections[1] = {.sh_name = 1,
                 .sh_type = SHT_PROGBITS,
                 .sh_offset = file.size(),
                 .sh_size = content.size(),
                 .sh_addralign = 1};
  file += content;
  sections[2] = {.sh_name = static_cast<Elf64_Word>(section.size() + 2),
                 .sh_type = SHT_STRTAB,
                 .sh_offset = file.size(),
                 .sh_size = names.size(),
                 .sh_addralign = 1};
  file += names;
  file.resize((file.size() + 7) / 8 * 8);
  header.e_shoff = file.size();
  file.append(reinterpret_cast<const char*>(sections), sizeof sections);
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

TEST(ReadImage, FindsItsSection) {
  const std::string tables = write_tables(full_image());
  const Result<Image> image = read_image(make_object(".sonde", tables));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(write_tables(*image), tables);
}

TEST(ReadImage, OtherObjects) {
  const Result<Image> image = read_image(make_object(".other", "{}"));
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message.find("no section `.sonde`"), std::string::npos);
  EXPECT_FALSE(read_image(make_object(".sonde", "")));
  EXPECT_FALSE(read_image(make_object(".sonde", "not json")));
}

TEST(ReadImage, NotElf) {
  EXPECT_FALSE(read_image(""));
  EXPECT_FALSE(
      read_image("\x7f"
                 "ELF"));
  EXPECT_FALSE(read_image("#!/bin/sh\n"));
  EXPECT_FALSE(read_image("!<arch>\n"));
}

TEST(ReadImage, CutAnywhere) {
  const std::string object = make_object(".sonde", write_tables(full_image()));
  for (std::size_t size = 0; size < object.size(); ++size)
    EXPECT_FALSE(read_image(object.substr(0, size))) << size;
}

TEST(ReadImage, ChangedHeaders) {
  const std::string object = make_object(".sonde", write_tables({}));
  for (std::size_t at = 0; at < object.size(); ++at) {
    for (const char c : {'\0', '\1', '\x7f', '\xff'}) {
      std::string changed = object;
      changed[at] = c;
      if (const Result<Image> image = read_image(changed)) write_tables(*image);
    }
  }
}

}  // namespace
}  // namespace sonde::image
