// SPDX-License-Identifier: Apache-2.0
// Values and maps as JSON, byte for byte.
#include "output/json.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "image/layout.h"
#include "plain_resolver.h"

namespace sonde::output {
namespace {

using image::ValueKind;
using image::ValueType;
using Bytes = std::vector<std::byte>;

template <typename Number>
Bytes bytes(std::initializer_list<Number> numbers) {
  Bytes out(numbers.size() * sizeof(Number));
  std::memcpy(out.data(), std::data(numbers), out.size());
  return out;
}
Bytes i64(std::initializer_list<std::int64_t> numbers) { return bytes(numbers); }
Bytes text(std::string_view value, std::size_t size) {
  Bytes out(size);
  std::memcpy(out.data(), value.data(), value.size());
  return out;
}

const ValueType int64 = {.kind = ValueKind::integer, .size_bytes = 8, .is_signed = true};
const ValueType uint64 = {.kind = ValueKind::integer, .size_bytes = 8};
const ValueType int8 = {.kind = ValueKind::integer, .size_bytes = 1, .is_signed = true};
const ValueType string8 = {.kind = ValueKind::string, .size_bytes = 8};

// The value printed is of type 0; more types may stand behind it, as in tuples.
class Json : public testing::Test {
 protected:
  std::string value(std::vector<ValueType> types, const Bytes& data) {
    image_.types = std::move(types);
    std::string out;
    append_json_value(out, {image_, resolver_}, 0, data.data());
    return out;
  }
  // The map @m; its key is type 0, its value type 1.
  std::string map(ValueType key, ValueType value, std::vector<MapEntry> entries, MapCut cut = {}) {
    image_.types = {std::move(key), std::move(value)};
    image::MapDesc map{.name = "@m", .storage = image::MapStorage::hash, .key = 0, .value = 1};
    if (entries.empty() || entries[0].key.empty()) map.key = image::no_type;
    std::string out;
    append_json_map(out, {image_, resolver_}, map, entries, cut);
    return out;
  }

  image::Image image_;
  PlainResolver resolver_;
};

std::string quoted(std::string_view text) {
  std::string out = "before ";
  append_json_string(out, text);
  return out.substr(7);
}

std::string number(std::uint64_t value, bool is_signed = false) {
  std::string out;
  append_json_integer(out, value, is_signed);
  return out;
}

TEST_F(Json, StringsAreEscaped) {
  EXPECT_EQ(quoted(""), R"("")");
  EXPECT_EQ(quoted("a b/c"), R"("a b/c")");
  EXPECT_EQ(quoted("\"\\\n\r\t"), R"("\"\\\n\r\t")");
  EXPECT_EQ(quoted(std::string_view("\0\x01\x08\x1b\x1f\x7f", 6)),
            "\"\\u0000\\u0001\\u0008\\u001b\\u001f\x7f\"");
}

TEST_F(Json, BytesThatAreNoAsciiStayAsTheyAre) { EXPECT_EQ(quoted("\x80ü\xff"), "\"\x80ü\xff\""); }

// 2^53 + 1 is the first that a double cannot hold.
TEST_F(Json, NumbersThatADoubleCannotHoldAreStrings) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(9007199254740992), "9007199254740992");
  EXPECT_EQ(number(9007199254740993), "\"9007199254740993\"");
  EXPECT_EQ(number(9007199254740994), "9007199254740994");
  EXPECT_EQ(number(std::uint64_t{1} << 63), "9223372036854775808");
  EXPECT_EQ(number(UINT64_MAX), "\"18446744073709551615\"");
  EXPECT_EQ(number(UINT64_MAX, true), "-1");
  EXPECT_EQ(number(static_cast<std::uint64_t>(INT64_MIN), true), "-9223372036854775808");
  EXPECT_EQ(number(static_cast<std::uint64_t>(INT64_MAX), true), "\"9223372036854775807\"");
  EXPECT_EQ(number(0 - std::uint64_t{9007199254740993}, true), "\"-9007199254740993\"");
}

// What the rule says, asked of doubles.
TEST_F(Json, NumbersAreWhatDoublesGiveBack) {
  std::uint64_t value = 1;
  for (int i = 0; i < 10000; ++i) {
    value = value * 6364136223846793005 + 1442695040888963407;
    const std::uint64_t some = value >> (i % 64);
    const auto real = static_cast<double>(some);
    const bool survives = real < 18446744073709551616.0 && static_cast<std::uint64_t>(real) == some;
    EXPECT_EQ(number(some), survives ? std::to_string(some) : "\"" + std::to_string(some) + "\"");
  }
}

TEST_F(Json, Words) {
  EXPECT_EQ(value({int64}, i64({-5})), "-5");
  EXPECT_EQ(value({{.kind = ValueKind::boolean, .size_bytes = 1}}, {std::byte{1}}), "true");
  EXPECT_EQ(value({{.kind = ValueKind::pointer, .size_bytes = 8}}, i64({0x3a})), "58");
  EXPECT_EQ(value({{.kind = ValueKind::pointer, .size_bytes = 8}}, i64({-1})),
            "\"18446744073709551615\"");
  EXPECT_EQ(value({{.kind = ValueKind::none}}, {}), "null");
}

TEST_F(Json, EnumeratorsAreNumbers) {
  ValueType type = uint64;
  type.enumerators = {{1, "ONE"}};
  EXPECT_EQ(value({type}, i64({1})), "1");
  EXPECT_EQ(map({}, type, {{{}, i64({1})}}), "{\"type\": \"map\", \"data\": {\"@m\": 1}}\n");
}

TEST_F(Json, WhatIsTextIsAString) {
  EXPECT_EQ(value({string8}, text("a\"b", 8)), R"("a\"b")");
  EXPECT_EQ(value({string8}, text("abcdefgh", 8)), R"("abcdefgh..")");
  EXPECT_EQ(value({{.kind = ValueKind::ksym, .size_bytes = 8}}, i64({1})), R"("ksym")");
  EXPECT_EQ(value({{.kind = ValueKind::username, .size_bytes = 8}}, i64({7})), R"("user7")");
  EXPECT_EQ(value({{.kind = ValueKind::mac, .size_bytes = 6}}, text("\x05\x04\x03\x02\x01\x02", 6)),
            R"("05:04:03:02:01:02")");
}

TEST_F(Json, StacksKeepTheirLines) {
  EXPECT_EQ(value({{.kind = ValueKind::kstack, .size_bytes = 8}}, i64({1})), R"("\nframe\n")");
}

TEST_F(Json, BuffersAreSignedBytes) {
  Bytes data = bytes<std::uint32_t>({2, 0});
  data[4] = std::byte{'a'};
  data[5] = std::byte{0xff};
  EXPECT_EQ(value({{.kind = ValueKind::buffer, .size_bytes = 8}}, data), "[97,-1]");
  EXPECT_EQ(value({{.kind = ValueKind::buffer, .size_bytes = 8}}, Bytes(8)), "[]");
}

TEST_F(Json, ArraysAndTuplesAreArrays) {
  const ValueType array = {
      .kind = ValueKind::array, .size_bytes = 2, .elements = {{2, 0}}, .count = 2};
  const ValueType tuple = {
      .kind = ValueKind::tuple, .size_bytes = 16, .elements = {{3, 0}, {1, 8}}};
  Bytes data = text("q", 16);
  data[8] = std::byte{1};
  data[9] = std::byte{0xfe};
  EXPECT_EQ(value({tuple, array, int8, string8}, data), R"(["q",[1,-2]])");
  EXPECT_EQ(value({{.kind = ValueKind::tuple}}, {}), "[]");
  const ValueType nested = {
      .kind = ValueKind::tuple, .size_bytes = 0, .elements = {{1, 0}, {1, 0}}};
  EXPECT_EQ(value({nested, {.kind = ValueKind::tuple}}, Bytes(1)), "[[],[]]");
}

TEST_F(Json, RecordsAreObjects) {
  const ValueType record = {.kind = ValueKind::record,
                            .size_bytes = 8,
                            .elements = {{1, 0, "a"}, {1, 0, "low", 0, 3}, {2, 0, "odd"}}};
  EXPECT_EQ(value({record, int8, {.kind = ValueKind::none}}, i64({14})),
            R"({"a": 14, "low": -2, "odd": null})");
  EXPECT_EQ(value({{.kind = ValueKind::record}}, {}), "{}");
}

// --- maps ------------------------------------------------------------------------------------

TEST_F(Json, MapsWithoutEntriesAreNotPrinted) {
  EXPECT_EQ(map({}, int64, {}, {.show_empty_scalar = true}), "");
}

TEST_F(Json, ScalarAndKeyedMaps) {
  EXPECT_EQ(map({}, int64, {{{}, i64({4})}}), "{\"type\": \"map\", \"data\": {\"@m\": 4}}\n");
  EXPECT_EQ(map(string8, int64, {{text("b", 8), i64({9})}, {text("a b", 8), i64({4})}}),
            "{\"type\": \"map\", \"data\": {\"@m\": {\"ab\": 4, \"b\": 9}}}\n");
  EXPECT_EQ(map(string8, int64, {{text("b", 8), i64({9})}, {text("a", 8), i64({4})}},
                {.top = 1, .divisor = 2}),
            "{\"type\": \"map\", \"data\": {\"@m\": {\"b\": 4}}}\n");
}

TEST_F(Json, AveragesAndStatsHaveATypeOfTheirOwn) {
  const ValueType avg = {.kind = ValueKind::avg, .size_bytes = 8, .is_signed = true};
  EXPECT_EQ(map({}, avg, {{{}, i64({-7, 2})}}), "{\"type\": \"stats\", \"data\": {\"@m\": -3}}\n");
  const ValueType stats = {.kind = ValueKind::stats, .size_bytes = 8, .is_signed = true};
  EXPECT_EQ(map({}, stats, {{{}, i64({12, 2})}}),
            "{\"type\": \"stats\", \"data\": {\"@m\": {\"count\": 2, \"average\": 6, "
            "\"total\": 12}}}\n");
}

TEST_F(Json, HistogramsHaveInclusiveBounds) {
  const ValueType hist = {.kind = ValueKind::hist, .size_bytes = 8};
  Bytes counts(image::stored_size(hist));
  const auto count = [&](std::size_t bucket) { counts[8 * bucket] = std::byte{1}; };
  EXPECT_EQ(map({}, hist, {{{}, counts}}), "{\"type\": \"hist\", \"data\": {\"@m\": []}}\n");
  count(0), count(1), count(4);
  EXPECT_EQ(map({}, hist, {{{}, counts}}),
            "{\"type\": \"hist\", \"data\": {\"@m\": [{\"max\": -1, \"count\": 1},"
            "{\"min\": 0, \"max\": 0, \"count\": 1},{\"min\": 1, \"max\": 1, \"count\": 0},"
            "{\"min\": 2, \"max\": 3, \"count\": 0},{\"min\": 4, \"max\": 7, \"count\": 1}]}}\n");
  counts = Bytes(image::stored_size(hist));
  count(65);
  EXPECT_EQ(map({}, hist, {{{}, counts}}),
            "{\"type\": \"hist\", \"data\": {\"@m\": [{\"min\": 9223372036854775808, "
            "\"max\": \"18446744073709551615\", \"count\": 1}]}}\n");
}

TEST_F(Json, LinearHistogramsAreOpenAtTheirEnds) {
  const ValueType lhist = {
      .kind = ValueKind::lhist, .size_bytes = 8, .lhist_max = 20, .lhist_step = 10};
  EXPECT_EQ(map(string8, lhist, {{text("k", 8), i64({2, 0, 1, 1})}}),
            "{\"type\": \"hist\", \"data\": {\"@m\": {\"k\": [{\"max\": -1, \"count\": 2},"
            "{\"min\": 0, \"max\": 9, \"count\": 0},{\"min\": 10, \"max\": 19, \"count\": 1},"
            "{\"min\": 20, \"count\": 1}]}}}\n");
}

TEST_F(Json, SeriesLeaveOutWhatHasNoValue) {
  const ValueType series = {.kind = ValueKind::tseries,
                            .size_bytes = 8,
                            .is_signed = true,
                            .series_interval_ns = 10,
                            .series_points = 3};
  EXPECT_EQ(map({}, series, {{{}, i64({0, 0, 45, -7, 29, 8})}}),
            "{\"type\": \"tseries\", \"data\": {\"@m\": ["
            "{\"interval_start\":\"%Y-%m-%d %H:%M:%S.%k(2: 20)\",\"value\":8},"
            "{\"interval_start\":\"%Y-%m-%d %H:%M:%S.%k(2: 40)\",\"value\":-7}]}}\n");
  EXPECT_EQ(map({}, series, {{{}, i64({0, 0, 0, 0, 0, 0})}}),
            "{\"type\": \"tseries\", \"data\": {\"@m\": []}}\n");
}

}  // namespace
}  // namespace sonde::output
