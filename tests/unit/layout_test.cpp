// SPDX-License-Identifier: Apache-2.0
#include "image/layout.h"

#include <gtest/gtest.h>

namespace sonde::image {
namespace {

ValueType type_of(ValueKind kind, std::uint32_t size) { return {.kind = kind, .size_bytes = size}; }

// The bucket of a value, as the reference of the language defines it.
std::uint64_t hist_bucket(std::uint64_t value, std::uint32_t bits) {
  if (value < std::uint64_t{1} << bits) return value + 1;
  const auto l = static_cast<std::uint64_t>(63 - __builtin_clzll(value)) - bits;
  return ((l + 1) << bits) + ((value >> l) & ((1U << bits) - 1)) + 1;
}

TEST(Layout, NumbersTakeEightBytesInMaps) {
  EXPECT_EQ(stored_size(type_of(ValueKind::integer, 1)), 8U);
  EXPECT_EQ(stored_size(type_of(ValueKind::boolean, 1)), 8U);
  EXPECT_EQ(stored_size(type_of(ValueKind::pointer, 8)), 8U);
  EXPECT_EQ(stored_size(type_of(ValueKind::string, 13)), 13U);
  EXPECT_EQ(stored_size(type_of(ValueKind::tuple, 24)), 24U);
}

TEST(Layout, AggregationsTakeTheirState) {
  EXPECT_EQ(stored_size(type_of(ValueKind::count, 8)), 8U);
  EXPECT_EQ(stored_size(type_of(ValueKind::sum, 8)), 8U);
  EXPECT_EQ(stored_size(type_of(ValueKind::min, 8)), 16U);
  EXPECT_EQ(stored_size(type_of(ValueKind::stats, 8)), 16U);
  EXPECT_TRUE(is_aggregation(ValueKind::lhist));
  EXPECT_FALSE(is_aggregation(ValueKind::usym));
}

TEST(Layout, HistHasABucketForEveryValue) {
  for (std::uint32_t bits = 0; bits <= 5; ++bits)
    EXPECT_EQ(hist_bucket(UINT64_MAX, bits) + 1, hist_bucket_count(bits)) << bits;
  EXPECT_EQ(hist_bucket_count(0), 66U);
}

TEST(Layout, LhistHasOneBucketPerStepAndTwoMore) {
  EXPECT_EQ(lhist_bucket_count(0, 30, 10), 5U);
  EXPECT_EQ(lhist_bucket_count(0, 25, 10), 4U);  // the rest of the range is in the last one
  EXPECT_EQ(lhist_bucket_count(5, 5, 1), 2U);
  ValueType type = type_of(ValueKind::lhist, 0);
  type.lhist_max = 8192;
  type.lhist_step = 1024;
  EXPECT_EQ(bucket_count(type), 10U);
  EXPECT_EQ(stored_size(type), 80U);
}

TEST(Layout, SeriesFitWhatAMapCanHold) {
  ValueType type = type_of(ValueKind::tseries, 8);
  type.series_points = longest_whole_series(Reduction::last);
  EXPECT_EQ(stored_size(type), 2047U * 16);
  type.reduction = Reduction::avg;
  type.series_points = longest_whole_series(Reduction::avg);
  EXPECT_EQ(stored_size(type), 1365U * 24);
}

TEST(Layout, FieldsAreAlignedNaturally) {
  std::vector<ValueType> types = {type_of(ValueKind::integer, 1), type_of(ValueKind::integer, 4),
                                  type_of(ValueKind::integer, 8), type_of(ValueKind::string, 5),
                                  type_of(ValueKind::usym, 16)};
  types.push_back({.kind = ValueKind::tuple, .size_bytes = 8, .elements = {{0, 0}, {1, 4}}});
  EXPECT_EQ(alignment_of(types[5], types), 4U);
  EXPECT_EQ(alignment_of(type_of(ValueKind::tuple, 0), types), 1U);

  std::vector<EventField> fields = {{0}, {1}, {3}, {0}, {2}, {5}, {4}};
  EXPECT_EQ(lay_out(fields, sizeof(RecordHeader), types), 56U);
  const std::vector<std::uint32_t> expected = {4, 8, 12, 17, 24, 32, 40};
  for (std::size_t i = 0; i < fields.size(); ++i) EXPECT_EQ(fields[i].offset_bytes, expected[i]);
}

}  // namespace
}  // namespace sonde::image
