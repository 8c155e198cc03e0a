// SPDX-License-Identifier: Apache-2.0
// Maps as text: format, order, top, divisor.
#include <gtest/gtest.h>

#include <cstring>

#include "image/layout.h"
#include "output/text.h"
#include "plain_resolver.h"

namespace sonde::output {
namespace {

using image::ValueKind;
using image::ValueType;
using Bytes = std::vector<std::byte>;

class TestResolver : public PlainResolver {
 public:
  void append_stack(std::string& out, const ValueType&, std::uint64_t value) override {
    const bool is_lost = static_cast<std::uint32_t>(value) == image::lost_stack;
    if (!is_lost) out += "        f+" + std::to_string(value) + "\n";
  }
};

template <typename Number>
Bytes bytes(std::initializer_list<Number> numbers) {
  Bytes out(numbers.size() * sizeof(Number));
  if (!out.empty()) std::memcpy(out.data(), std::data(numbers), out.size());
  return out;
}
Bytes i64(std::initializer_list<std::int64_t> numbers) { return bytes(numbers); }
Bytes i32(std::int32_t number) { return bytes({number}); }
Bytes text(std::string_view value, std::size_t size) {
  Bytes out(size);
  std::memcpy(out.data(), value.data(), value.size());
  return out;
}

const ValueType int64 = {.kind = ValueKind::integer, .size_bytes = 8, .is_signed = true};
const ValueType int32 = {.kind = ValueKind::integer, .size_bytes = 4, .is_signed = true};
const ValueType string4 = {.kind = ValueKind::string, .size_bytes = 4};

ValueType aggregation(ValueKind kind, bool is_signed = true) {
  return {.kind = kind, .size_bytes = 8, .is_signed = is_signed};
}

// The map @m; `key` is type 0, `value` type 1, and more types may stand behind them.
class MapText : public testing::Test {
 protected:
  void keyed(ValueType key, ValueType value, std::vector<ValueType> elements = {}) {
    image_.types = {std::move(key), std::move(value)};
    image_.types.insert(image_.types.end(), elements.begin(), elements.end());
    map_ = {.name = "@m", .storage = image::MapStorage::hash, .key = 0, .value = 1};
    entries_.clear();
  }
  void scalar(ValueType value) {
    keyed({}, std::move(value));
    map_.key = image::no_type;
    map_.storage = image::MapStorage::scalar;
  }
  void add(Bytes key, Bytes value) { entries_.push_back({std::move(key), std::move(value)}); }
  std::string print(MapCut cut = {}) {
    std::string out;
    append_map(out, {image_, resolver_}, map_, entries_, cut);
    return out;
  }

  image::Image image_;
  image::MapDesc map_;
  std::vector<MapEntry> entries_;
  TestResolver resolver_;
};

// --- formats ----------------------------------------------------------------------------------

TEST_F(MapText, Scalars) {
  scalar(int64);
  add({}, i64({5}));
  EXPECT_EQ(print(), "@m: 5\n");
  map_.name = "@";
  EXPECT_EQ(print(), "@: 5\n");
  scalar(string4);
  add({}, text("ab", 4));
  EXPECT_EQ(print(), "@m: ab\n");
}

// Whatever the size of their type, numbers take 8 bytes in maps.
TEST_F(MapText, SmallNumbers) {
  scalar({.kind = ValueKind::integer, .size_bytes = 1, .is_signed = true});
  add({}, i64({-3}));
  EXPECT_EQ(print(), "@m: -3\n");
  scalar({.kind = ValueKind::boolean, .size_bytes = 1});
  add({}, i64({1}));
  EXPECT_EQ(print(), "@m: true\n");
}

TEST_F(MapText, StringKeysAreNotQuoted) {
  keyed(string4, int64);
  add(text("x", 4), i64({2}));
  add(text("abcd", 4), i64({3}));
  EXPECT_EQ(print(), "@m[x]: 2\n@m[abcd..]: 3\n");
}

TEST_F(MapText, ParenthesesOfKeysGo) {
  keyed({.kind = ValueKind::tuple, .size_bytes = 8, .elements = {{2, 0}, {3, 4}}}, int64,
        {int32, string4});
  Bytes key = i32(1);
  const Bytes x = text("x", 4);
  key.insert(key.end(), x.begin(), x.end());
  add(key, i64({2}));
  EXPECT_EQ(print(), "@m[1, x]: 2\n");

  keyed({.kind = ValueKind::string, .size_bytes = 8}, int64);
  add(text("(abc)", 8), i64({1}));
  add(text("(", 8), i64({2}));
  EXPECT_EQ(print(), "@m[abc]: 1\n@m[(]: 2\n");
}

TEST_F(MapText, InnerParenthesesStay) {
  keyed({.kind = ValueKind::tuple, .size_bytes = 12, .elements = {{3, 0}, {2, 8}}}, int64,
        {int32, {.kind = ValueKind::tuple, .size_bytes = 8, .elements = {{2, 0}, {2, 4}}}});
  add(bytes<std::int32_t>({1, 2, 3}), i64({4}));
  EXPECT_EQ(print(), "@m[(1, 2), 3]: 4\n");
}

TEST_F(MapText, Stacks) {
  const ValueType kstack = {.kind = ValueKind::kstack, .size_bytes = 8};
  keyed(kstack, aggregation(ValueKind::count, false));
  add(i64({7}), i64({5}));
  add(i64({UINT32_MAX}), i64({9}));
  EXPECT_EQ(print(), "@m[\n        f+7\n]: 5\n@m[\n]: 9\n");
  scalar(kstack);
  add({}, i64({7}));
  EXPECT_EQ(print(), "@m: \n        f+7\n\n");
}

TEST_F(MapText, Aggregations) {
  scalar(aggregation(ValueKind::stats));
  add({}, i64({12, 2}));
  EXPECT_EQ(print(), "@m: { .count = 2, .average = 6, .total = 12 }\n");
  scalar(aggregation(ValueKind::avg));
  add({}, i64({-7, 2}));
  EXPECT_EQ(print(), "@m: -3\n");
  scalar(aggregation(ValueKind::max));
  add({}, i64({-9, 1}));
  EXPECT_EQ(print(), "@m: -9\n");
}

Bytes hist_of(std::size_t bucket, std::uint64_t count) {
  Bytes value(8 * image::hist_bucket_count(0));
  std::memcpy(value.data() + 8 * bucket, &count, sizeof count);
  return value;
}

TEST_F(MapText, Histograms) {
  const std::string bar(52, '@');
  scalar({.kind = ValueKind::hist});
  add({}, hist_of(1, 3));
  EXPECT_EQ(print(), "@m:\n[0]                    3 |" + bar + "|\n\n");
  entries_[0].value = hist_of(1, 0);
  EXPECT_EQ(print(), "@m:\n\n");

  keyed(string4, {.kind = ValueKind::hist});
  add(text("w", 4), hist_of(5, 2));
  add(text("r", 4), hist_of(1, 1));
  EXPECT_EQ(print(), "@m[r]:\n[0]                    1 |" + bar + "|\n\n" +
                         "@m[w]:\n[8, 16)                2 |" + bar + "|\n\n");
  EXPECT_EQ(print({.top = 1}), "@m[w]:\n[8, 16)                2 |" + bar + "|\n\n");
}

// --- empty maps -------------------------------------------------------------------------------

TEST_F(MapText, EmptyMapsPrintNothing) {
  keyed(int64, int64);
  EXPECT_EQ(print(), "");
  EXPECT_EQ(print({.show_empty_scalar = true}), "");
  scalar(int64);
  EXPECT_EQ(print(), "");
}

TEST_F(MapText, EmptyScalarsShowTheirZeroWhenAsked) {
  const MapCut shown = {.show_empty_scalar = true};
  scalar(int64);
  EXPECT_EQ(print(shown), "@m: 0\n");
  scalar(string4);
  EXPECT_EQ(print(shown), "@m: \n");
  scalar(aggregation(ValueKind::stats));
  EXPECT_EQ(print(shown), "@m: { .count = 0, .average = 0, .total = 0 }\n");
  scalar(aggregation(ValueKind::min));
  EXPECT_EQ(print(shown), "@m: 0\n");
  scalar({.kind = ValueKind::kstack, .size_bytes = 8});
  EXPECT_EQ(print(shown), "@m: \n\n");
  scalar({.kind = ValueKind::hist});
  EXPECT_EQ(print(shown), "");
}

// --- order ------------------------------------------------------------------------------------

TEST_F(MapText, IntegersAscendByTheirSign) {
  keyed(int32, int64);
  add(i32(1), i64({5}));
  add(i32(2), i64({-7}));
  add(i32(3), i64({0}));
  EXPECT_EQ(print(), "@m[2]: -7\n@m[3]: 0\n@m[1]: 5\n");
  image_.types[1].is_signed = false;
  EXPECT_EQ(print(), "@m[3]: 0\n@m[1]: 5\n@m[2]: 18446744073709551609\n");
}

TEST_F(MapText, CountsAndSumsAscend) {
  keyed(int32, aggregation(ValueKind::count, false));
  add(i32(1), i64({3}));
  add(i32(2), i64({1}));
  EXPECT_EQ(print(), "@m[2]: 1\n@m[1]: 3\n");
  image_.types[1] = aggregation(ValueKind::sum);
  add(i32(3), i64({-1}));
  EXPECT_EQ(print(), "@m[3]: -1\n@m[2]: 1\n@m[1]: 3\n");
}

TEST_F(MapText, MinAndMaxCompareUnsigned) {
  keyed(int32, aggregation(ValueKind::min));
  add(i32(1), i64({-3, 1}));
  add(i32(2), i64({5, 1}));
  EXPECT_EQ(print(), "@m[2]: 5\n@m[1]: -3\n");
  image_.types[1] = aggregation(ValueKind::max);
  EXPECT_EQ(print(), "@m[2]: 5\n@m[1]: -3\n");
}

TEST_F(MapText, AveragesAscend) {
  keyed(int32, aggregation(ValueKind::avg));
  add(i32(1), i64({100, 10}));  // 10
  add(i32(2), i64({12, 1}));    // 12
  add(i32(3), i64({-30, 2}));   // -15
  EXPECT_EQ(print(), "@m[3]: -15\n@m[1]: 10\n@m[2]: 12\n");
  image_.types[1] = aggregation(ValueKind::stats);
  EXPECT_TRUE(print().starts_with("@m[3]: { .count = 2, .average = -15, .total = -30 }\n@m[1]"));
}

TEST_F(MapText, OtherValuesSortByIntegerKeysAsSigned) {
  keyed({.kind = ValueKind::integer, .size_bytes = 4, .is_signed = false}, string4);
  add(i32(2), text("b", 4));
  add(i32(-1), text("c", 4));
  add(i32(1), text("a", 4));
  EXPECT_EQ(print(), "@m[4294967295]: c\n@m[1]: a\n@m[2]: b\n");
}

TEST_F(MapText, OtherValuesSortByStringKeysBytewise) {
  keyed(string4, string4);
  add(text("b", 4), text("1", 4));
  add(text("\xc3", 4), text("2", 4));
  add(text("ab", 4), text("3", 4));
  add(text("a", 4), text("4", 4));
  EXPECT_EQ(print(), "@m[a]: 4\n@m[ab]: 3\n@m[b]: 1\n@m[\xc3]: 2\n");
}

// The boolean in the middle does not take part.
TEST_F(MapText, OtherValuesSortByTupleKeys) {
  keyed({.kind = ValueKind::tuple, .size_bytes = 12, .elements = {{2, 0}, {3, 4}, {4, 8}}}, string4,
        {int32, {.kind = ValueKind::boolean, .size_bytes = 1}, string4});
  const auto key = [](std::int32_t number, bool flag, std::string_view word) {
    Bytes out = bytes<std::int32_t>({number, flag, 0});
    std::memcpy(out.data() + 8, word.data(), word.size());
    return out;
  };
  add(key(1, false, "b"), text("v", 4));
  add(key(1, true, "a"), text("v", 4));
  add(key(-1, true, "z"), text("v", 4));
  EXPECT_EQ(print(), "@m[-1, true, z]: v\n@m[1, true, a]: v\n@m[1, false, b]: v\n");
}

TEST_F(MapText, OtherKeysAndTiesKeepTheirOrder) {
  keyed({.kind = ValueKind::pointer, .size_bytes = 8}, string4);
  add(i64({9}), text("a", 4));
  add(i64({1}), text("b", 4));
  EXPECT_EQ(print(), "@m[0x9]: a\n@m[0x1]: b\n");
  keyed(int32, int64);
  for (const std::int32_t number : {3, 1, 2}) add(i32(number), i64({0}));
  EXPECT_EQ(print(), "@m[3]: 0\n@m[1]: 0\n@m[2]: 0\n");
}

// --- top and divisor --------------------------------------------------------------------------

TEST_F(MapText, TopPrintsTheGreatest) {
  keyed(string4, int64);
  add(text("a", 4), i64({5}));
  add(text("b", 4), i64({-7}));
  add(text("c", 4), i64({100}));
  EXPECT_EQ(print({.top = 2}), "@m[a]: 5\n@m[c]: 100\n");
  EXPECT_EQ(print({.top = 2, .divisor = 10}), "@m[a]: 0\n@m[c]: 10\n");
  EXPECT_EQ(print({.top = 9}), "@m[b]: -7\n@m[a]: 5\n@m[c]: 100\n");
}

TEST_F(MapText, DivisionTruncatesTowardZero) {
  scalar(int64);
  add({}, i64({-7}));
  EXPECT_EQ(print({.divisor = 2}), "@m: -3\n");
  EXPECT_EQ(print({.divisor = UINT64_MAX}), "@m: 0\n");
  entries_[0].value = i64({INT64_MIN});
  EXPECT_EQ(print({.divisor = 2}), "@m: -4611686018427387904\n");
  image_.types[1].is_signed = false;
  entries_[0].value = i64({-1});
  EXPECT_EQ(print({.divisor = 2}), "@m: 9223372036854775807\n");
}

TEST_F(MapText, DivisionOfAggregations) {
  scalar(aggregation(ValueKind::stats));
  add({}, i64({120, 2}));
  EXPECT_EQ(print({.divisor = 10}), "@m: { .count = 2, .average = 6, .total = 120 }\n");
  scalar(aggregation(ValueKind::avg));
  add({}, i64({120, 2}));
  EXPECT_EQ(print({.divisor = 10}), "@m: 6\n");
  scalar(aggregation(ValueKind::max));
  add({}, i64({-25, 1}));
  EXPECT_EQ(print({.divisor = 10}), "@m: -2\n");
  scalar(string4);
  add({}, text("ab", 4));
  EXPECT_EQ(print({.divisor = 10}), "@m: ab\n");
}

}  // namespace
}  // namespace sonde::output
